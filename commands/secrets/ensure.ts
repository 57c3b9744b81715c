import { join } from 'node:path';
import type { Config } from '../../config';
import { namespacesOf } from '../../config/namespaces';
import { ClusterError, get, kubectl, serverVersion } from '../cluster/kubectl';
import { UsageError } from '../command';
import { type Environment, environment, objectsOf } from '../environment';
import { fetchExternal } from './external';
import { certificateFindings, faultsOf } from './faults';
import { createSecret, readSecret, setKeys } from './in-cluster';
import { wantedSecrets } from './plan';
import { absentKeys, type Found, isNeeded } from './wanted';

/** Values of the Secrets by their names in the plan; never printed. */
export type Secrets = ReadonlyMap<string, Found>;

/**
 * Creates the Secrets that an environment lacks and checks those that it has. Nothing is overwritten, no value is
 * printed or written to a file: values go from memory to kubectl's standard input.
 * @throws UsageError naming at once all Secrets and keys that you have to supply
 */
export async function ensureSecrets(chosen: Environment): Promise<Secrets> {
  const { config } = chosen;
  let lacking = await missingNamespaces(config);
  if (config.secrets.create && lacking.length > 0) {
    await makeNamespaces(chosen, lacking);
    lacking = [];
  }
  const wanted = wantedSecrets(config);
  const refused = config.secrets.externalSecrets && lacking.length === 0 ? await fetchExternal(chosen) : [];
  const found = new Map<string, Found>();
  const versions = new Map<string, string>();
  for (const { id, namespace, name } of wanted) {
    const present = lacking.includes(namespace) ? undefined : await readSecret(name, namespace);
    if (!present) continue;
    found.set(id, present.values);
    versions.set(id, present.version);
  }
  const findings = certificateFindings(wanted, found, Date.now());
  const faults = [...faultsOf(wanted, found, config), ...findings.faults, ...refused];
  if (faults.length > 0) {
    const first =
      lacking.length > 0
        ? `\n  ${lacking.join(', ')}: no such namespace yet; make it first:\n      kubectl apply --server-side -f dist/${chosen.name}/00-namespaces.yaml`
        : '';
    throw new UsageError(`Secrets need your attention${first}\n${faults.map((f) => `  ${f}`).join('\n')}`);
  }
  for (const secret of wanted) {
    const there = found.get(secret.id);
    const absent = there && secret.grows ? absentKeys(secret, there) : [];
    if (there && secret.make && absent.length > 0) {
      const made = await secret.make(found);
      const added = Object.fromEntries(absent.map((key) => [key, made[key] ?? '']));
      await setKeys(secret, added, versions.get(secret.id));
      found.set(secret.id, { ...there, ...added });
      console.log(`added ${absent.join(', ')} to Secret ${secret.namespace}/${secret.name}`);
    }
    if (there || !secret.make || !isNeeded(secret, found)) continue;
    const values = await secret.make(found);
    await createSecret(secret, values, config);
    found.set(secret.id, values);
    console.log(`created Secret ${secret.namespace}/${secret.name}`);
  }
  for (const warning of findings.warnings) console.warn(`warning: ${warning}`);
  return found;
}

async function missingNamespaces(config: Config): Promise<string[]> {
  const names = namespacesOf(config);
  const there = await Promise.all(
    names.map((name) => get<{ metadata: { deletionTimestamp?: string } }>('namespace', name)),
  );
  const leaving = names.find((_, i) => there[i]?.metadata.deletionTimestamp);
  if (leaving) throw new ClusterError(`namespace ${leaving} is still being deleted; try again when it is gone`);
  return names.filter((_, i) => !there[i]);
}

async function makeNamespaces(chosen: Environment, names: readonly string[]): Promise<void> {
  const made = objectsOf(chosen).flatMap(({ kind, metadata }) => (kind === 'Namespace' ? [metadata.name] : []));
  if (!names.every((name) => made.includes(name))) {
    throw new UsageError(`dist/${chosen.name} is not what config/ says; run \`npm run synth\``);
  }
  await kubectl(['apply', '--server-side', '-f', join(chosen.manifests, '00-namespaces.yaml')]);
  console.log(`created namespace ${names.join(' and ')}`);
}

/** Creates the Secrets that an environment lacks, and prints their number. */
export async function secrets(name: string | undefined): Promise<void> {
  const chosen = environment(name);
  await serverVersion();
  const found = await ensureSecrets(chosen);
  console.log(`all ${found.size} Secrets are there`);
}
