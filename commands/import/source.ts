import { isIPv4 } from 'node:net';
import { ClusterError, get, kubectl, list } from '../cluster/kubectl';
import { UsageError } from '../command';
import { readSecret } from '../secrets/in-cluster';

/** The server that is copied, as NetworkPolicies and its pod's /etc/hosts need it. */
export interface Peer {
  readonly to: readonly object[];
  readonly ports: readonly number[];
  /** Addresses of a name outside of the cluster. @default - the cluster's DNS answers */
  readonly aliases?: readonly { readonly ip: string; readonly hostnames: string[] }[];
}

/** A server and an account there, from a Secret. */
export interface Source {
  readonly secret: string;
  readonly host: string;
  readonly port: number;
  /** Name of the database there. */
  readonly database: string;
  /** Keys of the Secret. */
  readonly keys: readonly string[];
}

const KEYS = ['host', 'port', 'user', 'password', 'database', 'ca.crt'] as const;

/** Reads a Secret: host, user, password; port (3306), database (that of the site) and ca.crt may be left out. @throws UsageError with all faults */
export async function sourceOf(namespace: string, secret: string, database: string): Promise<Source> {
  const found = await readSecret(secret, namespace);
  if (!found) {
    throw new UsageError(
      `--from: there is no Secret ${secret} in ${namespace}; make it: kubectl create secret generic ${secret} -n ${namespace} --from-literal=host=… --from-literal=user=… --from-file=password=FILE`,
    );
  }
  const data = Object.fromEntries(Object.entries(found.values).map(([key, value]) => [key, value.trim()]));
  const port = Number(data.port ?? 3306);
  const name = data.database ?? database;
  const faults = [
    ...(['host', 'user', 'password'] as const).flatMap((key) => (data[key] ? [] : [`has no key ${key}`])),
    ...(data.host && !/^[A-Za-z0-9][-A-Za-z0-9.]*$/.test(data.host)
      ? [`host: must be a name or an IPv4 address, got "${data.host}"`]
      : []),
    ...(Number.isInteger(port) && port > 0 && port < 65_536 ? [] : [`port: must be 1 to 65535, got "${data.port}"`]),
    ...(isPlainName(name) ? [] : [`database: must be letters, digits, "_", "$" and "-", got "${name}"`]),
  ];
  if (faults.length > 0) throw new UsageError(`Secret ${secret} in ${namespace}: ${faults.join('; ')}`);
  return { secret, host: data.host ?? '', port, database: name, keys: KEYS.filter((key) => key in data) };
}

/** Whether the name of a database needs no care in commands. */
export const isPlainName = (name: string): boolean => /^[\w$-]{1,64}$/.test(name);

interface Service {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly clusterIP?: string; readonly selector?: Readonly<Record<string, string>> };
}
interface Slice {
  readonly endpoints?: readonly { readonly addresses: readonly string[] }[];
  readonly ports?: readonly { readonly port?: number }[];
}

/**
 * Where the server is: a Service of the cluster by its name or address, or addresses outside. Policies name pods of the cluster by labels,
 * because networks like Cilium match no pod by its address.
 * @param pod a pod that may look names up, with `getent`
 */
export async function peerOf({ host, port }: Source, namespace: string, pod: string): Promise<Peer> {
  const inside = await peerInside(host, port);
  if (inside) return inside;
  if (isIPv4(host)) return { to: [blockOf(host)], ports: [port] };
  const text = await kubectl(['exec', pod, '-c', 'database', '-n', namespace, '--', 'getent', 'ahostsv4', host]).catch(
    () => '',
  );
  const addresses = [...new Set(text.split('\n').map((line) => line.split(/\s/)[0] ?? ''))].filter((one) =>
    isIPv4(one),
  );
  if (addresses.length === 0) throw new UsageError(`host: "${host}" has no IPv4 address, as the cluster's DNS says`);
  return {
    to: addresses.map(blockOf),
    ports: [port],
    // the rule names these; a name may get others meanwhile
    aliases: addresses.slice(0, 1).map((ip) => ({ ip, hostnames: [host] })),
  };
}

/** Where a Service of the cluster is, by its name or address; undefined where that is none. @throws UsageError when it is missing */
export async function peerInside(host: string, port: number): Promise<Peer | undefined> {
  const service = await serviceOf(host);
  return service && peerOfService(service, port);
}

const blockOf = (address: string): object => ({ ipBlock: { cidr: `${address}/32` } });

async function serviceOf(host: string): Promise<Service | undefined> {
  const [, name, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\..*)?$/.exec(host) ?? [];
  if (name && namespace) {
    const found = await get<Service>('service', name, namespace);
    if (!found) throw new UsageError(`host: there is no Service ${name} in ${namespace}`);
    return found;
  }
  if (!isIPv4(host)) return undefined;
  const all = JSON.parse(await kubectl(['get', 'services', '-A', '-o', 'json'])) as { items: Service[] };
  return all.items.find(({ spec }) => spec.clusterIP === host);
}

async function peerOfService({ metadata, spec }: Service, port: number): Promise<Peer> {
  const slices = await list<Slice>('endpointslices', metadata.namespace, {
    'kubernetes.io/service-name': metadata.name,
  });
  // policies see the pod's port, not the Service's
  const ports = [...new Set(slices.flatMap(({ ports = [] }) => ports.flatMap((one) => one.port ?? [])))];
  const addresses = slices.flatMap(({ endpoints = [] }) => endpoints.flatMap((one) => one.addresses));
  if (addresses.length === 0)
    throw new ClusterError(`Service ${metadata.name} in ${metadata.namespace} has no endpoint`);
  const selected = Object.keys(spec.selector ?? {}).length > 0;
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': metadata.namespace } };
  return {
    to: selected ? [{ namespaceSelector, podSelector: { matchLabels: spec.selector } }] : addresses.map(blockOf),
    ports: ports.length > 0 ? ports : [port],
  };
}
