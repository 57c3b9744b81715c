/**
 * Kinds that hold what cannot be made again, themselves or by what lies in them. Nothing deletes them but a person or
 * `npm run down -- ENV --delete-data`: neither a commit that leaves them out nor the deletion of the whole site.
 */
export const HOLDS_DATA: readonly string[] = ['Namespace', 'PersistentVolumeClaim', 'PersistentVolume', 'Secret'];

/**
 * What Argo CD and Flux have to know of an object. They read it off the object in the cluster: it has been applied before
 * the commit that leaves the object out.
 * @param kind of the object
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#no-prune-resources and #no-resource-deletion
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#prune
 */
export const gitOpsAnnotations = (kind: string): Record<string, string> =>
  HOLDS_DATA.includes(kind)
    ? {
        'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
        // or the site would be OutOfSync for as long as the data is kept
        'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
        'kustomize.toolkit.fluxcd.io/prune': 'disabled',
      }
    : {};
