import { bytes, contains, isHostName, overlap } from './fields';
import type { Config, Resources } from './schema';
import { RESERVED_CONNECTIONS, sizesOf } from './sizes';

/** Link-local addresses, the clouds' metadata service 169.254.169.254 among them. */
export const LINK_LOCAL = '169.254.0.0/16';

const METADATA = '169.254.169.254';
const METADATA_IS_CLOSED = 'the cloud metadata service, which is never reachable';

/**
 * Rules between several settings: one line for each fault, none when all hold.
 * @param config an environment; a rule is passed over when a section that it reads is absent
 */
export function rules(config: Partial<Config>): string[] {
  const { name, cluster, firewall, secrets, web, app, database, monitoring } = config;
  return [
    ...resourceRules(config),
    ...endpointRules(config),
    ...(web ? microCacheRules(web) : []),
    ...(firewall && cluster ? egressRules(firewall, cluster) : []),
    ...(cluster ? clusterRules(cluster) : []),
    ...(name ? nameRules(name, cluster) : []),
    ...(name && monitoring ? readerRules(name, monitoring) : []),
    ...(secrets ? secretRules(secrets) : []),
    ...(database ? [...topologyRules(database), ...memoryRules(database)] : []),
    ...(app && database ? connectionRules(app, database) : []),
    ...backupRules(config),
  ];
}

function backupRules({ backup, database }: Partial<Config>): string[] {
  const store = backup?.store;
  // a backup that leaves the app's schema out would succeed
  if (backup && database && database.name !== 'site') {
    return [
      `database.name: must be "site" in an environment with backups, which know no other schema, got "${database.name}"`,
    ];
  }
  if (store?.type !== 's3' || store.allowPlainHttp || store.endpoint.startsWith('https:')) return [];
  return [
    `backup.store.endpoint: must start with https:// unless backup.store.allowPlainHttp is true, got "${store.endpoint}"`,
  ];
}

function resourceRules({ loadBalancer, web, app, database, backup, monitoring }: Partial<Config>): string[] {
  const all: [string, Resources | undefined][] = [
    ['loadBalancer', loadBalancer?.resources],
    ['web', web?.resources],
    ['app', app?.resources],
    ['app.router', app?.router.resources],
    ['database', database?.resources],
    ['database.router', database?.router.resources],
    ['backup', backup?.resources],
    ['monitoring', monitoring?.resources],
    ...(monitoring?.services ?? []).map((service, index): [string, Resources | undefined] => [
      `monitoring.services[${index}]`,
      service.type === 'prometheus' ? service.resources : undefined,
    ]),
  ];
  return all.flatMap(([path, resources]) => (resources ? overLimit(path, resources) : []));
}

/** What a web server keeps in its micro-cache is charged to its memory limit, and connections need the rest. */
function microCacheRules({ microCache, resources: { limits } }: Config['web']): string[] {
  if (!microCache || bytes(microCache.size) * 2 <= bytes(limits.memory)) return [];
  return [
    `web.microCache.size: must be at most half of web.resources.limits.memory (${limits.memory}), got "${microCache.size}"; raise the limit as well`,
  ];
}

const AMOUNTS = { cpu: cores, memory: bytes, 'ephemeral-storage': bytes } as const;

const overLimit = (path: string, { requests, limits }: Resources): string[] =>
  (['cpu', 'memory', 'ephemeral-storage'] as const)
    .filter((name) => AMOUNTS[name](requests[name]) > AMOUNTS[name](limits[name]))
    .map(
      (name) =>
        `${path}.resources.requests.${name}: must be at most limits.${name} (${limits[name]}), got "${requests[name]}"; raise the limit as well`,
    );

function cores(value: string): number {
  return value.endsWith('m') ? Number.parseInt(value, 10) / 1000 : Number(value);
}

/** gRPC calls a method of a service: a path in the address would be left out silently. */
const endpointRules = ({ monitoring }: Partial<Config>): string[] =>
  (monitoring?.services ?? []).flatMap((service, index) =>
    service.type === 'otlp' && service.protocol === 'grpc' && new URL(service.endpoint).pathname !== '/'
      ? [
          `monitoring.services[${index}].endpoint: must have no path when protocol is "grpc", got "${service.endpoint}"; leave the path out`,
        ]
      : [],
  );

/** What the site's own pods may open stands in the flow table: their firewalls would not let a reader out. */
const readerRules = (name: string, { services }: Config['monitoring']): string[] =>
  services.flatMap((service, index) =>
    (service.type === 'prometheus' ? service.readers : []).flatMap((reader, place) =>
      [name, `${name}-monitoring`].includes(reader)
        ? [
            `monitoring.services[${index}].readers[${place}]: must not be a namespace of the site itself ("${name}", "${name}-monitoring"), got "${reader}"; name the reader's own namespace or leave it out`,
          ]
        : [],
    ),
  );

function egressRules(firewall: Config['firewall'], cluster: Config['cluster']): string[] {
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
    if (isHostName(to)) return hostNameFaults(cluster).map((fault) => `${path}: ${fault}, got "${to}"`);
    if (to.endsWith('/0'))
      return [`${path}: must be narrower than the whole internet, got "${to}"; name the ranges you need`];
    return forbidden
      .filter(([range]) => overlap(to, range))
      .map(([range, why]) => `${path}: must not overlap ${range} (${why}), got "${to}"`);
  });
}

/** What keeps a host name from being an exception to the firewalls. */
function hostNameFaults(cluster: Config['cluster']): string[] {
  return [
    ...(cluster.networkPolicies === 'kubernetes'
      ? ['must be an address range unless cluster.networkPolicies is "cilium" (a NetworkPolicy names no hosts)']
      : []),
    ...(cluster.dns.nodeLocalAddress
      ? [
          'must be an address range where cluster.dns.nodeLocalAddress is set (Cilium must see the look-ups of a host name)',
        ]
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
    ...(cluster.dns.nodeLocalAddress === METADATA
      ? [
          `cluster.dns.nodeLocalAddress: must not be ${METADATA_IS_CLOSED}, got "${METADATA}"; usually it is 169.254.20.10`,
        ]
      : []),
    ...(Object.keys(cluster.dns.podLabels).length === 0
      ? ['cluster.dns.podLabels: must name at least one label, got {}; without one every pod of the namespace is meant']
      : []),
  ];
}

/** The two namespaces are the site's own: default deny stands in them, and `down --delete-data` deletes them. */
function nameRules(name: string, cluster: Config['cluster'] | undefined): string[] {
  if (cluster && [name, `${name}-monitoring`].includes(cluster.dns.namespace)) {
    return [`name: must not be the namespace of the cluster DNS, which the firewalls would cut off, got "${name}"`];
  }
  return name === 'default' || name.startsWith('kube-')
    ? [`name: must not be a namespace of Kubernetes itself ("default", "kube-…"), got "${name}"`]
    : [];
}

/** A member keeps messages of the group for others, 128 MiB at least, beside what every server needs. */
function memoryRules({ topology, resources: { limits } }: Config['database']): string[] {
  if (topology !== 'group' || bytes(limits.memory) >= bytes('640Mi')) return [];
  return [
    `database.resources.limits.memory: must be at least 640Mi with database.topology "group", got "${limits.memory}"; members keep 128 MiB of the group's messages`,
  ];
}

/**
 * While no replica is left, and in a group after an election, one server has the connections of both pools of every app pod,
 * and of one pod more while the tier rolls.
 */
function connectionRules(app: Config['app'], database: Config['database']): string[] {
  const pods = (app.autoscaling?.maxReplicas ?? app.replicas) + 1;
  const most = pods * app.databaseConnections * 2;
  const free = sizesOf(database).connections - RESERVED_CONNECTIONS;
  if (most <= free) return [];
  return [
    `app.databaseConnections: must be at most ${Math.floor(free / pods / 2)} with ${pods} app pods (one more while they roll), two pools each and ${free} connections at one database, got ${app.databaseConnections}; lower it or raise database.resources.limits.memory`,
  ];
}

const OF_TOPOLOGY = { 'primary-replica': ['replicas', 'whenReplicaIsLost'], group: ['members', 'mode'] } as const;

/** A setting of the other topology would be without effect. */
function topologyRules(database: Config['database']): string[] {
  const other = database.topology === 'group' ? 'primary-replica' : 'group';
  return OF_TOPOLOGY[other]
    .filter((name) => database[name] !== undefined)
    .map(
      (name) =>
        `database.${name}: must be left out with database.topology "${database.topology}", got "${database[name]}"; ${name} belongs to "${other}"`,
    );
}

function secretRules(secrets: Config['secrets']): string[] {
  const together = [
    ['siteTls', 'databaseTls', 'databaseUsers', 'backup', 'appTls', 'webClientTls', 'internalCa'],
    ['databaseMonitoring', 'monitoringService'],
  ] as const;
  return together.flatMap((settings) =>
    settings.flatMap((setting, index) => {
      const other = settings.slice(0, index).find((earlier) => secrets[earlier] === secrets[setting]);
      return other
        ? [`secrets.${setting}: must differ from secrets.${other} in the same namespace, got "${secrets[setting]}"`]
        : [];
    }),
  );
}
