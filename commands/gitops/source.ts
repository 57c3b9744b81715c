import { posix } from 'node:path';
import type { Config } from '../../config';
import { objectName } from '../../config/kubernetes-names';
import { UsageError } from '../command';

/** Location of an environment's manifests. */
export interface Source {
  readonly config: Config;
  readonly environment: string;
  /** URL of the git repository, as for `git clone`. */
  readonly repo: string;
  /** Folder in the repository. */
  readonly path: string;
  readonly branch: string;
}

/**
 * Name of the Application and of the Kustomization. Not the site's name: it is the label by which an Argo CD with
 * label-based tracking would adopt the databases' claims. See docs/decisions/gitops.md.
 */
export const nameOf = ({ config, environment }: Pick<Source, 'config' | 'environment'>): string =>
  `${config.name}-${environment}`;

/** An address for ssh without a scheme, as git and both tools take it. */
const SCP = /^[\w.-]+@[\w.-]+:\S+$/;

const LIKE = 'https://git.example.org/team/site.git or git@git.example.org:team/site.git';

/** Checks the command line. @throws UsageError naming every fault */
export function sourceOf(
  config: Config,
  environment: string,
  values: Partial<Pick<Source, 'repo' | 'path' | 'branch'>>,
): Source {
  const { repo = '', path = `dist/${environment}`, branch = 'main' } = values;
  const faults: string[] = [];
  if (repo === '') {
    faults.push(`--repo: is missing; give the address of the git repository that holds ${path}, like ${LIKE}`);
  } else if (!SCP.test(repo)) faults.push(...urlFaults(repo));
  if (path === '' || posix.isAbsolute(path) || posix.normalize(path).startsWith('..')) {
    faults.push(`--path: must be a folder in the repository, like dist/${environment}, got "${path}"`);
  }
  if (!/^[\w][\w./-]*$/.test(branch) || branch.includes('..')) {
    faults.push(`--branch: must be the name of a branch, like main, got "${branch}"`);
  }
  const name = nameOf({ config, environment });
  if (!objectName.safeParse(name).success) {
    faults.push(
      `config/${environment}.yaml: must have a name of lower case letters, digits, "-" and ".": the Application would be called "${name}"`,
    );
  }
  if (faults.length > 0) throw new UsageError(faults.join('\n'));
  return { config, environment, repo, path: posix.normalize(path).replace(/\/$/, ''), branch };
}

function urlFaults(repo: string): string[] {
  const url = /^(https?|ssh|file):\/\/\S+$/.test(repo) && URL.canParse(repo) ? new URL(repo) : undefined;
  if (!url || url.pathname.length < 2) return [`--repo: must be the repository's address, like ${LIKE}, got "${repo}"`];
  const web = url.protocol.startsWith('http');
  if (url.password || (web && url.username)) {
    Object.assign(url, { password: '', ...(web ? { username: '' } : {}) });
    return [
      `--repo: holds a user or a password, which would stand in git; write ${url}, and give them to Argo CD as a repository Secret instead`,
    ];
  }
  if (url.search || url.hash) return ['--repo: must have no "?" and no "#"; what is secret would stand in git'];
  return [];
}
