import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dump } from 'js-yaml';
import { namespaceName } from '../../config/kubernetes-names';
import { serverVersion } from '../cluster/kubectl';
import { removeStuckJobs, removeUnusedFiles } from '../cluster/leftovers';
import { UsageError } from '../command';
import { type Environment, environment, objectsOf } from '../environment';
import { application, project } from './argo-cd';
import { kustomization } from './flux';
import { handOver } from './hand-over';
import { nameOf, sourceOf } from './source';

const yaml = (documents: readonly object[]): string =>
  documents.map((one) => dump(one, { lineWidth: -1, noRefs: true })).join('---\n');

/** Replaces a file atomically. */
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

/** Deletes what a tool that applies commits keeps. */
async function prune(chosen: Environment): Promise<void> {
  await serverVersion();
  await removeStuckJobs(chosen.config);
  await removeUnusedFiles(chosen.config, objectsOf(chosen));
}

/** Arguments of the command: the site and the location of its manifests. */
export interface Choice {
  readonly adopt: boolean;
  readonly release: boolean;
  readonly prune: boolean;
  /** URL of the repository, path in it and branch, as typed. */
  readonly repo?: string;
  readonly path?: string;
  readonly branch?: string;
  /** Namespace of Argo CD. */
  readonly namespace: string;
  /** The site's cluster, by its name in Argo CD. */
  readonly server: string;
}

/** @throws UsageError for what Argo CD would refuse once it is applied */
function refuseOdd({ namespace, server }: Pick<Choice, 'namespace' | 'server'>): void {
  const { error } = namespaceName.safeParse(namespace);
  const faults = [
    ...(error ? [`--argocd-namespace: ${error.issues[0]?.message}, got "${namespace}"`] : []),
    ...(/^https?:\/\/[^\s/]+$/.test(server)
      ? []
      : [`--server: must be an address, like https://kubernetes.default.svc, got "${server}"`]),
  ];
  if (faults.length > 0) throw new UsageError(faults.join('\n'));
}

/** Writes the objects for Argo CD and Flux, hands the site over, or deletes what they keep. */
export async function gitops(name: string | undefined, choice: Choice): Promise<void> {
  const { adopt, release, prune: tidies, repo, path, branch, ...argo } = choice;
  const chosen = environment(name);
  if ([adopt, release, tidies].filter(Boolean).length > 1) {
    throw new UsageError('--adopt, --release or --prune: one of them');
  }
  if ((adopt || release || tidies) && (repo ?? path ?? branch) !== undefined) {
    throw new UsageError(
      '--repo, --path and --branch: must be left out with --adopt, --release and --prune, which write no file',
    );
  }
  refuseOdd(argo);
  if (tidies) return prune(chosen);
  if (adopt || release) return hand(chosen, adopt ? 'adopt' : 'release');
  const source = sourceOf(chosen.config, chosen.name, { repo, path, branch });
  write(join('gitops', 'argocd', `${chosen.name}.yaml`), yaml([project(source, argo), application(source, argo)]));
  const flux = kustomization(source);
  if (flux) write(join('gitops', 'flux', `${chosen.name}.yaml`), yaml(flux));
  else console.log('nothing for Flux, which reads https:// and ssh:// repositories only');
  console.log(
    `Argo CD: kubectl apply -f gitops/argocd/${chosen.name}.yaml makes the Application ${nameOf(source)} (docs/gitops.md)`,
  );
}
