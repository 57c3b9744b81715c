import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { dump } from 'js-yaml';
import { serverVersion } from './cluster/kubectl';
import { command, type Environment, environment, UsageError } from './environment';
import { application, project } from './gitops/argo-cd';
import { kustomization } from './gitops/flux';
import { handOver } from './gitops/hand-over';
import { nameOf, sourceOf } from './gitops/source';

const USAGE = `usage: npm run gitops -- ENVIRONMENT --repo URL [--path dist/ENVIRONMENT] [--branch main]
                       [--argocd-namespace argocd] [--server https://kubernetes.default.svc]
       npm run gitops -- ENVIRONMENT --adopt | --release

Writes what Argo CD and Flux need to apply the environment: gitops/argocd/ENVIRONMENT.yaml and gitops/flux/ENVIRONMENT.yaml.
See docs/gitops.md.

--repo     address of the git repository that holds dist/
--server   the site's cluster, as Argo CD calls it
--adopt    hands a site that \`up\` has applied over to Argo CD, in the cluster that KUBECONFIG names: fields that a later
           commit removes go, where they would stay as \`up\`'s. Changes no field, restarts no pod
--release  hands it back, so that \`up\` and \`down\` work again

exit code: 0 done, 1 the cluster has trouble, 2 the input is wrong`;

const OPTIONS = {
  repo: { type: 'string' },
  path: { type: 'string' },
  branch: { type: 'string' },
  'argocd-namespace': { type: 'string', default: 'argocd' },
  server: { type: 'string', default: 'https://kubernetes.default.svc' },
  adopt: { type: 'boolean' },
  release: { type: 'boolean' },
} as const;

const yaml = (documents: readonly object[]): string =>
  documents.map((one) => dump(one, { lineWidth: -1, noRefs: true })).join('---\n');

/** Replaces a file in one step. */
function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
  console.log(`wrote ${path}`);
}

async function hand(chosen: Environment, direction: 'adopt' | 'release'): Promise<void> {
  await serverVersion();
  const { there, changed } = await handOver(chosen, direction);
  const heir = direction === 'adopt' ? 'Argo CD' : '`up`';
  console.log(
    `${there} objects of ${chosen.config.name} are there: ${changed} handed over to ${heir}, the rest was already`,
  );
}

if (basename(process.argv[1] ?? '') === 'gitops.ts') {
  void command({ text: USAGE, options: OPTIONS }, async (name, values) => {
    const chosen = environment(name);
    const { adopt, release, repo, path, branch, server, 'argocd-namespace': namespace } = values;
    if (adopt && release) throw new UsageError('--adopt or --release, not both');
    if (adopt || release) return hand(chosen, adopt ? 'adopt' : 'release');
    const source = sourceOf(chosen.config, chosen.name, { repo, path, branch });
    const argo = { namespace, server };
    write(join('gitops', 'argocd', `${chosen.name}.yaml`), yaml([project(source, argo), application(source, argo)]));
    const flux = kustomization(source);
    if (flux) write(join('gitops', 'flux', `${chosen.name}.yaml`), yaml(flux));
    else console.log('nothing for Flux, which reads https:// and ssh:// repositories only');
    console.log(
      `Argo CD: kubectl apply -f gitops/argocd/${chosen.name}.yaml makes the Application ${nameOf(source)} (docs/gitops.md)`,
    );
  });
}
