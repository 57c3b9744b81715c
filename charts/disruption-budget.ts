import type { Construct } from 'constructs';
import type { Config } from '../config/schema';
import * as k8s from '../imports/k8s';
import { selectorOf } from './names';
import { metadataOf } from './pod';
import type { TierName } from './topology';

/**
 * Disruption budget of a tier: one pod at a time; none for a single pod. A pod that is not ready
 * may always be evicted, or a tier without a ready pod would block drains; but a database that is not ready may
 * hold the newest rows or a group's majority, so it waits for the other databases.
 * @param kind name and labels of the pods, where the tier has several kinds
 * @see https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy
 */
export function disruptionBudget(
  scope: Construct,
  tier: TierName,
  config: Config,
  replicas: number,
  kind?: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
): void {
  if (replicas < 2) return;
  new k8s.KubePodDisruptionBudget(scope, kind ? `budget-${kind.name}` : 'budget', {
    metadata: metadataOf(tier, config, kind?.name ?? tier),
    spec: {
      selector: { matchLabels: { ...selectorOf(tier, config), ...kind?.labels } },
      maxUnavailable: k8s.IntOrString.fromNumber(1),
      unhealthyPodEvictionPolicy: tier === 'database' ? 'IfHealthyBudget' : 'AlwaysAllow',
    },
  });
}
