import { flows } from '../charts/flows';
import { namespaceOf, selectorOf } from '../charts/names';
import { isTier, portsOf, type TierName, tiersOf } from '../charts/topology';
import type { Config } from '../config';
import { isHostName } from '../config/fields';
import { namespacesOf } from '../config/namespaces';
import { addressClasses, type Cluster, labelSets, outsiders, podsWith, rangesIn } from '../reachability/cluster';
import { type Direction, type Endpoint, governs, type Outside, type Pod, permissions } from '../reachability/engine';
import type { Policy } from '../reachability/policy';
import { PortSet } from '../reachability/ports';
import { externalOf, isNode, othersOf, PRIVATE, placeFinder, tierFinder } from './places';

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
 * @returns one line for each pair that differs, as they are found
 */
export const differences = (
  { policies, namespaces }: Omit<Cluster, 'pods'>,
  pods: readonly Pod[],
  config: Config,
): Generator<string> => differencesAfter(policies, pods, config)({ policies, namespaces });

/**
 * The same for many changes of one set of policies: pods whose policies a change leaves alone are not looked at, and
 * peers and what the table declares for them are computed once.
 * @param before policies before the change, so that what a change forgets is looked at as well
 */
export function differencesAfter(before: readonly Policy[], pods: readonly Pod[], config: Config) {
  const tierOf = tierFinder(config);
  const declare = declarations(config);
  const { peers, own, added } = endpointsOf(before, pods, config);
  const known = { peers: peers.map(declare), own };

  return function* ({ policies, namespaces }: Omit<Cluster, 'pods'>): Generator<string> {
    const isChanged = policies !== before;
    const changed = isChanged ? symmetricDifference(policies, before) : [];
    const extra = isChanged ? added(policies.filter((policy) => changed.includes(policy))) : { peers: [], own: [] };
    const every = [...known.peers, ...extra.peers.map(declare)];
    for (const pod of [...known.own, ...extra.own]) {
      if (isChanged && !changed.some((policy) => governs(policy, pod))) continue;
      const tier = tierOf(pod);
      for (const direction of ['ingress', 'egress'] as const) {
        const permit = permissions(direction, pod, { policies, namespaces });
        for (const { peer, declared } of every) {
          const [is, should] = [permit(peer), tier ? declared(direction, tier) : PortSet.none];
          if (is.equals(should)) continue;
          const [opened, closed] = [is.minus(should), should.minus(is)];
          yield `${direction} of ${pod.name}, ${direction === 'ingress' ? 'from' : 'to'} ${peer.name}: ` +
            [opened.isEmpty ? '' : `${opened} opened`, closed.isEmpty ? '' : `${closed} closed`]
              .filter(Boolean)
              .join(', ');
        }
      }
    }
  };
}

const symmetricDifference = <T>(a: readonly T[], b: readonly T[]): T[] => [
  ...a.filter((item) => !b.includes(item)),
  ...b.filter((item) => !a.includes(item)),
];

/** Looks up what the flow table declares between a tier and a peer, once for each. */
function declarations(config: Config) {
  const all = flows(config);
  const placesOf = placeFinder(config);
  const look = (direction: Direction, tier: TierName, peer: Endpoint): PortSet => {
    const places = placesOf(peer, direction);
    return PortSet.union(
      all
        .filter(({ from, to }) =>
          direction === 'ingress' ? to === tier && places.has(from) : from === tier && places.has(to),
        )
        .flatMap(({ ports }) => ports.map(({ protocol, port }) => PortSet.of(protocol, port))),
    );
  };
  return (peer: Endpoint) => {
    const found = { ingress: new Map<TierName, PortSet>(), egress: new Map<TierName, PortSet>() };
    const declared = (direction: Direction, tier: TierName): PortSet => {
      const ports = found[direction].get(tier) ?? look(direction, tier, peer);
      found[direction].set(tier, ports);
      return ports;
    };
    return { peer, declared };
  };
}

/** Every possible peer, the pods of the site's namespaces, and what further policies add to them. */
function endpointsOf(policies: readonly Policy[], pods: readonly Pod[], config: Config) {
  const { cluster } = config;
  const site = namespacesOf(config);
  const others = othersOf(config).map(({ namespace }) => namespace);
  const around = [...new Set([...site, cluster.dns.namespace, ...others, ELSEWHERE])];
  const dns: Pod = { ...strangerIn(cluster.dns.namespace), name: 'cluster DNS', labels: cluster.dns.podLabels };
  const borders = [
    ...PRIVATE,
    ...cluster.podCidrs,
    ...cluster.serviceCidrs,
    ...cluster.nodeCidrs,
    ...externalOf(config).filter((to) => !isHostName(to)),
    `${METADATA}/32`,
    ...cluster.dns.addresses.map((address) => `${address}/32`),
  ];
  const classesOf = (all: readonly Policy[]) => outsiders(addressClasses(all, borders));
  const addresses = classesOf(policies);
  const names = new Set(addresses.map(({ name }) => name));
  const ranges = new Set(rangesIn(policies));
  const sets = labelSets(policies);
  const node = addresses.find(({ address }) => isNode(address, config))?.address;
  // the specification lets ipBlocks match pods: every pod once more, with an address
  const twice = (all: readonly Pod[]): Pod[] => [
    ...all,
    ...all.map((pod) => ({ ...pod, name: `${pod.name} by address`, address: cluster.podCidrs[0]?.split('/')[0] })),
  ];
  const ofSite = (all: readonly Pod[]) => all.filter(({ namespace }) => site.includes(namespace));
  const everyPod = [...pods, dns, ...podsWith([...sets.values()], around)];
  return {
    peers: [
      ...twice(everyPod),
      ...addresses,
      { kind: 'outside', name: 'internet (IPv6)', address: '2001:db8::1' },
      ...['elsewhere.example.net', ...externalOf(config).filter(isHostName)].map(
        (host): Outside => ({ kind: 'outside', name: host, address: '192.0.2.1', host }),
      ),
      ...(node ? hostsAt(node) : []),
    ] satisfies Endpoint[],
    own: ofSite(everyPod),
    added: (further: readonly Policy[]) => {
      const news = [...labelSets(further)].filter(([key]) => !sets.has(key)).map(([, labels]) => labels);
      const more = podsWith(news, around);
      const isCut = rangesIn(further).some((range) => !ranges.has(range));
      const classes = isCut ? classesOf([...policies, ...further]).filter((one) => !names.has(one.name)) : [];
      return { peers: [...twice(more), ...classes], own: ofSite(more) };
    },
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
