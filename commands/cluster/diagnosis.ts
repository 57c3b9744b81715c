/** The parts of a pod that show trouble. */
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

/** How a run of a container ended. */
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

/** Why a pod does not start, and the usual remedy. */
export interface Trouble {
  readonly pod: string;
  readonly kind: 'image' | 'placement' | 'setup' | 'crash' | 'memory';
  readonly reason: string;
  readonly help: string;
  /** Container whose log has details. @default - none has run */
  readonly container?: string;
  /** Restarts of the container, in the two kinds about crashes. @default - 0 */
  readonly restarts: number;
  /** Whether its last life ended because its startup probe was never answered. @default - it ended by itself, or that is not known */
  readonly unanswered?: boolean;
  /** Start of its last run, in milliseconds since 1970. @default - it had none, or it is unknown */
  readonly lastStart?: number;
}

/** The present trouble of a pod, undefined if none; `isLasting` decides whether it may heal. */
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
    if (found) return { pod: name, ...found, unanswered: found.kind === 'crash' && startupFails(uid, warnings) };
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

const startupFails = (uid: string | undefined, warnings: readonly Warning[]): boolean =>
  warnings.some(
    ({ reason, message, involvedObject }) =>
      reason === 'Unhealthy' && involvedObject.uid === uid && message.startsWith('Startup probe failed'),
  );

const MISSING =
  'a Secret or ConfigMap, or a key of one, is missing: `npm run secrets -- ENVIRONMENT`, then run this again';

function place(message: string): string {
  const claim = /persistentvolumeclaim "([^"]+)" not found/i.exec(message)?.[1];
  if (claim) {
    return `the claim ${claim} is not in the namespace: make it first, or correct \`claimName\` (of app.volumes or app.code)`;
  }
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
  // the kubelet reports that it waits for the next attempt, or still shows the end of the last one
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

/** Seconds that a trouble must last before it counts: self-healing troubles end sooner. */
const PATIENCE_S: Readonly<Record<Trouble['kind'], number>> = {
  // a registry that refuses briefly: the kubelet retries twice within this time
  image: 20,
  // volumes are created and nodes added while a pod waits
  placement: 60,
  // a Secret or ConfigMap created shortly after the pod; the kubelet checks every few seconds
  setup: 20,
  crash: 0,
  memory: 0,
};

/** One or two crashes: the pod existed before its dependencies. One run whose startup probe had all its time is enough. */
const RESTARTS = 3;
/** Time until other pods notice that their dependency is ready. */
const SPREADING_MS = 5000;

/** Further inputs of `isLasting`; times in milliseconds since 1970. */
export interface Observation {
  readonly now: number;
  /** When this pod was first seen with this kind of trouble. */
  readonly since: number;
  /** Since when all earlier tiers are ready. @default - they are not */
  readonly readyBefore?: number;
}

/**
 * True when waiting will not heal a trouble. A crash counts only when the container was started after all
 * earlier tiers were ready: an app that crashes without its database is not at fault.
 */
export function isLasting(trouble: Trouble, { now, since, readyBefore }: Observation): boolean {
  if (now - since < PATIENCE_S[trouble.kind] * 1000) return false;
  if (trouble.kind === 'memory') return trouble.restarts >= RESTARTS;
  if (trouble.kind !== 'crash') return true;
  return (
    trouble.restarts >= (trouble.unanswered ? 1 : RESTARTS) &&
    readyBefore !== undefined &&
    (trouble.lastStart === undefined || trouble.lastStart >= readyBefore + SPREADING_MS)
  );
}

/** True when a pod has no trouble and is ready. */
export const isReady = ({ status }: PodStatus): boolean =>
  status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;

/** What an unready pod is doing, in a few words. */
export function busyWith(pod: PodStatus): string {
  const trouble = troubleOf(pod);
  const containers = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  const waiting = containers.find(({ state }) => state?.waiting)?.state?.waiting?.reason;
  return trouble?.kind === 'placement' ? 'waits for a node' : (waiting ?? 'starts');
}
