import { hasWorkers, healthOf, metricsOf } from '../config/app-facts';
import type { Config } from '../config/schema';
import { alertmanagerOf, type WayOut, waysOut } from '../config/ways-out';
import { type OutsideName, otherPods } from './places';
import {
  appPortName,
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

/** The kubelet's port for metrics, on every node. @see https://kubernetes.io/docs/reference/networking/ports-and-protocols/ */
export const KUBELET_PORT = 10250;

/** Transport protocol of a port, as Kubernetes writes it. */
export type Protocol = 'TCP' | 'UDP';

/**
 * A named port. `port` is always the CONTAINER's port: NetworkPolicies are evaluated after a Service's port is
 * translated.
 */
export interface Port {
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** A connection that may be opened, described from the side that opens it. */
export interface Flow {
  readonly from: Place;
  readonly to: Place;
  readonly ports: readonly Port[];
  /** What the connection is for, as the documentation and the policies' annotations print it. */
  readonly reason: string;
}

/** A connection into a tier, to its ports of these names. */
const into = (from: Place, to: TierName, names: readonly string[], reason: string, config: Config): Flow => ({
  from,
  to,
  ports: names.map((name) => ({ name, port: port(to, name, config), protocol: 'TCP' })),
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
    into(
      'internet',
      'load-balancer',
      ['https', 'http'],
      'visitors; plain http only answers a redirect to https',
      config,
    ),
    into(
      'load-balancer',
      'web',
      ['https'],
      'TLS passed through, with the client address in a PROXY protocol header',
      config,
    ),
    into('web', 'app', ['http'], 'dynamic content', config),
    ...(['app', 'worker'] as const)
      .filter((tier) => tier === 'app' || hasWorkers(config.app))
      .map((tier) => into(tier, 'database', ['writer', 'reader', 'agent'], TO_DATABASE, config)),
    ...peersOf(config),
    into(
      'database',
      'database',
      ['mysql', 'group', 'agent'],
      'routing, replication, clone and group communication',
      config,
    ),
    into('monitoring', 'load-balancer', ['metrics'], 'sessions, backends and health checks of HAProxy', config),
    into('monitoring', 'web', ['metrics'], 'requests and connections of Nginx', config),
    ...watchedApp(config),
    into('monitoring', 'database', ['mysql', 'agent'], 'activity, replication and health of MySQL', config),
    out(
      'monitoring',
      'kubernetes-api',
      [tcp('https', config.cluster.apiServerPort)],
      'discovery of the pods on each node',
    ),
    out('monitoring', 'kubelet', [tcp('kubelet', KUBELET_PORT)], 'metrics of each node and its pods'),
    ...shipping(config),
    ...readersOf(config.monitoring).map((name) =>
      into(
        otherPods({ namespace: name, podLabels: {} }),
        'monitoring-service',
        ['http'],
        'queries of its metrics',
        config,
      ),
    ),
    ...(alertmanagerOf(config)
      ? [
          into(
            'monitoring-service',
            'alertmanager',
            ['http'],
            'alerts that fire, and how their receivers take them',
            config,
          ),
        ]
      : []),
    ...backups(config),
    ...tiersThatNeedNames(config).flatMap((tier) => lookUps(tier, config)),
    ...waysOut(config).map(({ from, to, ports, reason }) => out(from, placeOf(to), tcpEach(ports), reason)),
    ...config.firewall.extraIngress.map(({ from, to, reason }) => into(otherPods(from), to, doors[to], reason, config)),
  ];
}

const TO_DATABASE = 'writes to the primary, reads from the replicas, over TLS';

/** Connections between app pods, such as a cache or a cluster. */
function peersOf(config: Config): readonly Flow[] {
  const names = config.app.peers.map((peer) => `peer-${peer}`);
  return names.length > 0 ? [into('app', 'app', names, 'messages between app pods', config)] : [];
}

/** Metrics where the app has some, and its readiness where that is asked over HTTP. */
function watchedApp(config: Config): readonly Flow[] {
  const { app } = config;
  const { ready, port: probed = app.port } = healthOf(app);
  const metrics = metricsOf(app)?.port;
  const ports = [...new Set([...(metrics === undefined ? [] : [metrics]), ...(ready === undefined ? [] : [probed])])];
  const names = ports.map((number) => appPortName(number, config));
  return names.length > 0 ? [into('monitoring', 'app', names, 'metrics and readiness of the app', config)] : [];
}

function shipping(config: Config): readonly Flow[] {
  const { monitoring } = config;
  const reason = 'shipping of metrics and logs to the monitoring service';
  const external = [...new Set(monitoring.services.flatMap((s) => (s.type === 'prometheus' ? [] : [s.port])))];
  return [
    ...(runsPrometheus(monitoring) ? [into('monitoring', 'monitoring-service', ['http'], reason, config)] : []),
    ...(external.length > 0 ? [out('monitoring', 'internet', tcpEach(external, 'service-'), reason)] : []),
  ];
}

function backups(config: Config): readonly Flow[] {
  const { backup } = config;
  if (!backup) return [];
  const { store } = backup;
  const place = store.type !== 'claim' && store.addresses ? (`external:${store.addresses}` as const) : 'internet';
  return [
    into('backup', 'database', ['mysql'], 'copies of the databases and their binary logs, over TLS', config),
    into('backup', 'monitoring', ['otlp'], 'when the last backup, shipment and drill succeeded', config),
    into('database', 'backup', ['mysql'], 'a restored server, which the databases clone', config),
    ...(store.type !== 'claim'
      ? [out('backup', place, [tcp('store', store.port)], 'encrypted backups to and from their store')]
      : []),
  ];
}

const LOOK_UP = 'look-up of names';

/** Policies see the DNS pods' port; an address that is no pod answers at port 53. */
const lookUps = (tier: TierName, { cluster }: Config): readonly Flow[] => [
  ...(cluster.dns.pods ? [out(tier, 'cluster-dns', dns(cluster.dns.port), LOOK_UP)] : []),
  ...(cluster.dns.addresses.length > 0 ? [out(tier, 'dns-address', dns(53), LOOK_UP)] : []),
];

const placeOf = (to: WayOut['to']): OutsideName =>
  typeof to === 'object' ? otherPods(to) : to === 'internet' ? to : `external:${to}`;

/** Ports, by name, of the tiers that pods of another namespace may connect to. */
export const doors = { 'load-balancer': ['https', 'http'], web: ['https'], app: ['http'] } as const;

/** The in-cluster monitoring service accepts connections and opens one to its Alertmanager only. */
const tiersThatNeedNames = (config: Config): readonly TierName[] =>
  tiersOf(config).filter((tier) => tier !== 'monitoring-service' || alertmanagerOf(config));

/** The firewall that a flow passes: the one that guards its target, or the internal one for egress. */
export const firewallOf = (flow: Flow): Firewall => (isTier(flow.to) ? tiers[flow.to].firewall : 'internal');
