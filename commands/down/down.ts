import { HOLDS_DATA } from '../../charts/gitops';
import { ownerLabels } from '../../charts/names';
import type { Config } from '../../config';
import { namespacesOf } from '../../config/namespaces';
import type { Manifest } from '../../reachability/manifest';
import { applierOf, insteadOf } from '../cluster/applier';
import { ClusterError, clusterName, get, kubectl, list, selector, serverVersion } from '../cluster/kubectl';
import { UsageError } from '../command';
import { confirm } from '../confirm';
import { type Environment, environment, objectsOf } from '../environment';

const FIREWALLS: readonly string[] = ['NetworkPolicy', 'CiliumNetworkPolicy'];

/**
 * Objects of the manifests that `down` deletes, in two steps, each in reverse order of applying:
 * firewalls stay until everything behind them is deleted.
 */
export function deletable(objects: readonly Manifest[]): [behind: Manifest[], firewalls: Manifest[]] {
  const all = objects.filter(({ kind }) => !HOLDS_DATA.includes(kind)).reverse();
  const isFirewall = ({ kind }: Manifest): boolean => FIREWALLS.includes(kind);
  return [all.filter((object) => !isFirewall(object)), all.filter(isFirewall)];
}

async function takeDown(chosen: Environment, timeout: number): Promise<void> {
  const known = await knownKinds();
  for (const step of deletable(objectsOf(chosen))) {
    // a kind unknown to the cluster has no objects, and kubectl would stop at it
    const items = step.filter(({ kind }) => known.has(kind));
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    const args = ['delete', '-f', '-', '--ignore-not-found', '--cascade=foreground', `--timeout=${timeout}s`];
    await kubectl(args, { input, seconds: timeout + 30 });
  }
  await deleteEarlier(chosen.config);
}

async function knownKinds(): Promise<Set<string>> {
  const lines = (await kubectl(['api-resources', '--no-headers'])).trim().split('\n');
  return new Set(lines.map((line) => line.trim().split(/\s+/).at(-1) ?? ''));
}

/** ConfigMaps of earlier versions, which `up` keeps for rollbacks, are in no manifest. */
async function deleteEarlier(config: Config): Promise<void> {
  const labels = selector(ownerLabels(config));
  for (const namespace of namespacesOf(config)) {
    await kubectl(['delete', 'configmaps', '-n', namespace, '-l', labels, '--ignore-not-found']);
  }
}

async function deleteNamespaces(config: Config, timeout: number): Promise<void> {
  const names = namespacesOf(config);
  try {
    await kubectl(['delete', 'namespace', ...names, '--ignore-not-found', '--wait=true', `--timeout=${timeout}s`], {
      seconds: timeout + 30,
    });
  } catch (error) {
    throw new ClusterError(`${(error as Error).message}${await blockers(names)}`);
  }
}

/** Why a namespace still exists, in the cluster's words. */
async function blockers(names: readonly string[]): Promise<string> {
  interface Namespace {
    readonly status: { readonly conditions?: readonly { readonly status: string; readonly message?: string }[] };
  }
  const namespaces = await Promise.all(names.map((name) => get<Namespace>('namespace', name).catch(() => undefined)));
  return namespaces
    .flatMap((one) => one?.status.conditions ?? [])
    .flatMap(({ status, message }) => (status === 'True' && message ? [`\n  ${message}`] : []))
    .join('');
}

/** Objects that stay, each with the command that shows them. */
async function kept(config: Config): Promise<string> {
  interface Claim {
    readonly metadata: { readonly name: string };
    readonly status: { readonly capacity?: { readonly storage?: string } };
  }
  const lines: string[] = [];
  for (const namespace of namespacesOf(config)) {
    const claims = await list<Claim>('persistentvolumeclaims', namespace);
    const secrets = await list<{ metadata: { name: string } }>('secrets', namespace);
    const volumes = claims.map(({ metadata, status }) => `${metadata.name} ${status.capacity?.storage ?? ''}`.trim());
    if (volumes.length > 0) lines.push(`  ${namespace}: volumes ${volumes.join(', ')}`);
    if (secrets.length > 0) lines.push(`  ${namespace}: Secrets ${secrets.map((s) => s.metadata.name).join(', ')}`);
  }
  return lines.join('\n');
}

/** Volumes that outlive their claims, because of the reclaim policy Retain. */
async function retained(config: Config): Promise<string> {
  interface Volume {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly persistentVolumeReclaimPolicy?: string; readonly claimRef?: { namespace?: string } };
  }
  const text = await kubectl(['get', 'persistentvolumes', '-o', 'json']).catch(() => '{"items":[]}');
  const names = (JSON.parse(text) as { items: Volume[] }).items
    .filter(({ spec }) => spec.persistentVolumeReclaimPolicy === 'Retain')
    .filter(({ spec }) => namespacesOf(config).includes(spec.claimRef?.namespace ?? ''))
    .map(({ metadata }) => metadata.name);
  return names.length > 0
    ? `\nPersistentVolumes with reclaim policy Retain stay: kubectl delete pv ${names.join(' ')}`
    : '';
}

/** Options of `down`. */
export interface Ending {
  /** Also delete volumes, Secrets and namespaces. */
  readonly deleteData: boolean;
  /** Do not ask for confirmation before data is deleted. */
  readonly yes: boolean;
  /** Deadline of each deletion, in seconds. */
  readonly timeout: number;
}

/** Takes an environment away. */
export async function down(name: string | undefined, { deleteData, yes, timeout }: Ending): Promise<void> {
  const chosen = environment(name);
  const { config } = chosen;
  await serverVersion();
  const cluster = await clusterName();
  const applier = await applierOf(config);
  if (applier) throw new UsageError(insteadOf('down', applier, chosen.name));
  const what = `This deletes every row, certificate and password of ${namespacesOf(config).join(' and ')} in ${cluster}.`;
  if (deleteData && !yes) await confirm(what, config.name);
  console.log(`cluster: ${cluster}`);
  await takeDown(chosen, timeout);
  if (deleteData) {
    await deleteNamespaces(config, timeout);
    console.log(`${config.name} and its data are gone${await retained(config)}`);
  } else {
    const rest = await kept(config);
    console.log(`${config.name} is down${rest && `; kept (--delete-data removes it):\n${rest}`}`);
  }
}
