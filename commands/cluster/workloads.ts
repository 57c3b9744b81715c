import { labelsOf } from '../../charts/names';
import { type TierName, tiers } from '../../charts/topology';
import type { Config } from '../../config';
import type { Manifest } from '../../reachability/manifest';
import type { PodStatus } from './diagnosis';

/** Label of a Job's pods. */
export const jobLabel = (job: string): Record<string, string> => ({ 'batch.kubernetes.io/job-name': job });

/** Kinds of objects that run pods permanently. */
export const WORKLOAD_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;

/** A workload of a tier. */
export interface Workload {
  readonly kind: (typeof WORKLOAD_KINDS)[number];
  readonly name: string;
  readonly namespace: string;
  /** Name of the tier; the workload's name if it belongs to none. */
  readonly tier: string;
  /** Labels of its pods. */
  readonly selector: Readonly<Record<string, string>>;
}

/** A workload as the cluster reports it. */
export interface WorkloadStatus {
  readonly kind?: string;
  readonly metadata: { readonly name?: string; readonly generation: number };
  readonly spec: { readonly replicas?: number };
  readonly status: Readonly<
    Partial<
      Record<
        | 'observedGeneration'
        | 'readyReplicas'
        | 'updatedReplicas'
        | 'replicas'
        | 'desiredNumberScheduled'
        | 'updatedNumberScheduled'
        | 'numberReady',
        number
      >
    >
  > & {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** The workloads among the manifests of an environment, in start order. */
export function workloadsOf(objects: readonly Manifest[], config: Config): Workload[] {
  return objects.flatMap((object) => {
    const kind = WORKLOAD_KINDS.find((one) => one === object.kind);
    const { metadata, spec } = object as Manifest & { spec: { selector: { matchLabels: Record<string, string> } } };
    return kind
      ? [
          {
            kind,
            name: metadata.name,
            namespace: metadata.namespace ?? config.name,
            tier: tierOf(metadata.labels ?? {}, config) ?? metadata.name,
            selector: spec.selector.matchLabels,
          },
        ]
      : [];
  });
}

const tierOf = (labels: Readonly<Record<string, string>>, config: Config): TierName | undefined =>
  (Object.keys(tiers) as TierName[]).find((tier) =>
    Object.entries(labelsOf(tier, config)).every(([key, value]) => labels[key] === value),
  );

/** Pods of a workload: `ready` of `wanted`; `done` when all of them are of the newest version. */
export interface Progress {
  readonly ready: number;
  readonly wanted: number;
  readonly done: boolean;
}

/** Reads the progress of a workload from its status. */
export function progressOf({ metadata, spec, status }: WorkloadStatus): Progress {
  const wanted = status.desiredNumberScheduled ?? spec.replicas ?? 1;
  const ready = status.numberReady ?? status.readyReplicas ?? 0;
  const updated = status.updatedNumberScheduled ?? status.updatedReplicas ?? 0;
  const seen = status.observedGeneration === metadata.generation;
  return {
    ready,
    wanted,
    done: seen && ready === wanted && updated === wanted && (status.replicas ?? wanted) === wanted,
  };
}

/** The pods of a workload, without terminating and evicted ones. */
export const podsOf = <P extends PodStatus>({ namespace, selector }: Workload, pods: readonly P[]): P[] =>
  pods.filter(
    ({ metadata, status }) =>
      metadata.namespace === namespace &&
      metadata.deletionTimestamp === undefined &&
      !['Failed', 'Succeeded'].includes(status.phase ?? '') &&
      Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value),
  );
