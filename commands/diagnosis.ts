/** A pod, as far as its trouble shows. */
export interface PodStatus {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string };
  readonly status: {
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
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
  readonly lastState?: {
    readonly terminated?: { readonly reason?: string; readonly exitCode: number; readonly message?: string };
  };
}

/** Why a pod cannot start, and what usually helps. */
export interface Trouble {
  readonly pod: string;
  readonly reason: string;
  readonly help: string;
  /** Container whose log tells more. @default - none has run */
  readonly container?: string;
}

/** An image that a registry refuses for a moment comes at the next try; kubelet's first two follow within 20 s. */
const IMAGE_PATIENCE_S = 20;
/** Volumes are made and nodes added while a pod waits. */
const SCHEDULING_PATIENCE_S = 60;
/** A Secret or ConfigMap may come a moment after the pod. */
const CONFIG_PATIENCE_S = 20;
/** Once or twice is a pod that was before what it needs. */
const CRASHES = 3;

/**
 * The trouble of a pod that will not heal by waiting, or undefined while it may still start.
 * @param now in milliseconds since 1970
 */
export function troubleOf(pod: PodStatus, now: number): Trouble | undefined {
  const { name } = pod.metadata;
  const unscheduled = pod.status.conditions?.find((c) => c.type === 'PodScheduled' && c.status === 'False');
  if (
    unscheduled &&
    secondsSince(unscheduled.lastTransitionTime ?? pod.metadata.creationTimestamp, now) > SCHEDULING_PATIENCE_S
  ) {
    return {
      pod: name,
      reason: `no node takes it: ${unscheduled.message ?? unscheduled.reason}`,
      help: 'compare placement, resources and storage of the tier in the configuration with `kubectl describe nodes` and `kubectl get storageclasses`',
    };
  }
  const containers = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  for (const container of containers) {
    const found = troubleOfContainer(container, secondsSince(pod.metadata.creationTimestamp, now));
    if (found) return { pod: name, ...found };
  }
  return undefined;
}

function troubleOfContainer(status: ContainerStatus, age: number): Omit<Trouble, 'pod'> | undefined {
  const { reason = '', message = '' } = status.state?.waiting ?? {};
  if (/^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull)$/.test(reason) && age > IMAGE_PATIENCE_S) {
    return {
      reason: `its image ${status.image} cannot be had: ${message || reason}`,
      help: 'check the name in `images`, and that the nodes reach its registry',
    };
  }
  if (/^Create(Container|Pod).*Error$/.test(reason) && age > CONFIG_PATIENCE_S) {
    return {
      reason: `its container cannot be made: ${message || reason}`,
      help: 'a Secret or ConfigMap it names may be missing: `npm run secrets -- ENV`',
    };
  }
  const last = status.lastState?.terminated;
  if (last && (reason === 'CrashLoopBackOff' || status.restartCount >= CRASHES) && status.restartCount >= CRASHES) {
    return last.reason === 'OOMKilled'
      ? {
          reason: `it needs more memory than it may use and was killed ${status.restartCount} times (OOMKilled)`,
          help: 'raise `resources.limits.memory` of the tier',
          container: status.name,
        }
      : {
          reason: `it crashed ${status.restartCount} times, last with exit code ${last.exitCode}${last.message ? `: ${last.message.trim()}` : ''}`,
          help: 'its last log lines tell why',
          container: status.name,
        };
  }
  return undefined;
}

const secondsSince = (time: string, now: number): number => (now - Date.parse(time)) / 1000;
