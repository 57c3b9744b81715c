import { setTimeout as sleep } from 'node:timers/promises';
import { REFUSED } from '../../charts/backup/places';
import { ClusterError, get, kubectl, list, selector } from '../cluster/kubectl';
import { patiently } from '../cluster/patience';
import { jobLabel } from '../cluster/workloads';
import { UsageError } from '../command';
import type { Change, Container, PodSpec, Template } from './change';

/** Milliseconds after which a pod without a node is worth a line. */
const PLACING_MS = 20_000;

interface Job {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly status?: {
    readonly succeeded?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

interface Ended {
  readonly state?: { readonly terminated?: { readonly exitCode: number; readonly message?: string } };
}

interface Pod {
  readonly status?: {
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly initContainerStatuses?: readonly Ended[];
    readonly containerStatuses?: readonly Ended[];
  };
}

/** Starts a Job from a CronJob's template; with `before` it is suspended. */
export async function startJob(namespace: string, cronJob: string, name: string, change: Change = {}): Promise<void> {
  const found = await get<{ spec: { jobTemplate: Template } }>('cronjob', cronJob, namespace);
  if (!found) throw new ClusterError(`${namespace} has no CronJob ${cronJob}; run \`npm run up\` first`);
  const { metadata, spec } = found.spec.jobTemplate;
  const env = Object.entries(change.env ?? {}).map(([key, value]) => ({ name: key, value }));
  const changed = (container: Container): Container => ({ ...container, env: [...(container.env ?? []), ...env] });
  const { containers, initContainers } = spec.template.spec;
  const { pod: other = (same: PodSpec) => same } = change;
  const pod = other({
    ...spec.template.spec,
    containers: containers.filter(({ name }) => name === (change.only ?? name)).map(changed),
    initContainers: initContainers?.map(changed),
  });
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...metadata, name, namespace, labels: { ...metadata.labels, ...change.labels } },
    spec: {
      ...spec,
      suspend: change.before && true,
      backoffLimit: change.retries ?? 0,
      template: { ...spec.template, spec: pod },
    },
  };
  await kubectl(['create', '-f', '-'], { input: JSON.stringify(job) });
}

/** Starts a Job unless it is there; one that has failed begins again. */
export async function ensureJob(namespace: string, cronJob: string, name: string, change: Change = {}): Promise<void> {
  // each try looks first what the one before has reached
  await patiently(async () => {
    const there = await get<Job>('job', name, namespace);
    if (there && !failureOf(there)) return;
    if (there) await kubectl(['delete', 'job', name, '-n', namespace]);
    await startJob(namespace, cronJob, name, change);
  });
  if (!change.before) return;
  await change.before(name);
  const resume = ['--type=merge', '-p', JSON.stringify({ spec: { suspend: false } })];
  await patiently(() => kubectl(['patch', 'job', name, '-n', namespace, ...resume]));
}

const failureOf = ({ status }: Job) =>
  status?.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True');

/** Jobs with a label that have not ended. */
export async function running(namespace: string, label: string): Promise<{ name: string; label: string }[]> {
  const jobs = await patiently(() => list<Job>('jobs', namespace));
  return jobs.flatMap(({ metadata, status }) => {
    const value = metadata.labels?.[label];
    const ended = status?.conditions?.some(
      ({ type, status }) => /Complete|Failed|SuccessCriteriaMet|FailureTarget/.test(type) && status === 'True',
    );
    return value === undefined || ended ? [] : [{ name: metadata.name, label: value }];
  });
}

/** Prints what a Job's containers say until one of them says `ready`. @throws as `until` */
export async function follow(
  namespace: string,
  name: string,
  seconds: number,
  ready: RegExp,
  log: (line: string) => void,
): Promise<void> {
  const printed = new Set<string>();
  const begun = Date.now();
  await until(namespace, name, seconds, async () => {
    if (printed.size === 0 && Date.now() - begun > PLACING_MS) {
      const [line] = await homeless(namespace, name);
      if (line) {
        printed.add(line);
        log(line);
      }
    }
    const text = await logOf(namespace, name, ['--ignore-errors']).catch(() => '');
    for (const line of text.split('\n')) {
      const said = /\[threewall\] (.*)/.exec(line)?.[1] ?? /^\[\d+:\d+.*/.exec(line)?.[0];
      if (said && !printed.has(line)) {
        printed.add(line);
        log(said);
      }
    }
    return ready.test(text);
  });
}

/** Waits until a Job has succeeded. @throws as `until` */
export async function jobDone(namespace: string, name: string, seconds: number): Promise<void> {
  await until(namespace, name, seconds, async (job) => (job.status?.succeeded ?? 0) > 0);
}

/**
 * Waits for `reached`, as long as the Job has not failed, and through minutes in which the API server does not answer.
 * @throws UsageError with the reason when a script refused what was asked for; ClusterError with the last lines of the
 * containers when the Job failed or took too long
 */
export async function until(
  namespace: string,
  name: string,
  seconds: number,
  reached: (job: Job) => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const job = await patiently(() => get<Job>('job', name, namespace));
    if (!job) throw new ClusterError(`job ${name} was deleted meanwhile`);
    const failed = failureOf(job);
    if (failed) {
      const refusal = await refusalOf(namespace, name);
      if (refusal) throw new UsageError(refusal);
      throw new ClusterError(`job ${name} failed: ${failed.message ?? ''}${await lastLines(namespace, name)}`);
    }
    if (await reached(job)) return;
    if (Date.now() > deadline) {
      throw new ClusterError(`job ${name}: not done within ${seconds} s${await lastLines(namespace, name)}`);
    }
    await sleep(1000);
  }
}

const podsOfJob = <T>(namespace: string, name: string): Promise<T[]> =>
  patiently(() => list<T>('pods', namespace, jobLabel(name)));

/** Why pods of a Job are on no node. */
async function homeless(namespace: string, name: string): Promise<string[]> {
  const pods = await podsOfJob<Pod>(namespace, name);
  const conditions = pods.flatMap(({ status }) => status?.conditions ?? []);
  return conditions
    .filter(({ type, status }) => type === 'PodScheduled' && status === 'False')
    .map(({ message = '' }) => `waits for a node that can have its pod: ${message}`);
}

/** Name of the Job's pod, when it has one. */
export async function podOfJob(namespace: string, name: string): Promise<string | undefined> {
  const pods = await podsOfJob<{ metadata: { name: string } }>(namespace, name);
  return pods.at(-1)?.metadata.name;
}

/** Why a script of the Job refused what it was asked for, in its own last line; undefined when none did. */
async function refusalOf(namespace: string, name: string): Promise<string | undefined> {
  const pods = await podsOfJob<Pod>(namespace, name);
  const ends = pods.flatMap(({ status }) => [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
  ]);
  const message = ends.find(({ state }) => state?.terminated?.exitCode === REFUSED)?.state?.terminated?.message;
  return message
    ?.trim()
    .split('\n')
    .at(-1)
    ?.replace(/^.*\[threewall\] /, '');
}

/** What the containers of a Job wrote. */
export const logOf = (namespace: string, name: string, more: readonly string[] = []): Promise<string> =>
  kubectl([
    ...['logs', '-n', namespace, '-l', selector(jobLabel(name))],
    ...['--all-containers', '--tail=-1', ...more],
  ]);

/** What programs say of a full volume, and a kubelet that evicts a pod for what it has written. */
const FULL = /no space left on device|EmptyDir volume "work" exceeds|local (ephemeral )?storage (usage exceeds|limit)/i;
const MORE_ROOM =
  'Its scratch volume is too small: raise `backup.scratchSize`; where no node has so much, name a class of volumes in `backup.scratchStorageClassName`';

/** The last lines of its containers, and why its pod ended if that was not their doing, an eviction for example. */
async function lastLines(namespace: string, name: string): Promise<string> {
  const pods = await podsOfJob<Pod>(namespace, name);
  const ends = [
    ...pods.flatMap(({ status }) => (status?.message ? [`${status.reason}: ${status.message}`] : [])),
    ...(await homeless(namespace, name)),
  ];
  const args = ['logs', '-n', namespace, '-l', selector(jobLabel(name)), '--all-containers', '--prefix'];
  // one that had no turn yet has no log
  const text = await kubectl([...args, '--ignore-errors', '--tail=6']).catch(() => '');
  const lines = [...ends, ...text.trim().split('\n')].filter((line) => line !== '');
  const full = lines.some((line) => FULL.test(line)) ? `\n${MORE_ROOM}` : '';
  return lines.map((line) => `\n  | ${line}`).join('') + full;
}
