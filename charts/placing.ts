import type { Config, Placement } from '../config/schema';
import type * as k8s from '../imports/k8s';
import { selectorOf } from './names';
import type { TierName } from './topology';

/** Label of a node that no other node shares: places pods of one `topologyKey` on the same node, or apart. */
export const NODE = 'kubernetes.io/hostname';

/**
 * Preferred spread of a tier's pods: on different nodes and zones, so that a lost node or zone
 * takes as few as possible, and not beside pods of the `others`, if there are enough nodes. An affinity, because a
 * spread constraint for zones makes the scheduler ignore every spread constraint of a pod where nodes have no zone:
 * docs/decisions/zones.md
 */
export const apartFrom = (tier: TierName, others: readonly TierName[], config: Config): k8s.PodAntiAffinity => {
  const term = (of: TierName, weight: number, topologyKey: string): k8s.WeightedPodAffinityTerm => ({
    weight,
    podAffinityTerm: { topologyKey, labelSelector: { matchLabels: selectorOf(of, config) } },
  });
  return {
    preferredDuringSchedulingIgnoredDuringExecution: [
      term(tier, 100, NODE),
      term(tier, 100, 'topology.kubernetes.io/zone'),
      ...others.map((other) => term(other, 50, NODE)),
    ],
  };
};

/** Where the pods of a tier are. */
export const beside = (tier: TierName, config: Config): k8s.PodAffinityTerm => ({
  topologyKey: NODE,
  labelSelector: { matchLabels: selectorOf(tier, config) },
});

/** Even spread over nodes if possible; pods still run after a lost node. */
export const spreadOverNodes = (tier: TierName, config: Config): k8s.TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey: NODE,
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: selectorOf(tier, config) },
});

/** Merges a tier's affinity with the configured node selection. Empty affinities are left out. */
export function affinityOf(
  own: k8s.Affinity | undefined,
  placement: Partial<Placement> | undefined,
): k8s.Affinity | undefined {
  const { required = [], preferred = [] } = placement?.nodes ?? {};
  const terms = own?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  // terms are alternatives (OR), expressions within a term must all match (AND)
  const expressions = [
    ...terms.flatMap(({ matchExpressions }) => matchExpressions ?? []),
    ...required.map(expressionOf),
  ];
  if (expressions.length === 0 && preferred.length === 0) return own;
  return {
    ...own,
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution:
        expressions.length > 0 ? { nodeSelectorTerms: [{ matchExpressions: expressions }] } : undefined,
      preferredDuringSchedulingIgnoredDuringExecution:
        preferred.length > 0
          ? preferred.map(({ weight, ...one }) => ({ weight, preference: { matchExpressions: [expressionOf(one)] } }))
          : undefined,
    },
  };
}

type Expression = Placement['nodes']['required'][number];

const expressionOf = ({ key, operator, values }: Expression): k8s.NodeSelectorRequirement => ({
  key,
  operator,
  values: values.length > 0 ? [...values] : undefined,
});
