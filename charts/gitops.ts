/**
 * Kinds that hold what cannot be made again, themselves or by what lies in them. Nothing deletes them but a person or
 * `npm run down -- ENV --delete-data`: neither a commit that leaves them out nor the deletion of the whole site.
 */
export const HOLDS_DATA: readonly string[] = ['Namespace', 'PersistentVolumeClaim', 'PersistentVolume', 'Secret'];

/** What the annotations depend on. */
interface Applied {
  readonly kind: string;
  /** A ConfigMap that is named after its content. @default false */
  readonly immutable?: boolean;
}

/**
 * What Argo CD and Flux have to know of an object. They read it off the object in the cluster: it has to be applied before
 * the commit that leaves the object out. See docs/decisions/gitops.md.
 * @param wave of the object's file
 */
export const gitOpsAnnotations = ({ kind, immutable }: Applied, wave: number): Record<string, string> => ({
  'argocd.argoproj.io/sync-wave': String(Math.min(wave, 20)),
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
