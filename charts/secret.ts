import type * as k8s from '../imports/k8s';

/** Certificate and private key in a Secret of the type `kubernetes.io/tls`. */
export const CERTIFICATE_KEYS = ['tls.crt', 'tls.key'] as const;

/**
 * Keys of a Secret as files that only the pod's group reads. Other keys are not mounted, whatever
 * the Secret contains; the pod waits until every named key exists.
 */
export const secretVolume = (name: string, secretName: string, keys: readonly string[]): k8s.Volume => ({
  name,
  secret: { secretName, defaultMode: 0o440, items: keys.map((key) => ({ key, path: key })) },
});
