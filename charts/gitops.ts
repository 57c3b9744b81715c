/**
 * Kinds that hold what cannot be made again, themselves or by what lies in them. Nothing deletes them but a person or
 * `npm run down -- ENV --delete-data`: neither a commit that leaves them out nor the deletion of the whole site.
 */
export const HOLDS_DATA: readonly string[] = ['Namespace', 'PersistentVolumeClaim', 'PersistentVolume', 'Secret'];

/** A kind by its API group. */
export interface Kind {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** Belongs to no namespace. @default false */
  readonly clusterWide?: boolean;
}

/** Every kind that the charts make in some environment, release steps apart: what whoever applies the manifests has to be allowed. */
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

/** What the charts make besides where the app has release steps: only then may somebody's Argo CD start Jobs. */
export const RELEASE_KIND: Kind = { group: 'batch', kind: 'Job' };

/** What the annotations depend on. */
interface Applied {
  readonly kind: string;
  /** A ConfigMap that is named after its content. @default false */
  readonly immutable?: boolean;
}

/**
 * What Argo CD and Flux have to know of an object. They read it off the object in the cluster: it has to be applied before
 * the commit that leaves the object out. See docs/decisions/gitops.md.
 * @param wave in which Argo CD applies it
 */
export const gitOpsAnnotations = ({ kind, immutable }: Applied, wave: number): Record<string, string> => ({
  'argocd.argoproj.io/sync-wave': String(wave),
  ...(HOLDS_DATA.includes(kind)
    ? {
        'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
        // or the site would be OutOfSync for as long as the data is kept
        'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
        'kustomize.toolkit.fluxcd.io/prune': 'disabled',
      }
    : {}),
  // pods of the version before may have to start again while the new one is not ready
  ...(kind === 'ConfigMap' && immutable ? { 'argocd.argoproj.io/sync-options': 'PruneLast=true' } : {}),
});
