import type { Manifest } from '../../reachability/manifest';
import { get, kubectl } from '../cluster/kubectl';
import { MANAGERS, type ManagedFields } from '../gitops/ownership';

/** The part of a HorizontalPodAutoscaler with its target. */
type Autoscaler = Manifest & { readonly spec: { readonly scaleTargetRef: { readonly name: string } } };

const isAutoscaler = (object: Manifest): object is Autoscaler => object.kind === 'HorizontalPodAutoscaler';

/** A Deployment with its number of pods and the field managers that set it. */
export interface Scaled {
  readonly metadata: { readonly managedFields?: readonly ManagedFields[] };
  readonly spec: { readonly replicas?: number };
}

/** True if only `up` has set the number of pods: it becomes 1 when the manifest no longer has it. */
export function isOnlyOurs({ metadata }: Scaled): boolean {
  const owners = (metadata.managedFields ?? []).filter(({ fieldsV1 }) => fieldsV1?.['f:spec']?.['f:replicas']);
  return owners.length > 0 && owners.every(({ manager }) => manager === MANAGERS.kubectl);
}

/**
 * Keeps a tier at its number of pods when an autoscaler is switched on, which takes the number out of the manifest:
 * a second field manager owns it until the autoscaler does.
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership
 */
export async function keepReplicas(objects: readonly Manifest[]): Promise<void> {
  for (const { spec: target, metadata } of objects.filter(isAutoscaler)) {
    const { namespace } = metadata;
    const { name } = target.scaleTargetRef;
    const live = await get<Scaled>('deployments.apps', name, namespace, ['--show-managed-fields']);
    if (!live?.spec.replicas || !isOnlyOurs(live)) continue;
    const spec = { replicas: live.spec.replicas };
    const input = JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec });
    await kubectl(['apply', '--server-side', '--field-manager=autoscaler-handover', '-f', '-'], { input });
  }
}
