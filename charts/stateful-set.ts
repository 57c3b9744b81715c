import type { Construct } from 'constructs';
import type { Storage } from '../config/schema';
import * as k8s from '../imports/k8s';

/**
 * A StatefulSet whose claims outlive it and its pods, and whose claim templates have apiVersion and kind: the API
 * server adds them, so without them Argo CD sees a difference that no sync removes, and the generated class has
 * no field for them.
 * @see https://github.com/argoproj/argo-cd/issues/11143
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
 */
export class StatefulSet extends k8s.KubeStatefulSet {
  constructor(scope: Construct, id: string, props: k8s.KubeStatefulSetProps & { readonly spec: k8s.StatefulSetSpec }) {
    const persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Retain', whenScaled: 'Retain' };
    super(scope, id, { ...props, spec: { ...props.spec, persistentVolumeClaimRetentionPolicy } });
  }

  override toJson(): unknown {
    const object = super.toJson() as { spec: { volumeClaimTemplates?: object[] } };
    const volumeClaimTemplates = object.spec.volumeClaimTemplates?.map((claim) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      ...claim,
    }));
    return { ...object, spec: { ...object.spec, volumeClaimTemplates } };
  }
}

/** Template of the claim that each pod of a StatefulSet has, for one pod at a time. */
export const claimTemplate = (
  name: string,
  { size, storageClassName }: Storage,
): k8s.KubePersistentVolumeClaimProps => ({
  metadata: { name },
  spec: {
    accessModes: ['ReadWriteOnce'],
    volumeMode: 'Filesystem',
    storageClassName,
    resources: { requests: { storage: k8s.Quantity.fromString(size) } },
  },
});
