import { createHash } from 'node:crypto';
import { ClusterError, kubectl } from '../cluster/kubectl';
import type { Labelled } from './change';
import { running } from './job';
import type { Wish } from './wish';

/** What distinguishes one restore from another. */
type Aim = Pick<Wish, 'at' | 'only' | 'from'>;

/** Label of a restore's Jobs: what it restores, so that a second one knows the first. */
const LABEL = 'threewall.dev/restore-at';

/** Characters of a label's value, which begins and ends with a letter or digit. */
const LENGTH = 63;

/** The label's value. One that would be too long, or contain other characters than a label may, ends with a hash. */
function labelFor({ at, only, from }: Aim): string {
  const text = [at.replaceAll(/[:+]/g, '-').toLowerCase(), only, from && `from_${from}`].filter(Boolean).join('_');
  if (text.length <= LENGTH && /^[\w.-]*[a-z0-9]$/i.test(text)) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${text.replaceAll(/[^\w.-]/g, '-').slice(0, LENGTH - 1 - hash.length)}_${hash}`;
}

/** Labels of the Jobs of a restore. */
export const labelsOf = (wish: Aim): Labelled['labels'] => ({ [LABEL]: labelFor(wish) });

const idOf = (job: string): string => job.replace(/^restore-(volumes-|swap-)?/, '');

/**
 * The id of a restore: of the same one that is under way, or a new one.
 * @throws ClusterError when another one is under way
 */
export async function idFor(namespace: string, wish: Aim): Promise<string> {
  const found = await running(namespace, LABEL);
  const [first] = found;
  if (!first) {
    return new Date()
      .toISOString()
      .replaceAll(/[-:]|\.\d+/g, '')
      .toLowerCase();
  }
  const other = found.find(({ name, label }) => label !== labelFor(wish) || idOf(name) !== idOf(first.name));
  if (other) {
    throw new ClusterError(
      `a restore to ${other.label} is under way: go on with it by the same options, or end it: kubectl delete job ${other.name} -n ${namespace}`,
    );
  }
  console.log(`goes on with job ${first.name}`);
  return idOf(first.name);
}

/**
 * Two that began at the same time have both seen none: the Jobs of this one go again. In the same second both have the same id.
 * @param labels of this one
 * @throws ClusterError when there are two
 */
export async function refuseTwo(namespace: string, id: string, labels: Labelled['labels']): Promise<void> {
  const found = await running(namespace, LABEL);
  const isOwn = ({ name, label }: (typeof found)[number]): boolean => idOf(name) === id && label === labels[LABEL];
  const other = found.find((job) => !isOwn(job));
  if (!other) return;
  const own = found.filter(isOwn).map(({ name }) => name);
  if (own.length > 0) await kubectl(['delete', 'job', ...own, '-n', namespace, '--wait=false']);
  throw new ClusterError(
    `job ${other.name}, a restore to ${other.label}, began at the same time; nothing was changed, run the command once more`,
  );
}

/** @throws ClusterError when a restore of volumes is under way that is not this one */
export async function refuseOther(namespace: string, wish: Aim): Promise<void> {
  const found = await running(namespace, LABEL);
  const other = found.find(({ name, label }) => /^restore-(volumes|swap)-/.test(name) && label !== labelFor(wish));
  if (other) {
    throw new ClusterError(`job ${other.name} of a restore to ${other.label} is under way: wait until it is done`);
  }
}
