import { namespaceOf, selectorOf } from '../charts/names';
import { type OtherPods, otherPods } from '../charts/places';
import { type Place, readersOf, type TierName, tiersOf } from '../charts/topology';
import type { Config } from '../config';
import { isHostName } from '../config/fields';
import { waysOut } from '../config/ways-out';
import { type Direction, type Endpoint, type Outside, type Pod, selects } from '../reachability/engine';
import { holds } from '../reachability/policy';

/** Ranges without internet services. @see https://www.rfc-editor.org/rfc/rfc6890 */
export const PRIVATE = ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'];
/** The tier of a pod by its namespace and labels; undefined for other pods. */
export function tierFinder(config: Config): (pod: Pod) => TierName | undefined {
  const known = tiersOf(config).map((tier) => ({
    tier,
    namespace: namespaceOf(tier, config),
    selector: { matchLabels: selectorOf(tier, config) },
  }));
  return (pod) =>
    known.find(({ namespace, selector }) => namespace === pod.namespace && selects(selector, pod.labels))?.tier;
}

/** Pods of other namespaces that the configuration names. */
export const othersOf = (config: Config): OtherPods[] => [
  ...readersOf(config.monitoring).map((namespace) => ({ namespace, podLabels: {} })),
  ...waysOut(config).flatMap(({ to }) => (typeof to === 'object' ? [to] : [])),
  ...config.firewall.extraIngress.map(({ from }) => from),
];

/** Ranges and host names that the configuration names. */
export const externalOf = (config: Config): string[] =>
  waysOut(config).flatMap(({ to }) => (typeof to === 'string' && to !== 'internet' ? [to] : []));

/** Finds the flow table's names of an endpoint, seen from a pod that it connects to (ingress) or that connects to it (egress). */
export function placeFinder(config: Config): (peer: Endpoint, direction: Direction) => ReadonlySet<Place> {
  const { dns, networkPolicies, podCidrs, serviceCidrs, nodeCidrs } = config.cluster;
  const tierOf = tierFinder(config);
  const others = othersOf(config);
  const [hosts, ranges] = [externalOf(config).filter(isHostName), externalOf(config).filter((to) => !isHostName(to))];
  const notInternet = [...PRIVATE, ...podCidrs, ...serviceCidrs, ...nodeCidrs];

  const ofPod = (pod: Pod): Place[] => {
    const tier = tierOf(pod);
    const isDns = pod.namespace === dns.namespace && selects({ matchLabels: dns.podLabels }, pod.labels);
    const named = others.filter(
      ({ namespace, podLabels }) => namespace === pod.namespace && selects({ matchLabels: podLabels }, pod.labels),
    );
    return [...(tier ? [tier] : []), ...(isDns ? (['cluster-dns'] as const) : []), ...named.map(otherPods)];
  };

  // by its host name or Cilium's entity
  const ofHost = ({ entities = [], host }: Outside): Place[] => {
    if (networkPolicies !== 'cilium') return [];
    if (host) return hosts.filter((to) => to === host).map((to): Place => `external:${to}`);
    const isOfNode = entities.includes('host') || entities.includes('remote-node');
    return [
      ...(entities.includes('kube-apiserver') ? (['kubernetes-api'] as const) : []),
      ...(isOfNode ? (['kubelet'] as const) : []),
    ];
  };

  const ofAddress = (address: string, direction: Direction): Place[] => {
    if (address.includes(':')) return [];
    if (direction === 'ingress') return ['internet'];
    return [
      ...(holds(notInternet, address) ? [] : (['internet'] as const)),
      ...(networkPolicies === 'kubernetes' && isNode(address, config) ? (['kubernetes-api', 'kubelet'] as const) : []),
      ...(dns.addresses.includes(address) ? (['dns-address'] as const) : []),
      ...ranges.filter((to) => holds([to], address)).map((to): Place => `external:${to}`),
    ];
  };

  return (peer, direction) =>
    new Set([
      ...(peer.address ? ofAddress(peer.address, direction) : []),
      ...(peer.kind === 'pod' ? ofPod(peer) : ofHost(peer)),
    ]);
}

/** True for addresses of nodes: of their ranges, less what lies inside and is not theirs. */
export const isNode = (address: string, { cluster }: Config): boolean =>
  cluster.nodeCidrs.some((range) => {
    const narrower = [...cluster.podCidrs, ...cluster.serviceCidrs, '169.254.0.0/16'].filter(
      (cidr) => Number(cidr.split('/')[1]) > Number(range.split('/')[1]),
    );
    return holds([range], address) && !holds(narrower, address);
  });
