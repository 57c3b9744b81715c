import type { Config } from '../../config';
import { get, kubectl, list, serverVersion } from './kubectl';

/** Facts that a cluster reports. Facts that the account may not read are undefined and are not checked. */
export interface Facts {
  /** Minor version of Kubernetes 1.x. */
  readonly minor: number;
  /** It has the kind CiliumNetworkPolicy. */
  readonly cilium: boolean;
  /** It has the kind Certificate of cert-manager. */
  readonly certManager: boolean;
  /** IPv4 addresses and ports of the API server's own endpoints. */
  readonly apiServer: readonly { readonly address: string; readonly port: number }[];
  /** Address of the Service `kubernetes`; empty when unknown. */
  readonly serviceAddress: string;
  /** Ranges of Services, reported since Kubernetes 1.33. */
  readonly serviceCidrs?: readonly string[];
  /** IPv4 addresses of pods that are not on their node's network. */
  readonly podAddresses?: readonly string[];
  /** IPv4 pod ranges of the nodes; not all networks use them. */
  readonly nodePodCidrs?: readonly string[];
  /** IPv4 addresses of nodes within the cluster. */
  readonly nodeAddresses?: readonly string[];
  /** The Service of the cluster DNS. */
  readonly dns?: DnsService;
  /** Number of pods with the labels of the cluster DNS. @default - not readable */
  readonly dnsPods?: number;
  /** A NodeLocal cache runs on the nodes. */
  readonly nodeLocalDns?: boolean;
  readonly storageClasses?: readonly { readonly name: string; readonly isDefault: boolean }[];
  readonly priorityClasses?: readonly string[];
}

/** The Service of the cluster DNS and its backends. */
export interface DnsService {
  readonly namespace: string;
  readonly name: string;
  readonly address: string;
  /** Labels of its pods; none where DNS is no pod. */
  readonly podLabels: Readonly<Record<string, string>>;
  /** Port that its pods listen on. @default - it has no pod */
  readonly podPort?: number;
}

interface Slice {
  readonly addressType: string;
  readonly endpoints?: readonly { readonly addresses: readonly string[] }[];
  readonly ports?: readonly { readonly port?: number; readonly protocol?: string; readonly name?: string }[];
}
interface Service {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly clusterIP?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly { readonly port: number; readonly protocol?: string; readonly name?: string }[];
  };
}
interface Named {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
}
interface Node {
  readonly spec: { readonly podCIDRs?: readonly string[] };
  readonly status: { readonly addresses?: readonly { readonly type: string; readonly address: string }[] };
}
interface Pod {
  readonly spec: { readonly hostNetwork?: boolean };
  readonly status: { readonly podIP?: string };
}

/** An IPv4 address, alone or with a mask. */
export const isV4 = (address: string | undefined): address is string => /^\d+(\.\d+){3}(\/\d+)?$/.test(address ?? '');

const everywhere = async <T>(kind: string, more: readonly string[] = []): Promise<T[]> =>
  (JSON.parse(await kubectl(['get', kind, '-A', ...more, '-o', 'json'])) as { items: T[] }).items;

/** An account without read access may still deploy. */
const mayFail = <T>(asked: Promise<T>): Promise<T | undefined> => asked.catch(() => undefined);

/**
 * Reads from the cluster everything that the configuration states about it.
 * @param dns where the configuration looks for DNS pods
 * @throws ClusterError when the cluster does not answer
 */
export async function factsOf(dns: Pick<Config['cluster']['dns'], 'namespace' | 'podLabels'>): Promise<Facts> {
  const version = await serverVersion();
  const [kinds, certificates, slices, kubernetes, cidrs, pods, nodes, services, dnsPods, local, classes, priorities] =
    await Promise.all([
      kubectl(['api-resources', '--api-group=cilium.io', '-o', 'name']),
      kubectl(['api-resources', '--api-group=cert-manager.io', '-o', 'name']),
      mayFail(list<Slice>('endpointslices', 'default', { 'kubernetes.io/service-name': 'kubernetes' })),
      mayFail(get<Service>('service', 'kubernetes', 'default')),
      mayFail(everywhere<{ spec: { cidrs?: readonly string[] } }>('servicecidrs.networking.k8s.io')),
      mayFail(everywhere<Pod>('pods', ['--field-selector=status.phase=Running'])),
      mayFail(everywhere<Node>('nodes')),
      mayFail(everywhere<Service>('services')),
      mayFail(list('pods', dns.namespace, dns.podLabels)),
      mayFail(everywhere('pods', ['-l', 'k8s-app=node-local-dns'])),
      mayFail(everywhere<Named>('storageclasses.storage.k8s.io')),
      mayFail(everywhere<Named>('priorityclasses.scheduling.k8s.io')),
    ]);
  const v4 = (addresses: readonly (string | undefined)[]): string[] => [...new Set(addresses.filter(isV4))];
  return {
    minor: version.major === '1' ? Number.parseInt(version.minor, 10) : Number.POSITIVE_INFINITY,
    cilium: kinds.includes('ciliumnetworkpolicies.cilium.io'),
    certManager: certificates.includes('certificates.cert-manager.io'),
    apiServer: (slices ?? []).flatMap(({ addressType, endpoints = [], ports = [] }) =>
      addressType === 'IPv4'
        ? endpoints.flatMap(({ addresses }) =>
            addresses.flatMap((address) => ports.flatMap(({ port }) => (port ? [{ address, port }] : []))),
          )
        : [],
    ),
    serviceAddress: kubernetes?.spec.clusterIP ?? '',
    serviceCidrs: cidrs && v4(cidrs.flatMap(({ spec }) => spec.cidrs ?? [])),
    podAddresses: pods && v4(pods.filter(({ spec }) => !spec.hostNetwork).map(({ status }) => status.podIP)),
    nodePodCidrs: nodes && v4(nodes.flatMap(({ spec }) => spec.podCIDRs ?? [])),
    nodeAddresses:
      nodes &&
      v4(
        nodes.flatMap(({ status }) =>
          (status.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
        ),
      ),
    dns: services && (await dnsOf(services)),
    dnsPods: dnsPods?.length,
    nodeLocalDns: local && local.length > 0,
    storageClasses: classes?.map(({ metadata: { name, annotations } }) => ({
      name,
      isDefault: annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
    })),
    priorityClasses: priorities?.map(({ metadata }) => metadata.name),
  };
}

/** Names of the DNS Service: the usual one, and OpenShift's. */
const DNS_NAMES = ['kube-dns', 'dns-default', 'coredns', 'rke2-coredns-rke2-coredns'];

async function dnsOf(services: readonly Service[]): Promise<DnsService | undefined> {
  const found = services
    .filter(({ metadata, spec }) => DNS_NAMES.includes(metadata.name) && isV4(spec.clusterIP))
    .sort((a, b) => DNS_NAMES.indexOf(a.metadata.name) - DNS_NAMES.indexOf(b.metadata.name))
    .find(({ spec }) => spec.ports?.some(({ port, protocol }) => port === 53 && protocol === 'UDP'));
  if (!found) return undefined;
  const { name, namespace } = found.metadata;
  const slices = await mayFail(list<Slice>('endpointslices', namespace, { 'kubernetes.io/service-name': name }));
  const asked = found.spec.ports?.find(({ port, protocol }) => port === 53 && protocol === 'UDP')?.name;
  return {
    name,
    namespace,
    address: found.spec.clusterIP ?? '',
    podLabels: found.spec.selector ?? {},
    podPort: slices
      ?.filter(({ endpoints = [] }) => endpoints.length > 0)
      .flatMap(({ ports = [] }) => ports)
      .find(({ name: port, protocol }) => port === asked && protocol === 'UDP')?.port,
  };
}
