import { join } from 'node:path';
import { ownerLabels } from '../../charts/names';
import type { Config } from '../../config';
import { namespacesOf } from '../../config/namespaces';
import { ClusterError, get, kubectl, serverVersion } from '../cluster/kubectl';
import { UsageError } from '../command';
import { type Environment, environment, objectsOf } from '../environment';
import { fetchExternal } from './external';
import { certificateFindings, faultsOf } from './faults';
import { wantedSecrets } from './plan';
import { absentKeys, type Found, isNeeded, type Wanted } from './wanted';

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
    const secret = lacking.includes(namespace) ? undefined : await getSecret(name, namespace);
    if (!secret) continue;
    found.set(id, decode(secret.data ?? {}));
    versions.set(id, secret.metadata.resourceVersion);
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
      await add(secret, added, versions.get(secret.id));
      found.set(secret.id, { ...there, ...added });
      console.log(`added ${absent.join(', ')} to Secret ${secret.namespace}/${secret.name}`);
    }
    if (there || !secret.make || !isNeeded(secret, found)) continue;
    const values = await secret.make(found);
    await create(secret, values, config);
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

const getSecret = (name: string, namespace: string) =>
  get<{ data?: Record<string, string>; metadata: { resourceVersion: string } }>('secret', name, namespace);

const decode = (data: Record<string, string>): Found =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));

/**
 * Adds keys to a Secret that is unchanged since it was read; a Secret changed meanwhile is an error and stays as it is.
 */
async function add({ namespace, name }: Wanted, values: Found, resourceVersion: string | undefined): Promise<void> {
  const patch = { metadata: { resourceVersion }, stringData: values };
  // from standard input: every user of the machine can read arguments
  const args = ['patch', 'secret', name, '-n', namespace, '--type=merge', '--patch-file=/dev/stdin'];
  await kubectl(args, { input: JSON.stringify(patch) });
}

/** `create`, not `apply`: a Secret created meanwhile is an error and stays as it is. */
async function create({ namespace, name, type }: Wanted, values: Found, config: Config): Promise<void> {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    type,
    metadata: {
      name,
      namespace,
      labels: ownerLabels(config),
    },
    stringData: values,
  };
  await kubectl(['create', '-f', '-'], { input: JSON.stringify(secret) });
}

/** Creates the Secrets that an environment lacks, and prints their number. */
export async function secrets(name: string | undefined): Promise<void> {
  const chosen = environment(name);
  await serverVersion();
  const found = await ensureSecrets(chosen);
  console.log(`all ${found.size} Secrets are there`);
}
