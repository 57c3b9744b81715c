import { command } from './command';

const USAGE = `usage: npm run gitops -- ENVIRONMENT --repo URL [--path dist/ENVIRONMENT] [--branch main]
                       [--argocd-namespace argocd] [--server https://kubernetes.default.svc]
       npm run gitops -- ENVIRONMENT --adopt | --release | --prune

Writes what Argo CD and Flux need to apply the environment: gitops/argocd/ENVIRONMENT.yaml and gitops/flux/ENVIRONMENT.yaml.
See docs/gitops.md.

--repo     address of the git repository that holds dist/
--server   the site's cluster, as Argo CD calls it
--adopt    hands a site that \`up\` has applied over to Argo CD, in the cluster that KUBECONFIG names: fields that a later
           commit removes go, where they would stay as \`up\`'s. Changes no field, restarts no pod
--release  hands it back, so that \`up\` and \`down\` work again
--prune    deletes what Argo CD and Flux keep: files of earlier versions that nothing uses any more, and Jobs that wait for an
           image of an earlier version, which keep their CronJobs from starting others

exit code: 0 done, 1 the cluster has trouble, 2 the input is wrong`;

const options = {
  repo: { type: 'string' },
  path: { type: 'string' },
  branch: { type: 'string' },
  'argocd-namespace': { type: 'string', default: 'argocd' },
  server: { type: 'string', default: 'https://kubernetes.default.svc' },
  adopt: { type: 'boolean', default: false },
  release: { type: 'boolean', default: false },
  prune: { type: 'boolean', default: false },
} as const;

await command({ text: USAGE, options }, async ([name], { 'argocd-namespace': namespace, ...values }) => {
  const { gitops } = await import('./gitops/gitops');
  await gitops(name, { namespace, ...values });
});
