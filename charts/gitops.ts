import type { Config } from '../config/schema';

/**
 * Kinds with data that cannot be recreated, in the object or behind it. They are deleted only by a person or
 * `npm run down -- ENV --delete-data`: never by a commit that omits them or by deleting the whole site.
 */
export const HOLDS_DATA: readonly string[] = ['Namespace', 'PersistentVolumeClaim', 'PersistentVolume', 'Secret'];

/** A kind by its API group. */
export interface Kind {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** Cluster-scoped. @default false */
  readonly clusterWide?: boolean;
}

/**
 * Every kind that the charts create in any environment, without those that only some need: the permissions needed to apply the
 * manifests.
 */
export const KINDS: readonly Kind[] = [
  { group: '', kind: 'Namespace', clusterWide: true },
  { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole', clusterWide: true },
  { group: 'rbac.authorization.k8s.io', kind: 'ClusterRoleBinding', clusterWide: true },
  { group: '', kind: 'ConfigMap' },
  { group: '', kind: 'PersistentVolumeClaim' },
  { group: '', kind: 'Service' },
  { group: '', kind: 'ServiceAccount' },
  { group: 'apps', kind: 'DaemonSet' },
  { group: 'apps', kind: 'Deployment' },
  { group: 'apps', kind: 'StatefulSet' },
  { group: 'autoscaling', kind: 'HorizontalPodAutoscaler' },
  { group: 'batch', kind: 'CronJob' },
  { group: 'cert-manager.io', kind: 'Certificate' },
  { group: 'cilium.io', kind: 'CiliumNetworkPolicy' },
  { group: 'monitoring.coreos.com', kind: 'PrometheusRule' },
  { group: 'networking.k8s.io', kind: 'NetworkPolicy' },
  { group: 'policy', kind: 'PodDisruptionBudget' },
  { group: 'rbac.authorization.k8s.io', kind: 'Role' },
  { group: 'rbac.authorization.k8s.io', kind: 'RoleBinding' },
];

/** Kinds that are added when the app has release steps: only then does Argo CD need permission to start Jobs. */
export const RELEASE_KIND: Kind = { group: 'batch', kind: 'Job' };

/** The kind that is added with `secrets.provider: external-secrets`. */
export const EXTERNAL_SECRET: Kind = { group: 'external-secrets.io', kind: 'ExternalSecret' };

/** Kinds that are added with `cluster.admissionPolicies`. */
export const ADMISSION_KINDS: readonly Kind[] = [
  { group: 'admissionregistration.k8s.io', kind: 'ValidatingAdmissionPolicy', clusterWide: true },
  { group: 'admissionregistration.k8s.io', kind: 'ValidatingAdmissionPolicyBinding', clusterWide: true },
];

/** Kinds that only some environments need. */
const OPTIONAL: readonly (readonly [Kind, (config: Config) => boolean])[] = [
  [RELEASE_KIND, ({ app }) => app.release !== undefined],
  [EXTERNAL_SECRET, ({ secrets }) => secrets.externalSecrets !== undefined],
  ...ADMISSION_KINDS.map((kind) => [kind, ({ cluster }: Config) => cluster.admissionPolicies] as const),
];

/** Every kind that the charts create in an environment, or may create after another commit. */
export const kindsOf = (config: Config): Kind[] => [
  ...KINDS,
  ...OPTIONAL.flatMap(([kind, isNeeded]) => (isNeeded(config) ? [kind] : [])),
];

/** Every kind that has no namespace. */
export const CLUSTER_WIDE: readonly string[] = [...KINDS, ...ADMISSION_KINDS].flatMap(({ kind, clusterWide }) =>
  clusterWide ? [kind] : [],
);

/** What the annotations depend on. */
interface Applied {
  readonly kind: string;
  /** A ConfigMap that is named after its content. @default false */
  readonly immutable?: boolean;
}

const keptWith = (options: string): Record<string, string> => ({
  'argocd.argoproj.io/sync-options': options,
  // otherwise the site would be OutOfSync as long as the object is kept
  'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
  'kustomize.toolkit.fluxcd.io/prune': 'disabled',
});

/**
 * Annotations for Argo CD and Flux. They read them from the object in the cluster, so they must be applied before
 * a commit that omits the object. See docs/decisions/gitops.md.
 * @param wave in which Argo CD applies it
 */
export const gitOpsAnnotations = ({ kind, immutable }: Applied, wave: number): Record<string, string> => ({
  'argocd.argoproj.io/sync-wave': String(wave),
  ...(HOLDS_DATA.includes(kind) ? keptWith('Prune=false,Delete=false') : {}),
  // pods and Jobs of earlier versions may start again at any time
  ...(kind === 'ConfigMap' && immutable ? keptWith('Prune=false') : {}),
});
