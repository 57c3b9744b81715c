import { fstatSync } from 'node:fs';
import { dump } from 'js-yaml';
import { createsInCluster } from '../../config/secrets-schema';
import { serverVersion } from '../cluster/kubectl';
import { UsageError } from '../command';
import { environment } from '../environment';
import { manifestOf, readSecret } from './in-cluster';
import { wantedSecrets } from './plan';
import { type Found, isNeeded, type Wanted } from './wanted';

/** A Secret and its values, to be encrypted. */
export type Filled = readonly [secret: Wanted, values: Found];

/**
 * The Secrets that a cluster lacks, with generated values, and with `all` also those that it has.
 * @param present values of the Secrets in the cluster by id
 * @throws UsageError when none is left
 */
export async function filled(
  wanted: readonly Wanted[],
  present: ReadonlyMap<string, Found>,
  all: boolean,
): Promise<Filled[]> {
  const found = new Map(present);
  const chosen: Filled[] = [];
  for (const secret of wanted) {
    const there = present.get(secret.id);
    if (there) {
      if (all && !secret.madeByOthers) chosen.push([secret, there]);
    } else if (secret.make && isNeeded(secret, found)) {
      const values = await secret.make(found);
      found.set(secret.id, values);
      chosen.push([secret, values]);
    }
  }
  if (chosen.length === 0)
    throw new UsageError('--stream: nothing is missing that can be generated; --all prints what is there');
  return chosen;
}

/** Why clear values must not go to this output, undefined when it is a pipe. */
export const whyNotInto = (output: {
  isFIFO(): boolean;
  isSocket(): boolean;
  isFile(): boolean;
}): string | undefined =>
  output.isFIFO() || output.isSocket()
    ? undefined
    : `its values are not encrypted, and would ${output.isFile() ? 'stand in a file' : 'be shown'}: pipe it into kubeseal or sops (docs/secrets.md)`;

/** Prints Secrets as manifests for the program that encrypts them. */
export async function stream(name: string | undefined, all: boolean): Promise<void> {
  const { config } = environment(name);
  if (createsInCluster(config.secrets) || config.secrets.externalSecrets) {
    throw new UsageError('--stream: belongs to secrets.provider "sealed-secrets" and "sops"');
  }
  const why = whyNotInto(fstatSync(1));
  if (why) throw new UsageError(`--stream: ${why}`);
  await serverVersion();
  const wanted = wantedSecrets(config);
  const present = new Map<string, Found>();
  for (const { id, name: secret, namespace } of wanted) {
    const one = await readSecret(secret, namespace);
    if (one) present.set(id, one.values);
  }
  const documents = await filled(wanted, present, all);
  process.stdout.write(documents.map(([secret, values]) => dump(manifestOf(secret, values, config))).join('---\n'));
  for (const [secret] of documents) console.error(`${secret.namespace}/${secret.name}`);
}
