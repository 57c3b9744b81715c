import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config';
import {
  busyWith,
  isLasting,
  isReady,
  type PodStatus,
  type Trouble,
  troubleOf,
  type Warning,
} from '../cluster/diagnosis';
import { ClusterError, kubectl, list } from '../cluster/kubectl';
import { type Progress, podsOf, progressOf, type Workload, type WorkloadStatus } from '../cluster/workloads';
import { type Screen, screenFor } from './screen';
import { stumblingBlock } from './stumbling';

const POLL_MS = 2000;
/** A quota or a permission may be created shortly after the workload. */
const REFUSAL_PATIENCE_MS = 20_000;
/** Refusals are recorded at each attempt; an older record is outdated. */
const REFUSAL_AGE_MS = 60_000;
/** A restarting API server does not answer a few polls. */
const POLLS_THAT_MAY_FAIL = 5;

/** The cluster at a moment. */
interface Snapshot {
  readonly workloads: ReadonlyMap<Workload, WorkloadStatus>;
  readonly pods: readonly PodStatus[];
  readonly warnings: readonly Warning[];
}

type Listed = WorkloadStatus & PodStatus & { kind: string };

async function snapshot(workloads: readonly Workload[]): Promise<Snapshot> {
  const namespaces = [...new Set(workloads.map(({ namespace }) => namespace))];
  const objects = new Map<string, Listed[]>();
  const warnings: Warning[] = [];
  for (const namespace of namespaces) {
    const found = await list<Listed>('deployments,statefulsets,daemonsets,pods', namespace);
    objects.set(namespace, found);
    // read only while something is not ready: events are many
    const busy = found.some((one) => (one.kind === 'Pod' ? !isReady(one) : !progressOf(one).done));
    if (busy) warnings.push(...(await list<Warning>('events', namespace, {}, ['--field-selector=type=Warning'])));
  }
  const all = [...objects.values()].flat();
  return {
    workloads: new Map(
      workloads.map((workload) => {
        const { kind, name, namespace } = workload;
        const status = objects.get(namespace)?.find((o) => o.kind === kind && o.metadata.name === name);
        if (!status) throw new ClusterError(`${kind} ${namespace}/${name} vanished while it was waited for`);
        return [workload, status];
      }),
    ),
    pods: all.filter(({ kind }) => kind === 'Pod'),
    warnings,
  };
}

/**
 * Recreates pods that failed before this run: their dependencies may exist now, and the kubelet would retry
 * only after minutes. Besides, a StatefulSet replaces no pod while an earlier one fails.
 * @param before uids of the pods that were there before this run changed anything
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
 */
export async function restartFailed(workloads: readonly Workload[], before: ReadonlySet<string>): Promise<void> {
  const { pods, warnings } = await snapshot(workloads);
  for (const pod of workloads.flatMap((workload) => podsOf(workload, pods))) {
    const trouble = troubleOf(pod, warnings);
    if (!trouble || trouble.kind === 'placement' || !before.has(pod.metadata.uid ?? '')) continue;
    const { name, namespace = '' } = pod.metadata;
    await kubectl(['delete', 'pod', name, '-n', namespace, '--ignore-not-found', '--wait=false']);
    console.log(`pod ${name} had failed before (${trouble.kind}) and starts afresh`);
  }
}

/**
 * Waits until every tier runs its newest version, and shows the progress.
 * @param workloads in start order
 * @param seconds deadline
 * @param config of the site, for help about the app's image
 * @throws ClusterError with the reason and the last log lines of a pod that will not start, or at the deadline
 */
export async function waitForTiers(
  workloads: readonly Workload[],
  seconds: number,
  config?: Config,
  screen: Screen = screenFor(process.stdout),
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  const firstSeen = new Map<string, number>();
  let failed = 0;
  for (;;) {
    let now: Snapshot;
    try {
      now = await snapshot(workloads);
      failed = 0;
    } catch (error) {
      if (++failed > POLLS_THAT_MAY_FAIL) throw error;
      await sleep(POLL_MS);
      continue;
    }
    const progress = new Map([...now.workloads].map(([workload, status]) => [workload, progressOf(status)]));
    screen.show(linesOf(progress, now));
    if ([...progress.values()].every(({ done }) => done)) return;
    await failOnTrouble(progress, now, firstSeen, config);
    if (Date.now() > deadline) throw new ClusterError(lateMessage(progress, now, seconds, config));
    await sleep(POLL_MS);
  }
}

function linesOf(progress: ReadonlyMap<Workload, Progress>, { pods }: Snapshot) {
  return new Map(
    [...progress].map(([workload, { ready, wanted, done }]) => {
      const busy = podsOf(workload, pods).filter((pod) => !isReady(pod));
      return [
        `${workload.namespace}/${workload.name}`,
        {
          brief: `${workload.tier.padEnd(20)} ${ready}/${wanted}${done ? ' ready' : ready === wanted ? ', its new version starts' : ''}`,
          detail: done ? '' : busy.map((pod) => `${pod.metadata.name}: ${busyWith(pod)}`).join(', ') || 'rolls',
        },
      ];
    }),
  );
}

async function failOnTrouble(
  progress: ReadonlyMap<Workload, Progress>,
  { workloads, pods, warnings }: Snapshot,
  firstSeen: Map<string, number>,
  config: Config | undefined,
): Promise<void> {
  const now = Date.now();
  const since = (key: string): number => firstSeen.set(key, firstSeen.get(key) ?? now).get(key) ?? now;
  let readyBefore: number | undefined = 0;
  for (const [workload, { done, wanted }] of progress) {
    const own = podsOf(workload, pods);
    for (const pod of done ? [] : own) {
      const trouble = troubleOf(pod, warnings);
      if (trouble && isLasting(trouble, { now, since: since(`${pod.metadata.uid} ${trouble.kind}`), readyBefore })) {
        throw new ClusterError(await troubleMessage(workload, trouble, pod, warnings, config));
      }
    }
    const refusal = own.length < wanted ? refusalOf(workload, workloads.get(workload), warnings, now) : undefined;
    if (refusal && now - since(`${workload.namespace}/${workload.name}`) > REFUSAL_PATIENCE_MS) {
      throw new ClusterError(`${workload.tier}: the cluster refuses its pods: ${refusal}`);
    }
    readyBefore = done && readyBefore !== undefined ? Math.max(readyBefore, ...own.map(readySince)) : undefined;
  }
}

/** Why the cluster creates no pod for a workload: a quota, Pod Security, a missing account. */
function refusalOf(
  { kind, name }: Workload,
  workload: WorkloadStatus | undefined,
  warnings: readonly Warning[],
  now: number,
): string | undefined {
  const condition = workload?.status.conditions?.find((c) => c.type === 'ReplicaFailure' && c.status === 'True');
  return (
    condition?.message ??
    warnings.findLast(
      ({ reason, involvedObject, lastTimestamp }) =>
        reason === 'FailedCreate' &&
        involvedObject.kind === kind &&
        involvedObject.name === name &&
        now - Date.parse(lastTimestamp ?? '') < REFUSAL_AGE_MS,
    )?.message
  );
}

const readySince = ({ status }: PodStatus): number =>
  Date.parse(status.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '') || 0;

async function troubleMessage(
  { tier, namespace }: Workload,
  { pod, kind, reason, help, container }: Trouble,
  { metadata }: PodStatus,
  warnings: readonly Warning[],
  config: Config | undefined,
): Promise<string> {
  const log = container ? await lastLines(pod, container, namespace) : '';
  const probes =
    kind === 'crash'
      ? warnings
          .filter((w) => w.involvedObject.uid === metadata.uid && w.reason === 'Unhealthy')
          .slice(-1)
          .map((w) => `\n  ${w.message.trim()}`)
          .join('')
      : '';
  const known = kind === 'memory' ? undefined : ofApp(tier, `${reason}${log}${probes}`, config);
  return `${tier}: pod ${pod} does not start: ${reason}${probes}\n  ${known ?? help}${log}`;
}

/** What to write about an app that comes as an image, undefined for every other tier. */
const ofApp = (tier: string, told: string, config: Config | undefined): string | undefined =>
  config && (tier === 'app' || tier === 'worker') ? stumblingBlock(told, config) : undefined;

/** The log of the container's last run: the current log of a waiting container, the previous log of a restarted one. */
async function lastLines(pod: string, container: string, namespace: string): Promise<string> {
  const args = ['logs', pod, '-c', container, '-n', namespace, '--tail=15'];
  for (const which of [args, [...args, '--previous']]) {
    const text = (await kubectl(which).catch(() => '')).trimEnd();
    // printed to standard output with exit code 0 for a container that the node has removed
    if (text === '' || text.startsWith('unable to retrieve container logs')) continue;
    const lines = text.split('\n').map((line) => `\n  | ${line}`);
    return lines.join('');
  }
  return '\n  (its log is empty)';
}

function lateMessage(
  progress: ReadonlyMap<Workload, Progress>,
  { pods, warnings }: Snapshot,
  seconds: number,
  config: Config | undefined,
): string {
  const lines = [...progress].flatMap(([workload, { ready, wanted, done }]) => {
    if (done) return [];
    const { tier, kind, name, namespace } = workload;
    const [pod] = podsOf(workload, pods).filter((one) => !isReady(one));
    const about = warnings.filter(({ involvedObject: o }) => (pod ? o.uid === pod.metadata.uid : o.name === name));
    const why = pod ? (troubleOf(pod, warnings)?.reason ?? about.at(-1)?.message) : about.at(-1)?.message;
    const object = pod ? `pod ${pod.metadata.name}` : `${kind.toLowerCase()} ${name}`;
    const help = ofApp(tier, why ?? '', config);
    return [
      `  ${tier} ${ready}/${wanted}: ${object}${why ? `: ${why.trim()}` : ' is not ready'}${help ? `\n      ${help}` : ''}\n      kubectl describe ${object} -n ${namespace}`,
    ];
  });
  return `not everything was ready within ${seconds} s (--timeout); still waiting for\n${lines.join('\n')}`;
}
