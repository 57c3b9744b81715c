import type * as k8s from '../imports/k8s';

/** Prefix of the annotations that the cluster autoscaler reads. */
const AUTOSCALER = 'cluster-autoscaler.kubernetes.io';

/**
 * Annotation by which a cluster autoscaler may remove the pod's node although the pod has an emptyDir: what is in one is
 * scratch. In memory it does not count as storage of the node.
 * @see https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md#what-types-of-pods-can-prevent-ca-from-removing-a-node
 */
export function scratchMayGo(volumes: readonly k8s.Volume[] = []): Record<string, string> {
  const scratch = volumes.filter(({ emptyDir }) => emptyDir && emptyDir.medium !== 'Memory').map(({ name }) => name);
  return scratch.length > 0 ? { [`${AUTOSCALER}/safe-to-evict-local-volumes`]: scratch.join(',') } : {};
}

/**
 * A pod that runs to its end: each try is a new pod, not a new container, and begins with empty scratch volumes. Node
 * autoscalers do not remove its node meanwhile: it would start again from nothing, or not at all.
 * @see https://karpenter.sh/docs/concepts/disruption/#pod-level-controls
 */
export const untilItsEnd = ({ metadata, spec }: k8s.PodTemplateSpec): k8s.PodTemplateSpec => ({
  metadata: {
    ...metadata,
    annotations: {
      [`${AUTOSCALER}/safe-to-evict`]: 'false',
      'karpenter.sh/do-not-disrupt': 'true',
      ...metadata?.annotations,
    },
  },
  spec: { ...(spec as k8s.PodSpec), restartPolicy: 'Never' },
});
