import { contains, isHostName } from '../../config/fields';
import { LINK_LOCAL } from '../../config/network-rules';
import type { Config } from '../../config/schema';
import { waysOut } from '../../config/ways-out';
import * as k8s from '../../imports/k8s';
import { type Flow, firewallOf, flows } from '../flows';
import { namespaceOf, selectorOf } from '../names';
import { externalOf, hostNameOf, otherPodsOf } from '../places';
import { type Firewall, isTier, type Place, type TierName } from '../topology';

/** Rules of one firewall for one tier: the NetworkPolicy `<firewall>-firewall-<tier>`. */
export interface Policy {
  readonly firewall: Firewall;
  readonly tier: TierName;
  readonly ingress: readonly k8s.NetworkPolicyIngressRule[];
  readonly egress: readonly k8s.NetworkPolicyEgressRule[];
  /** The reasons of its flows, for the object's annotation. */
  readonly reasons: readonly string[];
}

/** Private and link-local ranges, which are not part of the internet. @see https://www.rfc-editor.org/rfc/rfc6890 */
const NOT_INTERNET = ['10.0.0.0/8', '100.64.0.0/10', LINK_LOCAL, '172.16.0.0/12', '192.168.0.0/16'];

/**
 * The policies of one firewall, derived from the flow table: each flow gives its source an egress rule and its target an
 * ingress rule, because a connection needs both.
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
 */
export function policiesOf(firewall: Firewall, config: Config): readonly Policy[] {
  const through = flows(config).filter((flow) => firewallOf(flow) === firewall && !isCiliumOnly(flow, config));
  const ends = [...new Set(through.flatMap((flow) => [flow.from, flow.to]).filter(isTier))];
  return ends.map((tier) => ({
    firewall,
    tier,
    ingress: through
      .filter((flow) => flow.to === tier)
      .map((flow) => ({ from: peersOf(flow.from, tier, config, 'from'), ports: portsOf(flow) })),
    egress: through
      .filter((flow) => flow.from === tier)
      .map((flow) => ({ to: peersOf(flow.to, tier, config, 'to'), ports: portsOf(flow) })),
    reasons: through
      .filter((flow) => flow.from === tier || flow.to === tier)
      .map((flow) => `${flow.from} to ${flow.to}: ${flow.reason}`),
  }));
}

/**
 * Flows that need a CiliumNetworkPolicy: to hosts of the cluster, which Cilium
 * treats as entities and matches by no ipBlock, and to host names, with the DNS look-ups of the tiers that use them:
 * Cilium learns the addresses of a name from answers that pass its DNS proxy.
 * @see https://docs.cilium.io/en/stable/security/policy/language/#dns-based
 */
export function isCiliumOnly({ from, to }: Flow, config: Config): boolean {
  if (config.cluster.networkPolicies !== 'cilium') return false;
  if (to === 'cluster-dns')
    return waysOut(config).some((way) => way.from === from && typeof way.to === 'string' && isHostName(way.to));
  return to === 'kubernetes-api' || to === 'kubelet' || hostNameOf(to) !== undefined;
}

const portsOf = (flow: Flow): k8s.NetworkPolicyPort[] =>
  flow.ports.map(({ port, protocol }) => ({ port: k8s.IntOrString.fromNumber(port), protocol }));

/** Every address that is neither private nor of the cluster, as a destination. */
export const internet = (config: Config): k8s.NetworkPolicyPeer => ({
  ipBlock: { cidr: '0.0.0.0/0', except: notInternet(config) },
});

function peersOf(place: Place, of: TierName, config: Config, direction: 'from' | 'to'): k8s.NetworkPolicyPeer[] {
  if (isTier(place)) {
    const sameNamespace = namespaceOf(place, config) === namespaceOf(of, config);
    return [
      {
        namespaceSelector: sameNamespace ? undefined : namespaceCalled(namespaceOf(place, config)),
        podSelector: { matchLabels: selectorOf(place, config) },
      },
    ];
  }
  const { cluster } = config;
  switch (place) {
    case 'internet':
      return [direction === 'to' ? internet(config) : { ipBlock: { cidr: '0.0.0.0/0' } }];
    case 'cluster-dns':
      return [
        // one peer: namespace AND pod; two peers would mean OR
        {
          namespaceSelector: namespaceCalled(cluster.dns.namespace),
          podSelector: { matchLabels: cluster.dns.podLabels },
        },
      ];
    case 'dns-address':
      return cluster.dns.addresses.map((address) => ({ ipBlock: { cidr: `${address}/32` } }));
    case 'kubernetes-api':
    case 'kubelet':
      return cluster.nodeCidrs.map((cidr) => ({ ipBlock: { cidr, except: notNodes(cidr, config) } }));
    default: {
      const others = otherPodsOf(place);
      if (!others) return [{ ipBlock: { cidr: externalOf(place) ?? '' } }];
      const { namespace, podLabels } = others;
      return [
        {
          namespaceSelector: namespaceCalled(namespace),
          podSelector: Object.keys(podLabels).length > 0 ? { matchLabels: { ...podLabels } } : undefined,
        },
      ];
    }
  }
}

/** Private ranges and the cluster's ranges, which may be public: egress to the internet excludes them. */
function notInternet({ cluster }: Config): string[] {
  const own = [...cluster.podCidrs, ...cluster.serviceCidrs, ...cluster.nodeCidrs];
  return [...NOT_INTERNET, ...own.filter((range) => !NOT_INTERNET.some((outer) => contains(outer, range)))];
}

/**
 * Pod, Service and metadata addresses inside a range of nodes: egress to nodes excludes them. Where pods
 * share the range of their nodes (as with the Amazon VPC CNI) they are indistinguishable, and an exception
 * as wide as its range is refused by the API server.
 */
function notNodes(range: string, { cluster }: Config): string[] | undefined {
  const inside = [...cluster.podCidrs, ...cluster.serviceCidrs, LINK_LOCAL].filter(
    (cidr) => contains(range, cidr) && !contains(cidr, range),
  );
  return inside.length > 0 ? inside : undefined;
}

const namespaceCalled = (name: string): k8s.LabelSelector => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
