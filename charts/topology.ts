import type { Config } from '../config/schema';

/** Transport protocol of a port, in Kubernetes' own words. */
export type Protocol = 'TCP' | 'UDP';

/** A named port. `port` is always the CONTAINER's port: NetworkPolicies are evaluated after Services have translated theirs. */
export interface Port {
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** One kind of server on the whiteboard. */
export interface Tier {
  /** `app.kubernetes.io/component` of its pods. */
  readonly component: 'load-balancer' | 'web' | 'app' | 'database' | 'monitoring' | 'backup';
  /** `app.kubernetes.io/name`: the program that runs. */
  readonly program: string;
  /** Which of the two namespaces it lives in. */
  readonly namespace: 'site' | 'monitoring';
  /** Fixed uid and gid of its processes; above 10000 so that it never meets a user of the node. */
  readonly uid: number;
  /** Container ports by name. */
  readonly ports: Readonly<Record<string, number>>;
  /** The firewall that guards the way into this tier. */
  readonly firewall: Firewall;
}

/** The three walls of the whiteboard. */
export type Firewall = 'internal' | 'web' | 'database';

/** Every server of the whiteboard, from the internet inwards. Ports are typed here and nowhere else. */
export const tiers = {
  'load-balancer': {
    component: 'load-balancer',
    program: 'haproxy',
    namespace: 'site',
    uid: 10101,
    ports: { https: 8443, http: 8080, metrics: 8404 },
    firewall: 'internal',
  },
  web: {
    component: 'web',
    program: 'nginx',
    namespace: 'site',
    uid: 10102,
    ports: { https: 8443, metrics: 8081 },
    firewall: 'web',
  },
  app: {
    component: 'app',
    program: 'node',
    namespace: 'site',
    uid: 10103,
    ports: { http: 8080, metrics: 9464, router: 8405 },
    firewall: 'internal',
  },
  database: {
    component: 'database',
    program: 'mysql',
    namespace: 'site',
    uid: 10104,
    ports: { mysql: 3306, group: 33061, writer: 3310, reader: 3320, agent: 8008 },
    firewall: 'database',
  },
  monitoring: {
    component: 'monitoring',
    program: 'opentelemetry-collector',
    namespace: 'monitoring',
    uid: 10105,
    ports: { health: 13133, otlp: 4318 },
    firewall: 'internal',
  },
  'monitoring-service': {
    component: 'monitoring',
    program: 'prometheus',
    namespace: 'monitoring',
    uid: 10106,
    ports: { http: 9090 },
    firewall: 'internal',
  },
  backup: {
    component: 'backup',
    program: 'backup',
    namespace: 'site',
    uid: 10107,
    ports: {},
    firewall: 'internal',
  },
} as const satisfies Record<string, Tier>;

/** Name of a tier. */
export type TierName = keyof typeof tiers;

/**
 * What lies beyond the whiteboard's own pods; `external` is an exception of `firewall.extraEgress`, addresses or a host name,
 * `namespace` every pod of a namespace that is none of the site's.
 */
export type OutsideName = 'internet' | 'cluster-dns' | 'kubernetes-api' | 'kubelet' | `${Prefix}:${string}`;
type Prefix = 'external' | 'namespace';

/** One end of a flow. */
export type Place = TierName | OutsideName;

/** A connection that may be opened, from the side that opens it. */
export interface Flow {
  readonly from: Place;
  readonly to: Place;
  readonly ports: readonly Port[];
  /** What the connection is for, as the documentation and the policies' annotations print it. */
  readonly reason: string;
}

/** True for the whiteboard's own servers, false for what lies beyond. */
export const isTier = (place: Place): place is TierName => place in tiers;

/** The container port called `name` of a tier. Throws on an unknown name: a typing slip must not become a missing rule. */
export function port(tier: TierName, name: string): number {
  const found = (tiers[tier] as Tier).ports[name];
  if (found === undefined) {
    throw new Error(`${tier} has no port "${name}", it has: ${Object.keys(tiers[tier].ports).join(', ')}`);
  }
  return found;
}

const into = (from: Place, to: TierName, names: readonly string[], reason: string): Flow => ({
  from,
  to,
  ports: names.map((name) => ({ name, port: port(to, name), protocol: 'TCP' })),
  reason,
});

const out = (from: TierName, to: OutsideName, ports: readonly Port[], reason: string): Flow => ({
  from,
  to,
  ports,
  reason,
});

const tcp = (name: string, number: number): Port => ({ name, port: number, protocol: 'TCP' });
const tcpEach = (numbers: readonly number[], prefix = ''): readonly Port[] =>
  numbers.map((n) => tcp(`${prefix}${n}`, n));

const dns: readonly Port[] = [
  { name: 'dns', port: 53, protocol: 'UDP' },
  { name: 'dns-tcp', port: 53, protocol: 'TCP' },
];

/** THE table: every connection that may be opened. Firewalls, tests, drawing and documentation derive from it. */
export function flows(config: Config): readonly Flow[] {
  return [
    into('internet', 'load-balancer', ['https', 'http'], 'visitors; plain http only answers a redirect to https'),
    into('load-balancer', 'web', ['https'], 'TLS passed through, with the client address in a PROXY protocol header'),
    into('web', 'app', ['http'], 'dynamic content'),
    into('app', 'database', ['writer', 'reader', 'agent'], 'writes to the primary, reads from the replicas, over TLS'),
    into('database', 'database', ['mysql', 'group', 'agent'], 'routing, replication, clone and group communication'),
    into('monitoring', 'load-balancer', ['metrics'], 'sessions, backends and health checks of HAProxy'),
    into('monitoring', 'web', ['metrics'], 'requests and connections of Nginx'),
    into('monitoring', 'app', ['metrics', 'http'], 'runtime figures and readiness of the app'),
    into('monitoring', 'database', ['mysql', 'agent'], 'activity, replication and health of MySQL'),
    out(
      'monitoring',
      'kubernetes-api',
      [tcp('https', config.cluster.apiServerPort)],
      'discovery of the pods on each node',
    ),
    out('monitoring', 'kubelet', [tcp('kubelet', 10250)], 'figures of each node and its pods'),
    ...shipping(config),
    ...readersOf(config.monitoring).map((name) =>
      into(`namespace:${name}`, 'monitoring-service', ['http'], 'queries of the figures it keeps'),
    ),
    ...backups(config),
    ...tiersThatNeedNames(config).map((tier) => out(tier, 'cluster-dns', dns, 'look-up of names')),
    ...config.firewall.extraEgress.map(({ from, to, ports, reason }) =>
      out(from, `external:${to}`, tcpEach(ports), reason),
    ),
  ];
}

function shipping({ monitoring }: Config): readonly Flow[] {
  const reason = 'shipping of metrics and logs to the monitoring service';
  const external = [...new Set(monitoring.services.flatMap((s) => (s.type === 'prometheus' ? [] : [s.port])))];
  return [
    ...(runsPrometheus(monitoring) ? [into('monitoring', 'monitoring-service', ['http'], reason)] : []),
    ...(external.length > 0 ? [out('monitoring', 'internet', tcpEach(external, 'service-'), reason)] : []),
  ];
}

function backups({ backup }: Config): readonly Flow[] {
  if (!backup) return [];
  const { store } = backup;
  const place = store.type === 's3' && store.addresses ? (`external:${store.addresses}` as const) : 'internet';
  return [
    into('backup', 'database', ['mysql'], 'dumps and binary logs, over TLS'),
    into('backup', 'monitoring', ['otlp'], 'when the last backup, shipment and drill succeeded'),
    ...(store.type === 's3'
      ? [out('backup', place, [tcp('s3', store.port)], 'encrypted backups to and from their store')]
      : []),
  ];
}

/** The in-cluster monitoring service is spoken to and speaks to nobody. */
const tiersThatNeedNames = (config: Config): readonly TierName[] =>
  tiersOf(config).filter((tier) => tier !== 'monitoring-service');

/** True when the in-cluster Prometheus is one of the monitoring services. */
export const runsPrometheus = (monitoring: Config['monitoring']): boolean =>
  monitoring.services.some((service) => service.type === 'prometheus');

/** Namespaces, none of them the site's, whose pods may read the in-cluster Prometheus. */
export const readersOf = (monitoring: Config['monitoring']): readonly string[] =>
  monitoring.services.flatMap((service) => (service.type === 'prometheus' ? service.readers : []));

/** Tiers that run in an environment: the in-cluster monitoring service and backups only where they were chosen. */
export const tiersOf = (config: Config): readonly TierName[] =>
  (Object.keys(tiers) as TierName[]).filter(
    (name) =>
      (name !== 'monitoring-service' || runsPrometheus(config.monitoring)) && (name !== 'backup' || config.backup),
  );

/** The firewall that a flow passes: the one that guards its target, and the internal one for ways out. */
export const firewallOf = (flow: Flow): Firewall => (isTier(flow.to) ? tiers[flow.to].firewall : 'internal');
