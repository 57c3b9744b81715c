import type { Config } from './schema';

/** Rules about host names, the Service of the load balancer and proxies in front of it: one line for each fault. */
export function edgeRules({ domain, aliases, loadBalancer, cluster }: Partial<Config>): string[] {
  return [
    ...(domain && aliases ? aliasRules(domain, aliases) : []),
    ...(loadBalancer ? [...serviceRules(loadBalancer), ...believedRules(loadBalancer)] : []),
    ...(loadBalancer && cluster ? passedOnRules(loadBalancer, cluster) : []),
  ];
}

const aliasRules = (domain: string, aliases: readonly string[]): string[] =>
  aliases.flatMap((alias, index) => {
    const path = `aliases[${index}]`;
    if (alias === domain) return [`${path}: must differ from domain, got "${alias}"; leave it out`];
    return aliases.indexOf(alias) < index ? [`${path}: must be named once, got "${alias}" again; leave it out`] : [];
  });

/** Settings that the API server would refuse, or ignore silently. */
function serviceRules({ service }: Config['loadBalancer']): string[] {
  const path = 'loadBalancer.service';
  const faults = (fits: boolean, of: string, settings: Readonly<Record<string, unknown>>) =>
    Object.entries(settings)
      .filter(([, value]) => !fits && value !== undefined)
      .map(
        ([name, value]) =>
          `${path}.${name}: must be left out with ${path}.type "${service.type}", got ${JSON.stringify(value)}; it belongs to ${of}`,
      );
  const { type, address, nodePorts, externalTrafficPolicy, sourceRanges } = service;
  return [
    ...faults(type === 'LoadBalancer', '"LoadBalancer"', {
      class: service.class,
      address,
      sourceRanges: sourceRanges.length > 0 ? sourceRanges : undefined,
    }),
    ...faults(type !== 'ClusterIP', '"LoadBalancer" and "NodePort"', { nodePorts, externalTrafficPolicy }),
    ...(nodePorts && nodePorts.https === nodePorts.http
      ? [`${path}.nodePorts.http: must differ from ${path}.nodePorts.https, got ${nodePorts.http}`]
      : []),
  ];
}

/**
 * To Cilium a visitor that another node passes on is that node, which no address range of a firewall selects.
 * @see https://docs.cilium.io/en/stable/security/policy/language/#selecting-nodes-with-cidr-ipblock
 */
const passedOnRules = ({ service }: Config['loadBalancer'], { networkPolicies }: Config['cluster']): string[] =>
  networkPolicies === 'cilium' && service.externalTrafficPolicy === 'Cluster'
    ? [
        'loadBalancer.service.externalTrafficPolicy: must be "Local" where cluster.networkPolicies is "cilium", got "Cluster"; Cilium would refuse visitors that another node passes on',
      ]
    : [];

/** Trusted proxies decide whether addresses in logs and limits are right. */
const believedRules = ({ proxyProtocol, cdn }: Config['loadBalancer']): string[] =>
  [
    { path: 'loadBalancer.proxyProtocol.from', ranges: proxyProtocol?.from ?? [] },
    { path: 'loadBalancer.cdn.ranges', ranges: cdn?.ranges ?? [] },
  ].flatMap(({ path, ranges }) =>
    ranges.flatMap((range, index) =>
      range.endsWith('/0')
        ? [
            `${path}[${index}]: must be narrower than the whole internet, got "${range}"; any client could write the address`,
          ]
        : [],
    ),
  );
