import { APP_USER, hasWorkers, healthOf, metricsOf } from '../config/app-facts';
import type { Config } from '../config/schema';
import { alertmanagerOf } from '../config/ways-out';
import type { OutsideName } from './places';

/** One kind of server on the whiteboard. */
export interface Tier {
  /** `app.kubernetes.io/component` of its pods. */
  readonly component: 'load-balancer' | 'web' | 'app' | 'worker' | 'database' | 'monitoring' | 'backup';
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
    uid: APP_USER,
    // and the ports that an environment adds: `portsOf`
    ports: { router: 8405 },
    firewall: 'internal',
  },
  // queue workers, scheduled programs and release steps of the app's image: they open connections and take none
  worker: {
    component: 'worker',
    program: 'node',
    namespace: 'site',
    uid: APP_USER,
    ports: { router: 8405 },
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
  alertmanager: {
    component: 'monitoring',
    program: 'alertmanager',
    namespace: 'monitoring',
    uid: 10108,
    ports: { http: 9093 },
    firewall: 'internal',
  },
  backup: {
    component: 'backup',
    program: 'backup',
    namespace: 'site',
    uid: 10107,
    ports: { mysql: 3306 },
    firewall: 'internal',
  },
} as const satisfies Record<string, Tier>;

/** Name of a tier. */
export type TierName = keyof typeof tiers;

/** One end of a flow. */
export type Place = TierName | OutsideName;

/** True for the whiteboard's own servers, false for peers beyond them. */
export const isTier = (place: Place): place is TierName => place in tiers;

/**
 * Container ports of a tier by name, including the app's configured ones: `http` is the port for web servers, whatever
 * its protocol. Two names never stand for one port.
 */
export function portsOf(tier: TierName, config: Pick<Config, 'app'>): Readonly<Record<string, number>> {
  if (tier !== 'app') return tiers[tier].ports;
  const { app } = config;
  const metrics = metricsOf(app)?.port;
  const health = healthOf(app).port;
  return {
    http: app.port,
    ...(metrics !== undefined && metrics !== app.port ? { metrics } : {}),
    ...tiers.app.ports,
    ...(health !== undefined && health !== app.port && health !== metrics ? { health } : {}),
    ...Object.fromEntries(app.peers.map((peer) => [`peer-${peer}`, peer])),
  };
}

/** Name of the app's port with this number. */
export const appPortName = (number: number, config: Pick<Config, 'app'>): string =>
  Object.entries(portsOf('app', config)).find(([, port]) => port === number)?.[0] ?? 'http';

/** The container port called `name` of a tier. Throws on an unknown name: a typo must not become a missing rule. */
export function port(tier: TierName, name: string, config?: Pick<Config, 'app'>): number {
  const ports: Readonly<Record<string, number>> = config ? portsOf(tier, config) : tiers[tier].ports;
  const found = ports[name];
  if (found === undefined) throw new Error(`${tier} has no port "${name}", it has: ${Object.keys(ports).join(', ')}`);
  return found;
}

/** uid and gid of a tier's processes. */
export const uidOf = (tier: TierName, { app }: Pick<Config, 'app'>): number =>
  tier === 'app' || tier === 'worker' ? (app.user ?? APP_USER) : tiers[tier].uid;

/** The program of a tier, for its label: for an app image, the last part of its name. */
export function programOf(tier: TierName, { app }: Pick<Config, 'app'>): string {
  if ((tier !== 'app' && tier !== 'worker') || app.image === undefined) return tiers[tier].program;
  const [name = ''] = (app.image.split('/').at(-1) ?? '').split(/[:@]/);
  return name.replace(/[^A-Za-z0-9]+$/, '').slice(0, 63);
}

/** True when the in-cluster Prometheus is one of the monitoring services. */
export const runsPrometheus = (monitoring: Config['monitoring']): boolean =>
  monitoring.services.some((service) => service.type === 'prometheus');

/** Namespaces outside the site whose pods may read the in-cluster Prometheus. */
export const readersOf = (monitoring: Config['monitoring']): readonly string[] =>
  monitoring.services.flatMap((service) => (service.type === 'prometheus' ? service.readers : []));

/** Tiers that run in an environment: the in-cluster monitoring service, its Alertmanager, backups and workers only if configured. */
export const tiersOf = (config: Config): readonly TierName[] =>
  (Object.keys(tiers) as TierName[]).filter(
    (name) =>
      (name !== 'monitoring-service' || runsPrometheus(config.monitoring)) &&
      (name !== 'alertmanager' || alertmanagerOf(config)) &&
      (name !== 'backup' || config.backup) &&
      (name !== 'worker' || hasWorkers(config.app)),
  );
