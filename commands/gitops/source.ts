import { posix } from 'node:path';
import type { Config } from '../../config';
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

/** Addresses that git and both tools accept: URLs, and ssh without a scheme. */
const ADDRESS = /^(https?|ssh|file):\/\/\S+$|^[\w.-]+@[\w.-]+:\S+$/;

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
  } else if (!ADDRESS.test(repo)) {
    faults.push(`--repo: must be the repository's address, like ${LIKE}, got "${repo}"`);
  } else if (/^https?:\/\/[^/]*@|^\w+:\/\/[^/@]*:[^/@]*@/.test(repo)) {
    faults.push(
      '--repo: holds a user or a password, which would stand in git; give it to Argo CD as a repository Secret instead',
    );
  }
  if (path === '' || posix.isAbsolute(path) || posix.normalize(path).startsWith('..')) {
    faults.push(`--path: must be a folder in the repository, like dist/${environment}, got "${path}"`);
  }
  if (!/^[\w][\w./-]*$/.test(branch) || branch.includes('..')) {
    faults.push(`--branch: must be the name of a branch, like main, got "${branch}"`);
  }
  if (faults.length > 0) throw new UsageError(faults.join('\n'));
  return { config, environment, repo, path: posix.normalize(path).replace(/\/$/, ''), branch };
}
