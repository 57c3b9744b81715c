import { flows } from '../charts/flows';
import { namespaceOf, selectorOf } from '../charts/names';
import { isTier, type Place, portsOf, type TierName, tiersOf } from '../charts/topology';
import type { Config } from '../config';
import { isHostName } from '../config/fields';
import { namespacesOf } from '../config/namespaces';
import { addressClasses, type Cluster, outsiders, strangers } from '../reachability/cluster';
import { type Direction, type Endpoint, governs, type Outside, type Pod, permitted } from '../reachability/engine';
import type { Policy } from '../reachability/policy';
import { PortSet } from '../reachability/ports';
import {
  externalOf,
  isNode,
  othersOf,
  PRIVATE,
  placesOfAddress,
  placesOfHost,
  placesOfPod,
  tierFinder,
} from './places';

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
    ports: Object.entries(portsOf(tier, config)).map(([name, containerPort]) => ({ name, containerPort })),
  }));

/**
 * Compares what policies permit with what the flow table declares, for every port of every protocol and each end by
 * itself: the source's egress must equal the table even if the target had no policy, and the reverse.
 * @param pods the pods that are deployed; undeployed pods and every IPv4 address are added
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

/** A lazily computed value: most faults are found before most endpoints are checked. */
function once<T>(compute: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= compute();
    return value;
  };
}

/** Every possible peer, and the pods of the site's namespaces. */
function endpointsOf(policies: readonly Policy[], pods: readonly Pod[], config: Config) {
  const { cluster } = config;
  const site = namespacesOf(config);
  const others = othersOf(config).map(({ namespace }) => namespace);
  const around = [...new Set([...site, cluster.dns.namespace, ...others, ELSEWHERE])];
  const dns: Pod = { ...strangerIn(cluster.dns.namespace), name: 'cluster DNS', labels: cluster.dns.podLabels };
  const everyPod = [...pods, dns, ...strangers(policies, around)];
  const borders = [
    ...PRIVATE,
    ...cluster.podCidrs,
    ...cluster.serviceCidrs,
    ...cluster.nodeCidrs,
    ...externalOf(config).filter((to) => !isHostName(to)),
    `${METADATA}/32`,
    ...cluster.dns.addresses.map((address) => `${address}/32`),
  ];
  const addresses = outsiders(addressClasses(policies, borders));
  const node = addresses.find(({ address }) => isNode(address, config))?.address;
  const peers: Endpoint[] = [
    ...everyPod,
    // the specification lets ipBlocks match pods: every pod once more, with an address
    ...everyPod.map((pod) => ({ ...pod, name: `${pod.name} by address`, address: cluster.podCidrs[0]?.split('/')[0] })),
    ...addresses,
    { kind: 'outside', name: 'internet (IPv6)', address: '2001:db8::1' },
    ...['elsewhere.example.net', ...externalOf(config).filter(isHostName)].map(
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

/** Container ports of flows that no deployed pod of the tier opens. */
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
