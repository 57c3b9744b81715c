import type { Config } from '../config/schema';
import { type OutsideName, otherPods } from './places';
import {
  type Firewall,
  isTier,
  type Place,
  port,
  readersOf,
  runsPrometheus,
  type TierName,
  tiers,
  tiersOf,
} from './topology';

/** Transport protocol of a port, in Kubernetes' own words. */
export type Protocol = 'TCP' | 'UDP';

/** A named port. `port` is always the CONTAINER's port: NetworkPolicies are evaluated after Services have translated theirs. */
export interface Port {
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** A connection that may be opened, from the side that opens it. */
export interface Flow {
  readonly from: Place;
  readonly to: Place;
  readonly ports: readonly Port[];
  /** What the connection is for, as the documentation and the policies' annotations print it. */
  readonly reason: string;
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

const dns = (number: number): readonly Port[] => [
  { name: 'dns', port: number, protocol: 'UDP' },
  { name: 'dns-tcp', port: number, protocol: 'TCP' },
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
      into(
        otherPods({ namespace: name, podLabels: {} }),
        'monitoring-service',
        ['http'],
        'queries of the figures it keeps',
      ),
    ),
    ...backups(config),
    ...tiersThatNeedNames(config).flatMap((tier) => lookUps(tier, config)),
    ...config.firewall.extraEgress.map(({ from, to, ports, reason }) => out(from, placeOf(to), tcpEach(ports), reason)),
    ...config.firewall.extraIngress.map(({ from, to, reason }) => into(otherPods(from), to, doors[to], reason)),
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

const LOOK_UP = 'look-up of names';

/** Policies see the pods' own port; what answers at an address answers at DNS' own. */
const lookUps = (tier: TierName, { cluster }: Config): readonly Flow[] => [
  ...(cluster.dns.pods ? [out(tier, 'cluster-dns', dns(cluster.dns.port), LOOK_UP)] : []),
  ...(cluster.dns.addresses.length > 0 ? [out(tier, 'dns-address', dns(53), LOOK_UP)] : []),
];

const placeOf = (to: Config['firewall']['extraEgress'][number]['to']): OutsideName =>
  typeof to === 'object' ? otherPods(to) : to === 'internet' ? to : `external:${to}`;

/** Ports at which a tier may be asked by pods of another namespace. */
const doors = { 'load-balancer': ['https', 'http'], web: ['https'], app: ['http'] } as const;

/** The in-cluster monitoring service is spoken to and speaks to nobody. */
const tiersThatNeedNames = (config: Config): readonly TierName[] =>
  tiersOf(config).filter((tier) => tier !== 'monitoring-service');

/** The firewall that a flow passes: the one that guards its target, and the internal one for ways out. */
export const firewallOf = (flow: Flow): Firewall => (isTier(flow.to) ? tiers[flow.to].firewall : 'internal');
