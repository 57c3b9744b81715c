import type { Config } from '../../config/schema';
import { places } from './places';

type Store = NonNullable<Config['backup']>['store'];

/** How restic reaches a store. @see https://restic.readthedocs.io/en/stable/030_preparing_a_new_repo.html */
export interface Access {
  /** What the names of the repositories in it begin with. */
  readonly repository: string;
  /** Variables of restic's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables whose values are in the Secret, under these keys. */
  readonly keys: Readonly<Record<string, string>>;
  /** Variables that name files of the Secret, under these keys. */
  readonly files: Readonly<Record<string, string>>;
  /** Arguments of ssh. @default - none */
  readonly ssh?: string;
  /** Further keys of the Secret. */
  readonly more: readonly string[];
}

const same = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, name]));

/** How restic reaches the store of an environment. */
export function accessOf(store: Store): Access {
  const none = { environment: {}, keys: {}, files: {}, more: [] };
  switch (store.type) {
    case 'claim':
      return { ...none, repository: `${places.store}/restic/` };
    case 's3':
      return {
        ...none,
        repository: `s3:${store.endpoint}/${store.bucket}/${store.prefix}`,
        environment: { AWS_DEFAULT_REGION: store.region },
        keys: { AWS_ACCESS_KEY_ID: 'access-key-id', AWS_SECRET_ACCESS_KEY: 'secret-access-key' },
      };
    case 'sftp':
      return {
        ...none,
        repository: `sftp://${store.user}@${store.host}:${store.port}/${store.path}/`,
        ssh: `-i ${places.secret}/ssh-key -o UserKnownHostsFile=${places.secret}/known-hosts -o StrictHostKeyChecking=yes -o BatchMode=yes`,
        more: ['ssh-key', 'known-hosts'],
      };
    case 'restic':
      return {
        ...none,
        repository: store.repository,
        environment: store.environment,
        keys: same(store.secretKeys),
        files: same(store.secretFiles),
      };
  }
}

const pairs = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/** Whose backups, and how restic reaches them: settings of the scripts (repository.sh). Lists are words of one value. */
export function accessVariables({ name, backup }: Config & { readonly backup: { readonly store: Store } }) {
  const { repository, environment, keys, files, ssh = '' } = accessOf(backup.store);
  return {
    SITE: name,
    REPOSITORY: repository,
    STORE_ENVIRONMENT: pairs(environment),
    STORE_KEYS: pairs(keys),
    STORE_FILES: pairs(files),
    SFTP_ARGUMENTS: ssh,
  } as const;
}

/** Keys that the Secret of an environment's backups must have. */
export const secretKeys = (store: Store): readonly string[] => {
  const { keys, files, more } = accessOf(store);
  return ['password', ...Object.values(keys), ...Object.values(files), ...more];
};
