import { ClusterError, kubectl } from '../cluster/kubectl';
import { running } from './job';
import type { Wish } from './wish';

/** What distinguishes one restore from another. */
type Aim = Pick<Wish, 'at' | 'only'>;

/** Label of a restore's Jobs: what it restores, so that a second one knows the first. */
const LABEL = 'threewall.dev/restore-at';

/** The label's value, of at most 63 characters. */
const labelFor = ({ at, only }: Aim): string =>
  [at.replaceAll(/[:+]/g, '-').toLowerCase(), ...(only ? [only] : [])].join('_').slice(0, 63);

/** Labels of the Jobs of a restore. */
export const labelsOf = (wish: Aim): Readonly<Record<string, string>> => ({ [LABEL]: labelFor(wish) });

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

/** Two that began at the same time have both seen none: the Jobs of this one go again. @throws ClusterError when there are two */
export async function refuseTwo(namespace: string, id: string): Promise<void> {
  const found = await running(namespace, LABEL);
  const other = found.find(({ name }) => idOf(name) !== id);
  if (!other) return;
  const own = found.filter(({ name }) => idOf(name) === id).map(({ name }) => name);
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
