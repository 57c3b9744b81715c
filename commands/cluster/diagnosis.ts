/** A pod, as far as its trouble shows. */
export interface PodStatus {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
  };
  readonly status: {
    readonly phase?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
      readonly lastTransitionTime?: string;
    }[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** One container of it. */
export interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly restartCount: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: Ending;
  };
  readonly lastState?: { readonly terminated?: Ending };
}

/** How a life of a container ended. */
interface Ending {
  readonly reason?: string;
  readonly exitCode: number;
  readonly message?: string;
  readonly startedAt?: string;
}

/** A warning that the cluster recorded about an object. */
export interface Warning {
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly kind: string; readonly name: string; readonly uid?: string };
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

/** Why a pod does not start, and what usually helps. */
export interface Trouble {
  readonly pod: string;
  readonly kind: 'image' | 'placement' | 'setup' | 'crash' | 'memory';
  readonly reason: string;
  readonly help: string;
  /** Container whose log tells more. @default - none has run */
  readonly container?: string;
  /** How often the container was started again, in the two kinds that are about crashes. @default - 0 */
  readonly restarts: number;
  /** Beginning of its last life, in milliseconds since 1970. @default - it had none, or it is not known */
  readonly lastStart?: number;
}

/** The trouble that a pod is in now; whether it may heal is for `isLasting` to say. Undefined: none. */
export function troubleOf(pod: PodStatus, warnings: readonly Warning[] = []): Trouble | undefined {
  const { name, uid } = pod.metadata;
  const unscheduled = pod.status.conditions?.find((c) => c.type === 'PodScheduled' && c.status === 'False');
  if (unscheduled) {
    const message = unscheduled.message ?? unscheduled.reason ?? 'not scheduled';
    return { pod: name, kind: 'placement', reason: `no node takes it: ${message}`, help: place(message), restarts: 0 };
  }
  const containers = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  for (const container of containers) {
    const found = troubleOfContainer(container);
    if (found) return { pod: name, ...found };
  }
  const waits = containers.some(({ state }) =>
    /^(ContainerCreating|PodInitializing)$/.test(state?.waiting?.reason ?? ''),
  );
  const mount = warnings.find(
    ({ reason, message, involvedObject }) =>
      reason === 'FailedMount' && involvedObject.uid === uid && /not found|non-existent/.test(message),
  );
  return waits && mount
    ? { pod: name, kind: 'setup', reason: mount.message.trim(), help: MISSING, restarts: 0 }
    : undefined;
}

const MISSING =
  'a Secret or ConfigMap, or a key of one, is missing: `npm run secrets -- ENVIRONMENT`, then run this again';

function place(message: string): string {
  if (/persistentvolume|storageclass/i.test(message)) {
    return 'compare `storage.storageClassName` of the tier with `kubectl get storageclasses`, and see `kubectl get pvc`; a claim that was made with the wrong class has to be deleted';
  }
  if (/Insufficient/.test(message)) {
    return 'add nodes, or lower `resources.requests` of the tier (`kubectl describe nodes` tells what is taken)';
  }
  if (/affinity|selector|taint/i.test(message)) {
    return 'compare `placement` of the tier with labels and taints in `kubectl describe nodes`; load balancers keep off nodes with the label node.kubernetes.io/exclude-from-external-load-balancers';
  }
  return 'compare placement, resources and storage of the tier with `kubectl describe nodes`';
}

function troubleOfContainer(status: ContainerStatus): Omit<Trouble, 'pod'> | undefined {
  const { reason = '', message = '' } = status.state?.waiting ?? {};
  if (/^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|ImageInspectError)$/.test(reason)) {
    return {
      kind: 'image',
      reason: `its image ${status.image} cannot be had: ${message || reason}`,
      help: 'check its name in `images`, that the nodes reach the registry, and that the registry lets them in',
      restarts: 0,
    };
  }
  if (/^Create(Container|Pod).*Error$|^RunContainerError$/.test(reason)) {
    return { kind: 'setup', reason: `its container cannot be made: ${message || reason}`, help: MISSING, restarts: 0 };
  }
  // kubelet says that it waits for the next try, or goes on showing the end of the last one
  const ended = status.state?.terminated?.exitCode === 0 ? undefined : status.state?.terminated;
  const last = reason === 'CrashLoopBackOff' ? status.lastState?.terminated : ended;
  if (!last) return undefined;
  const crashes = status.restartCount + 1;
  const shared = {
    container: status.name,
    restarts: status.restartCount,
    lastStart: last.startedAt === undefined ? undefined : Date.parse(last.startedAt),
  };
  return last.reason === 'OOMKilled'
    ? {
        ...shared,
        kind: 'memory',
        reason: `container ${status.name} needs more memory than it may use and was killed ${times(crashes)} (OOMKilled)`,
        help: 'raise `resources.limits.memory` of the tier',
      }
    : {
        ...shared,
        kind: 'crash',
        reason: `container ${status.name} crashed ${times(crashes)}, last with exit code ${last.exitCode}${last.message ? `: ${last.message.trim()}` : ''}`,
        help: 'its last log lines tell why; `kubectl describe pod` shows probes that killed it',
      };
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** Seconds that a trouble has to be seen before it counts: what heals by itself heals faster. */
const PATIENCE_S: Readonly<Record<Trouble['kind'], number>> = {
  // a registry that refuses for a moment: kubelet tries twice more within this time
  image: 20,
  // volumes are made and nodes added while a pod waits
  placement: 60,
  // a Secret or ConfigMap that comes a moment after the pod; kubelet looks again every few seconds
  setup: 20,
  crash: 0,
  memory: 0,
};

/** One or two are a pod that was there before what it needs. */
const RESTARTS = 3;
/** Until others see that what they need is ready. */
const SPREADING_MS = 5000;

/** What `isLasting` has to know beside the trouble; times in milliseconds since 1970. */
export interface Observation {
  readonly now: number;
  /** When this pod was first seen in this kind of trouble. */
  readonly since: number;
  /** Since when all that comes before this tier is ready. @default - it is not */
  readonly readyBefore?: number;
}

/**
 * True when waiting will not heal a trouble. A crash counts only when the container was started after everything that
 * comes before its tier was ready: an app that fails without its database is no fault of the app.
 */
export function isLasting(trouble: Trouble, { now, since, readyBefore }: Observation): boolean {
  if (now - since < PATIENCE_S[trouble.kind] * 1000) return false;
  if (trouble.kind === 'memory') return trouble.restarts >= RESTARTS;
  if (trouble.kind !== 'crash') return true;
  return (
    trouble.restarts >= RESTARTS &&
    readyBefore !== undefined &&
    (trouble.lastStart === undefined || trouble.lastStart >= readyBefore + SPREADING_MS)
  );
}

/** True when a pod has no trouble and is ready. */
export const isReady = ({ status }: PodStatus): boolean =>
  status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;

/** What a pod that is not ready is busy with, in a few words. */
export function busyWith(pod: PodStatus): string {
  const trouble = troubleOf(pod);
  const containers = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  const waiting = containers.find(({ state }) => state?.waiting)?.state?.waiting?.reason;
  return trouble?.kind === 'placement' ? 'waits for a node' : (waiting ?? 'starts');
}
