import { namespaceOf, namespacesOf, selectorOf } from '../../charts/names';
import { flows, isTier, type Place, readersOf, type TierName, tiers, tiersOf } from '../../charts/topology';
import type { Config } from '../../config';
import { isHostName } from '../../config/fields';
import { addressClasses, type Cluster, outsiders, strangers } from '../../reachability/cluster';
import {
  type Direction,
  type Endpoint,
  governs,
  type Outside,
  type Pod,
  permitted,
  selects,
} from '../../reachability/engine';
import { holds, type Policy } from '../../reachability/policy';
import { PortSet } from '../../reachability/ports';

/** Where no monitoring service of the internet can be. @see https://www.rfc-editor.org/rfc/rfc6890 */
const PRIVATE = ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'];
/** The metadata service of the clouds. */
export const METADATA = '169.254.169.254';
/** A namespace that is none of the site's. */
export const ELSEWHERE = 'elsewhere';

/** Pods as the topology describes them, one a tier. */
export const podsOfTopology = (config: Config): Pod[] =>
  tiersOf(config).map((tier) => ({
    kind: 'pod',
    name: `${namespaceOf(tier, config)}/${tier}`,
    namespace: namespaceOf(tier, config),
    labels: selectorOf(tier, config),
    ports: Object.entries(tiers[tier].ports).map(([name, containerPort]) => ({ name, containerPort })),
  }));

/** Tells the tier that a pod belongs to by its namespace and labels; undefined for a stranger. */
export function tierFinder(config: Config): (pod: Pod) => TierName | undefined {
  const known = tiersOf(config).map((tier) => ({
    tier,
    namespace: namespaceOf(tier, config),
    selector: { matchLabels: selectorOf(tier, config) },
  }));
  return (pod) =>
    known.find(({ namespace, selector }) => namespace === pod.namespace && selects(selector, pod.labels))?.tier;
}

/**
 * Compares what policies permit with what the flow table declares, for every port of every protocol and each end by
 * itself: the source's egress must equal the table even if the target had no policy, and the reverse.
 * @param pods the pods that are deployed; pods that nobody deployed and every address of IPv4 are added
 * @param before policies before a change, so that what a change forgets is looked at as well
 * @returns one line for each pair that differs, as they are found
 */
export function* differences(
  { policies, namespaces }: Omit<Cluster, 'pods'>,
  pods: readonly Pod[],
  config: Config,
  before: readonly Policy[] = policies,
): Generator<string> {
  const table = tableOf(config);
  const tierOf = tierFinder(config);
  const { endpoints, own } = endpointsOf([...new Set([...policies, ...before])], pods, config);
  const changed = before === policies ? undefined : symmetricDifference(policies, before);
  const rules = { policies, namespaces };
  for (const pod of own) {
    if (changed && !changed.some((policy) => governs(policy, pod))) continue;
    const tier = tierOf(pod);
    for (const direction of ['ingress', 'egress'] as const) {
      for (const { peer, places } of endpoints[direction]) {
        const computed = permitted(direction, pod, peer, rules);
        const declared = tier ? table(direction, tier, places()) : PortSet.none;
        if (computed === declared || String(computed) === String(declared)) continue;
        const [opened, closed] = [computed.minus(declared), declared.minus(computed)];
        yield `${direction} of ${pod.name}, ${direction === 'ingress' ? 'from' : 'to'} ${peer.name}: ` +
          [opened.isEmpty ? '' : `${opened} opened`, closed.isEmpty ? '' : `${closed} closed`]
            .filter(Boolean)
            .join(', ');
      }
    }
  }
}

const symmetricDifference = <T>(a: readonly T[], b: readonly T[]): T[] => [
  ...a.filter((item) => !b.includes(item)),
  ...b.filter((item) => !a.includes(item)),
];

/** Looks up the flow table: ports between a tier and an endpoint that counts as `places`. */
function tableOf(config: Config): (direction: Direction, tier: TierName, places: ReadonlySet<Place>) => PortSet {
  const all = flows(config);
  return (direction, tier, places) =>
    PortSet.union(
      all
        .filter(({ from, to }) =>
          direction === 'ingress' ? to === tier && places.has(from) : from === tier && places.has(to),
        )
        .flatMap(({ ports }) => ports.map(({ protocol, port }) => PortSet.of(protocol, port))),
    );
}

interface Known {
  readonly peer: Endpoint;
  /** What the flow table calls it, seen from a pod that it connects to (ingress) or that connects to it (egress). */
  readonly places: () => ReadonlySet<Place>;
}

/** A value that is computed when it is first asked for: most faults are found before most endpoints are looked at. */
function once<T>(compute: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= compute();
    return value;
  };
}

/** Everybody that may be at the other end, and the pods of the site's own namespaces. */
function endpointsOf(policies: readonly Policy[], pods: readonly Pod[], config: Config) {
  const { cluster } = config;
  const site = namespacesOf(config);
  const around = [...new Set([...site, cluster.dns.namespace, ...readersOf(config.monitoring), ELSEWHERE])];
  const dns: Pod = { ...strangerIn(cluster.dns.namespace), name: 'cluster DNS', labels: cluster.dns.podLabels };
  const everyPod = [...pods, dns, ...strangers(policies, around)];
  const borders = [
    ...PRIVATE,
    ...cluster.podCidrs,
    ...cluster.serviceCidrs,
    ...cluster.nodeCidrs,
    ...config.firewall.extraEgress.map(({ to }) => to).filter((to) => !isHostName(to)),
    `${METADATA}/32`,
    ...(cluster.dns.nodeLocalAddress ? [`${cluster.dns.nodeLocalAddress}/32`] : []),
  ];
  const addresses = outsiders(addressClasses(policies, borders));
  const node = addresses.find(({ address }) => isNode(address, config))?.address;
  const peers: Endpoint[] = [
    ...everyPod,
    // the specification lets ipBlocks match pods: every pod once more, with an address
    ...everyPod.map((pod) => ({ ...pod, name: `${pod.name} by address`, address: cluster.podCidrs[0]?.split('/')[0] })),
    ...addresses,
    { kind: 'outside', name: 'internet (IPv6)', address: '2001:db8::1' },
    ...['elsewhere.example.net', ...config.firewall.extraEgress.map(({ to }) => to).filter(isHostName)].map(
      (host): Outside => ({ kind: 'outside', name: host, address: '192.0.2.1', host }),
    ),
    ...(node ? hostsAt(node) : []),
  ];
  const tierOf = tierFinder(config);
  const known = (direction: Direction): Known[] =>
    peers.map((peer) => ({
      peer,
      places: once(
        () =>
          new Set([
            ...(peer.address ? placesOfAddress(peer.address, direction, config) : []),
            ...(peer.kind === 'pod' ? placesOfPod(peer, tierOf, config) : placesOfHost(peer, config)),
          ]),
      ),
    }));
  return {
    endpoints: { ingress: known('ingress'), egress: known('egress') },
    own: everyPod.filter(({ namespace }) => site.includes(namespace)),
  };
}

const strangerIn = (namespace: string): Pod => ({
  kind: 'pod',
  name: `${namespace}/-`,
  namespace,
  labels: {},
  ports: [],
});

const hostsAt = (address: string): Outside[] => [
  { kind: 'outside', name: 'own node', address, entities: ['host'] },
  { kind: 'outside', name: 'other node', address, entities: ['remote-node'] },
  { kind: 'outside', name: 'control plane node', address, entities: ['remote-node', 'kube-apiserver'] },
  { kind: 'outside', name: 'managed control plane', address, entities: ['kube-apiserver'] },
];

function placesOfPod(pod: Pod, tierOf: (pod: Pod) => TierName | undefined, config: Config): Place[] {
  const { dns } = config.cluster;
  const tier = tierOf(pod);
  const isDns = pod.namespace === dns.namespace && selects({ matchLabels: dns.podLabels }, pod.labels);
  const isReader = readersOf(config.monitoring).includes(pod.namespace);
  return [
    ...(tier ? [tier] : []),
    ...(isDns ? (['cluster-dns'] as const) : []),
    ...(isReader ? [`namespace:${pod.namespace}` as const] : []),
  ];
}

function placesOfHost({ entities = [], host }: Outside, { cluster, firewall }: Config): Place[] {
  if (cluster.networkPolicies !== 'cilium') return [];
  if (host) return firewall.extraEgress.filter(({ to }) => to === host).map(({ to }): Place => `external:${to}`);
  const isNode = entities.includes('host') || entities.includes('remote-node');
  return [
    ...(entities.includes('kube-apiserver') ? (['kubernetes-api'] as const) : []),
    ...(isNode ? (['kubelet'] as const) : []),
  ];
}

function placesOfAddress(address: string, direction: Direction, config: Config): Place[] {
  const { cluster, firewall } = config;
  if (address.includes(':')) return [];
  if (direction === 'ingress') return ['internet'];
  const ofCluster = [...cluster.podCidrs, ...cluster.serviceCidrs, ...cluster.nodeCidrs];
  return [
    ...(holds([...PRIVATE, ...ofCluster], address) ? [] : (['internet'] as const)),
    ...(cluster.networkPolicies === 'kubernetes' && isNode(address, config)
      ? (['kubernetes-api', 'kubelet'] as const)
      : []),
    ...(address === cluster.dns.nodeLocalAddress ? (['cluster-dns'] as const) : []),
    ...firewall.extraEgress
      .filter(({ to }) => !isHostName(to) && holds([to], address))
      .map(({ to }): Place => `external:${to}`),
  ];
}

/** True for addresses of nodes: of their ranges, less what lies inside and is not theirs. */
const isNode = (address: string, { cluster }: Config): boolean =>
  cluster.nodeCidrs.some((range) => {
    const narrower = [...cluster.podCidrs, ...cluster.serviceCidrs, '169.254.0.0/16'].filter(
      (cidr) => Number(cidr.split('/')[1]) > Number(range.split('/')[1]),
    );
    return holds([range], address) && !holds(narrower, address);
  });

/** Container ports that flows lead to and that no deployed pod of the tier opens: doors in the wall with no room behind. */
export function deadEnds(pods: readonly Pod[], config: Config): string[] {
  const tierOf = tierFinder(config);
  return flows(config).flatMap(({ to, ports }) => {
    if (!isTier(to)) return [];
    const open = pods
      .filter((pod) => tierOf(pod) === to)
      .flatMap((pod) => pod.ports.map(({ containerPort, protocol = 'TCP' }) => `${protocol} ${containerPort}`));
    return ports
      .map(({ port, protocol }) => `${protocol} ${port}`)
      .filter((port) => !open.includes(port))
      .map((port) => `${to}: no pod opens ${port}`);
  });
}
