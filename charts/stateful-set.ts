import * as k8s from '../imports/k8s';

/**
 * A StatefulSet whose claim templates say what they are. The API server fills both in, so without them Argo CD sees a
 * difference that no sync removes; the generated class has no place for them.
 * @see https://github.com/argoproj/argo-cd/issues/11143
 */
export class StatefulSet extends k8s.KubeStatefulSet {
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
