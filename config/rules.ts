import { bytes, contains, overlap } from './fields';
import type { Config, Resources } from './schema';

/** Link-local addresses, the clouds' metadata service 169.254.169.254 among them. */
export const LINK_LOCAL = '169.254.0.0/16';

const METADATA = '169.254.169.254';
const METADATA_IS_CLOSED = 'the cloud metadata service, which is never reachable';

/** Rules between several settings: one line for each fault, none when all hold. */
export function rules(config: Config): string[] {
  return [...resourceRules(config), ...egressRules(config), ...clusterRules(config)];
}

function resourceRules(config: Config): string[] {
  const all: [string, Resources][] = [
    ['loadBalancer', config.loadBalancer.resources],
    ['web', config.web.resources],
    ['app', config.app.resources],
    ['database', config.database.resources],
    ['monitoring', config.monitoring.resources],
  ];
  return all.flatMap(([path, { requests, limits }]) =>
    (['memory', 'ephemeral-storage'] as const)
      .filter((name) => bytes(requests[name]) > bytes(limits[name]))
      .map(
        (name) =>
          `${path}.resources.requests.${name}: must be at most limits.${name} (${limits[name]}), got "${requests[name]}"; raise the limit as well`,
      ),
  );
}

function egressRules({ firewall, cluster }: Config): string[] {
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
  return firewall.extraEgress.flatMap(({ to }, index) => {
    const path = `firewall.extraEgress[${index}].to`;
    if (to.endsWith('/0'))
      return [`${path}: must be narrower than the whole internet, got "${to}"; name the ranges you need`];
    return forbidden
      .filter(([range]) => overlap(to, range))
      .map(([range, why]) => `${path}: must not overlap ${range} (${why}), got "${to}"`);
  });
}

function clusterRules({ name, cluster }: Config): string[] {
  const ranges = (['podCidrs', 'serviceCidrs', 'nodeCidrs'] as const).flatMap((list) =>
    cluster[list].map((cidr, index) => ({ path: `cluster.${list}[${index}]`, list, cidr })),
  );
  return [
    ...ranges
      .filter(({ cidr }) => cidr.endsWith('/0'))
      .map(({ path, cidr }) => `${path}: must be narrower than the whole internet, got "${cidr}"`),
    ...ranges
      .filter(({ list, cidr }) => list === 'nodeCidrs' && contains(LINK_LOCAL, cidr))
      .map(({ path, cidr }) => `${path}: must not lie in ${LINK_LOCAL} (${METADATA_IS_CLOSED}), got "${cidr}"`),
    ...(cluster.dns.nodeLocalAddress === METADATA
      ? [
          `cluster.dns.nodeLocalAddress: must not be ${METADATA_IS_CLOSED}, got "${METADATA}"; usually it is 169.254.20.10`,
        ]
      : []),
    ...(Object.keys(cluster.dns.podLabels).length === 0
      ? ['cluster.dns.podLabels: must name at least one label, got {}; without one every pod of the namespace is meant']
      : []),
    ...([name, `${name}-monitoring`].includes(cluster.dns.namespace)
      ? [`name: must not be the namespace of the cluster DNS, which the firewalls would cut off, got "${name}"`]
      : []),
  ];
}
