import { contains, isHostName, overlap } from './fields';
import { namespacesOf } from './namespaces';
import type { Config } from './schema';
import { type WayOut, waysOut } from './ways-out';

/** Link-local addresses, the clouds' metadata service 169.254.169.254 among them. */
export const LINK_LOCAL = '169.254.0.0/16';

const METADATA_IS_CLOSED = 'the cloud metadata service, which is never reachable';

/** Rules about connections and the ranges of the cluster: one line for each fault. */
export function networkRules(config: Partial<Config>): string[] {
  const { name, cluster, firewall, monitoring } = config;
  const ways = waysOut(config);
  return [
    ...(cluster ? egressRules(ways, cluster) : []),
    ...(name ? otherPodsRules(name, ways, firewall?.extraIngress ?? []) : []),
    ...(cluster ? clusterRules(cluster) : []),
    ...(name ? nameRules(name, cluster) : []),
    ...(name && monitoring ? readerRules(name, monitoring) : []),
  ];
}

/**
 * Connections of the site's own pods are in the flow table: a reader in these namespaces would be blocked by their
 * firewalls.
 */
const readerRules = (name: string, { services }: Config['monitoring']): string[] =>
  services.flatMap((service, index) =>
    (service.type === 'prometheus' ? service.readers : []).flatMap((reader, place) =>
      ownNamespace(name, reader, `monitoring.services[${index}].readers[${place}]`, "the reader's own namespace"),
    ),
  );

const otherPodsRules = (
  name: string,
  ways: readonly WayOut[],
  extraIngress: Config['firewall']['extraIngress'],
): string[] => [
  ...ways.flatMap(({ to, path }) =>
    typeof to === 'object' ? ownNamespace(name, to.namespace, `${path}.namespace`, 'that of another application') : [],
  ),
  ...extraIngress.flatMap(({ from }, index) =>
    ownNamespace(name, from.namespace, `firewall.extraIngress[${index}].from.namespace`, 'that of another application'),
  ),
];

function ownNamespace(name: string, got: string, path: string, wanted: string): string[] {
  const own = namespacesOf({ name });
  if (!own.includes(got)) return [];
  const named = own.map((one) => `"${one}"`).join(', ');
  return [
    `${path}: must not be a namespace of the site itself (${named}), got "${got}"; name ${wanted} or leave it out`,
  ];
}

function egressRules(ways: readonly WayOut[], cluster: Config['cluster']): string[] {
  const forbidden: [string, string][] = [
    ...cluster.podCidrs.map((range): [string, string] => [
      range,
      'cluster.podCidrs; flows between tiers are those of the table',
    ]),
    ...cluster.serviceCidrs.map((range): [string, string] => [
      range,
      'cluster.serviceCidrs; policies never see Service addresses',
    ]),
    [LINK_LOCAL, METADATA_IS_CLOSED],
  ];
  return ways.flatMap(({ to, path }) => {
    if (typeof to === 'object' || to === 'internet') return [];
    if (isHostName(to)) return hostNameFaults(cluster).map((fault) => `${path}: ${fault}, got "${to}"`);
    if (to.endsWith('/0'))
      return [
        `${path}: must be narrower than the whole internet, got "${to}"; name the ranges you need, or write internet`,
      ];
    return forbidden
      .filter(([range]) => overlap(to, range))
      .map(([range, why]) => `${path}: must not overlap ${range} (${why}), got "${to}"`);
  });
}

/** Why a host name cannot be an exception to the firewalls. */
function hostNameFaults(cluster: Config['cluster']): string[] {
  return [
    ...(cluster.networkPolicies === 'kubernetes'
      ? ['must be an address range unless cluster.networkPolicies is "cilium" (a NetworkPolicy names no hosts)']
      : []),
    ...(cluster.dns.addresses.length > 0
      ? ['must be an address range where cluster.dns.addresses is set (Cilium must see the look-ups of a host name)']
      : []),
  ];
}

function clusterRules(cluster: Config['cluster']): string[] {
  const ranges = (['podCidrs', 'serviceCidrs', 'nodeCidrs'] as const).flatMap((list) =>
    cluster[list].map((cidr, index) => ({ path: `cluster.${list}[${index}]`, list, cidr })),
  );
  const pods = ranges.filter(({ list, cidr }) => list === 'podCidrs' && !cidr.endsWith('/0'));
  return [
    ...ranges
      .filter(({ cidr }) => cidr.endsWith('/0'))
      .map(({ path, cidr }) => `${path}: must be narrower than the whole internet, got "${cidr}"`),
    ...ranges
      .filter(({ list, cidr }) => list === 'nodeCidrs' && contains(LINK_LOCAL, cidr))
      .map(({ path, cidr }) => `${path}: must not lie in ${LINK_LOCAL} (${METADATA_IS_CLOSED}), got "${cidr}"`),
    ...ranges
      .filter(({ list }) => list === 'serviceCidrs')
      .flatMap(({ path, cidr }) =>
        pods
          .filter((pod) => overlap(pod.cidr, cidr))
          .map((pod) => `${path}: must not overlap ${pod.cidr} (${pod.path}), got "${cidr}"`),
      ),
    ...(!cluster.dns.pods && cluster.dns.addresses.length === 0
      ? ['cluster.dns.addresses: must name at least one address where cluster.dns.pods is false, got []']
      : []),
    ...(cluster.dns.pods && Object.keys(cluster.dns.podLabels).length === 0
      ? ['cluster.dns.podLabels: must name at least one label, got {}; without one every pod of the namespace is meant']
      : []),
  ];
}

/** The two namespaces are the site's own: default deny applies to them, and `down --delete-data` deletes them. */
function nameRules(name: string, cluster: Config['cluster'] | undefined): string[] {
  if (cluster && namespacesOf({ name }).includes(cluster.dns.namespace)) {
    return [`name: must not be the namespace of the cluster DNS, which the firewalls would cut off, got "${name}"`];
  }
  return name === 'default' || name.startsWith('kube-')
    ? [`name: must not be a namespace of Kubernetes itself ("default", "kube-…"), got "${name}"`]
    : [];
}
