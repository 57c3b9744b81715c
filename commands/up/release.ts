import { setTimeout as sleep } from 'node:timers/promises';
import { namespaceOf, ownerLabels } from '../../charts/names';
import { KIND_LABEL, RELEASE } from '../../charts/worker/kinds';
import type { Config } from '../../config';
import type { Manifest } from '../../reachability/manifest';
import type { PodStatus } from '../cluster/diagnosis';
import { ClusterError, get, kubectl, list } from '../cluster/kubectl';
import { jobLabel } from '../cluster/workloads';
import { stumblingBlock } from './stumbling';

const POLL_MS = 2000;
const LOG_LINES = 30;

interface Job {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** The Job of the release steps among the manifests, undefined if there is none. */
export const releaseOf = (objects: readonly Manifest[]): Manifest | undefined =>
  objects.find(({ kind, metadata }) => kind === 'Job' && metadata.labels?.[KIND_LABEL] === RELEASE);

const has = (job: Job | undefined, type: string): boolean =>
  job?.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;

/** Deletes a failed Job of this version: running `up` again means to retry it. */
export async function retryRelease({ metadata }: Manifest, config: Config): Promise<void> {
  const namespace = namespaceOf('worker', config);
  if (!has(await get<Job>('job', metadata.name, namespace), 'Failed')) return;
  await kubectl(['delete', 'job', metadata.name, '-n', namespace, '--wait=true']);
  console.log('release: its steps failed before and run again');
}

/**
 * Waits for the release steps of this version.
 * @param seconds deadline
 * @throws ClusterError with the step that failed and its last log lines
 */
export async function waitForRelease({ metadata }: Manifest, config: Config, seconds: number): Promise<void> {
  const namespace = namespaceOf('worker', config);
  const deadline = Date.now() + seconds * 1000;
  let reported = '';
  for (;;) {
    const job = await get<Job>('job', metadata.name, namespace);
    if (has(job, 'Complete')) {
      console.log('release: all steps are done');
      return;
    }
    const pods = await list<PodStatus>('pods', namespace, jobLabel(metadata.name));
    if (has(job, 'Failed')) throw new ClusterError(await failure(metadata.name, config, job as Job, pods));
    const now = stepOf(pods, config);
    if (now !== reported) console.log(`release: ${now}`);
    reported = now;
    if (Date.now() > deadline) {
      throw new ClusterError(
        `release: its steps are not done within ${seconds} s (--timeout): ${now}; the earlier version goes on serving\n  kubectl logs job/${metadata.name} -n ${namespace} --all-containers`,
      );
    }
    await sleep(POLL_MS);
  }
}

/** Deletes the Jobs of other versions, so that they run again when a version returns. */
export async function removeEarlierReleases(config: Config, objects: readonly Manifest[]): Promise<void> {
  const namespace = namespaceOf('worker', config);
  const current = releaseOf(objects)?.metadata.name;
  const labels = { ...ownerLabels(config), [KIND_LABEL]: RELEASE };
  for (const { metadata } of await list<Job>('jobs', namespace, labels)) {
    if (metadata.name !== current)
      await kubectl(['delete', 'job', metadata.name, '-n', namespace, '--ignore-not-found']);
  }
}

const statusesOf = ({ status }: PodStatus) => [
  ...(status.initContainerStatuses ?? []),
  ...(status.containerStatuses ?? []),
];

const describe = (container: string, { app }: Config): string => {
  const index = Number(/^step-(\d+)$/.exec(container)?.[1] ?? 0);
  const steps = app.release ?? [];
  return index > 0 ? `step ${index} of ${steps.length} (${steps[index - 1]?.join(' ')})` : `container ${container}`;
};

function stepOf(pods: readonly PodStatus[], config: Config): string {
  const running = pods
    .flatMap(statusesOf)
    .find(({ name, state }) => name.startsWith('step-') && state && !state.waiting && !state.terminated);
  return running ? `${describe(running.name, config)} runs` : 'waits for a primary that takes writes';
}

async function failure(name: string, config: Config, job: Job, pods: readonly PodStatus[]): Promise<string> {
  const namespace = namespaceOf('worker', config);
  const kept = 'the earlier version goes on serving, nothing else was applied';
  for (const pod of pods) {
    const failed = statusesOf(pod).find(({ state }) => state?.terminated && state.terminated.exitCode !== 0);
    if (!failed) continue;
    const log = (
      await kubectl(['logs', pod.metadata.name, '-c', failed.name, '-n', namespace, `--tail=${LOG_LINES}`]).catch(
        () => '',
      )
    ).trimEnd();
    const help = stumblingBlock(log, config);
    const lines =
      log === ''
        ? '\n  (its log is empty)'
        : log
            .split('\n')
            .map((line) => `\n  | ${line}`)
            .join('');
    return `release: ${describe(failed.name, config)} failed with exit code ${failed.state?.terminated?.exitCode}; ${kept}${help ? `\n  ${help}` : ''}${lines}`;
  }
  const why = job.status?.conditions?.find(({ type }) => type === 'Failed')?.message ?? 'no reason is known';
  return `release: Job ${name} failed: ${why}; ${kept}`;
}
