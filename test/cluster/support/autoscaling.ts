import { get } from '../../../commands/cluster/kubectl';
import type { Config } from '../../../config';
import { applyTier } from './apply';
import { config, kubectl } from './kubectl';

/** Tiers whose number of pods may follow the load. */
export type Scaled = 'web' | 'app';

const MANAGER = 'autoscaler-handover';

/**
 * Hands a tier's number of pods over to its autoscaler, or changes the autoscaler's aims.
 * @see docs/decisions/scaling.md, "Switching it on in a running site"
 */
export async function autoscale(tier: Scaled, aims: Config[Scaled]['autoscaling']): Promise<void> {
  if (!(await get('hpa', tier, config.name))) await own(tier, { replicas: await replicasOf(tier) });
  await applyTier(tier, { ...config, [tier]: { ...config[tier], autoscaling: aims } });
}

/** Resets a tier to its configuration: the autoscaler is deleted first, otherwise it would continue. */
export async function endAutoscaling(tier: Scaled): Promise<void> {
  await kubectl(['delete', 'hpa', tier, '-n', config.name, '--ignore-not-found']);
  await applyTier(tier, config);
  await own(tier);
  await kubectl(['rollout', 'status', `deployment/${tier}`, '-n', config.name, '--timeout=220s'], { seconds: 230 });
}

/** Pods that a tier's Deployment is to have. */
export const replicasOf = async (tier: Scaled): Promise<number> =>
  Number(await kubectl(['get', 'deployment', tier, '-n', config.name, '-o', 'jsonpath={.spec.replicas}']));

/** Condition of a tier's autoscaler about its metrics: "True ValidMetricFound", "False FailedGetPodsMetric". */
export const activityOf = (tier: Scaled): Promise<string> => {
  const condition = '{range .status.conditions[?(@.type=="ScalingActive")]}{.status} {.reason}{end}';
  return kubectl(['get', 'hpa', tier, '-n', config.name, '-o', `jsonpath=${condition}`]);
};

/** Owns these fields of a Deployment's spec, and no others. */
function own(tier: Scaled, spec?: { readonly replicas: number }): Promise<string> {
  const metadata = { name: tier, namespace: config.name };
  const input = JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec });
  return kubectl(['apply', '--server-side', '--force-conflicts', `--field-manager=${MANAGER}`, '-f', '-'], { input });
}
