import { ownerLabels } from '../../charts/names';
import type { Config } from '../../config';
import { get, kubectl } from '../cluster/kubectl';
import type { Found, Wanted } from './wanted';

/** A Secret as it was read. */
export interface Present {
  readonly values: Found;
  /** Changes with every write. */
  readonly version: string;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Stored {
  readonly data?: Readonly<Record<string, string>>;
  readonly metadata: { readonly resourceVersion: string; readonly annotations?: Readonly<Record<string, string>> };
}

/** Reads a Secret. @returns undefined when there is none */
export async function readSecret(name: string, namespace: string): Promise<Present | undefined> {
  const stored = await get<Stored>('secret', name, namespace);
  if (!stored) return undefined;
  const { data = {}, metadata } = stored;
  const values = Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
  return { values, version: metadata.resourceVersion, annotations: metadata.annotations ?? {} };
}

/**
 * Sets keys of a Secret that is unchanged since it was read; a Secret changed meanwhile is an error and stays as it is.
 * `replace`, because it reads standard input: every user of the machine can read arguments, and `patch` takes a file alone,
 * as which the socket that Node gives a program cannot be opened.
 * @param version of the Secret as it was read
 */
export async function setKeys(
  { namespace, name }: Wanted,
  values: Found,
  version: string | undefined,
  annotations: Readonly<Record<string, string>> = {},
): Promise<void> {
  const stored = await get<Stored>('secret', name, namespace);
  const metadata = {
    ...stored?.metadata,
    resourceVersion: version,
    annotations: { ...stored?.metadata.annotations, ...annotations },
  };
  const input = JSON.stringify({ ...stored, metadata, stringData: values });
  await kubectl(['replace', '-f', '-'], { input });
}

/** A Secret as an object of Kubernetes. */
export const manifestOf = ({ namespace, name, type }: Wanted, values: Found, config: Config) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type,
  metadata: { name, namespace, labels: ownerLabels(config) },
  stringData: values,
});

/** Creates a Secret. `create`, not `apply`: one created meanwhile is an error and stays as it is. */
export async function createSecret(secret: Wanted, values: Found, config: Config): Promise<void> {
  await kubectl(['create', '-f', '-'], { input: JSON.stringify(manifestOf(secret, values, config)) });
}
