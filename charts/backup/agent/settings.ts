import { readFileSync } from 'node:fs';
import { fileStore } from './file-store';
import { s3Store } from './s3-store';
import type { Store } from './store';

/** What the manifests tell the agent, as JSON in `BACKUP_SETTINGS`. */
export interface Settings {
  readonly store:
    | { readonly type: 'claim'; readonly path: string }
    | {
        readonly type: 's3';
        readonly endpoint: string;
        readonly bucket: string;
        readonly prefix: string;
        readonly region: string;
      };
  /** Folder of the Secret. */
  readonly secret: string;
  /** Folder that the containers of a pod share. */
  readonly work: string;
  readonly retentionDays: number;
  /** Address of a collector's OTLP/HTTP receiver. */
  readonly collector: string;
}

/** The settings of this pod. */
export const settings = (): Settings => JSON.parse(process.env.BACKUP_SETTINGS ?? '{}') as Settings;

/** A value of the Secret. @throws Error that names the key */
export function secret({ secret: folder }: Settings, key: string): string {
  const value = readFileSync(`${folder}/${key}`, 'utf8').trim();
  if (value === '') throw new Error(`key ${key} of the Secret is empty`);
  return value;
}

/** The store that the settings name. */
export function storeOf(from: Settings): Store {
  const { store } = from;
  return store.type === 'claim'
    ? fileStore(store.path)
    : s3Store({
        ...store,
        accessKeyId: secret(from, 'access-key-id'),
        secretAccessKey: secret(from, 'secret-access-key'),
      });
}
