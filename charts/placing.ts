import type { Config, Placement } from '../config/schema';
import type * as k8s from '../imports/k8s';
import { selectorOf } from './names';
import type { TierName } from './topology';
import { KIND_LABEL } from './worker/kinds';

/** Label of a node that no other node shares: places pods of one `topologyKey` on the same node, or apart. */
export const NODE = 'kubernetes.io/hostname';

/** Labels whose values a pod shares with those it is spread from: of its kind, and of its version, since old pods go soon. */
const sharedLabels = (tier: TierName): string[] | undefined =>
  tier === 'database' ? undefined : ['pod-template-hash', ...(tier === 'worker' ? [KIND_LABEL] : [])];

/**
 * Preferred spread of a tier's pods: in different zones, so that a lost zone takes as few as possible, on different nodes,
 * and not beside pods of the `others`, if there are enough nodes. An affinity, because a spread constraint for zones makes
 * the scheduler ignore every spread constraint of a pod where nodes have no zone. Zones weigh far more than nodes, or the
 * fuller of two zones could go without: docs/decisions/zones.md
 */
export const apartFrom = (tier: TierName, others: readonly TierName[], config: Config): k8s.PodAntiAffinity => {
  const term = (weight: number, topologyKey: string, of = tier, matchLabelKeys?: string[]) => ({
    weight,
    podAffinityTerm: { topologyKey, labelSelector: { matchLabels: selectorOf(of, config) }, matchLabelKeys },
  });
  return {
    preferredDuringSchedulingIgnoredDuringExecution: [
      term(100, 'topology.kubernetes.io/zone', tier, sharedLabels(tier)),
      term(20, NODE, tier, sharedLabels(tier)),
      ...others.map((other) => term(10, NODE, other)),
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
  matchLabelKeys: sharedLabels(tier),
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
