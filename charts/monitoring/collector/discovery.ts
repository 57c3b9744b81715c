import { healthOf, isOwnImage, metricsOf } from '../../../config/app-facts';
import type { Config } from '../../../config/schema';
import { hostOfPod } from '../../database/layout';
import { selectorOf } from '../../names';
import { port, type TierName, tiers } from '../../topology';
import { fromFile, interval, places } from './places';
import { on, type Piece } from './receivers';
import { sumoFields } from './sumo-fields';

/**
 * Receiver creators and their observers. A creator that waits for a receiver to stop starts no
 * other meanwhile; MySQL's receiver has no time-out, so it has a separate creator and observer.
 */
export const observers = { receiver_creator: 'k8s_observer', 'receiver_creator/mysql': 'k8s_observer/mysql' } as const;

/** Time-out of a receiver: less than the shortest interval, so that it stops soon after its pod is gone. */
const timeout = '4s';

/**
 * One receiver for each pod of the site on the collector's node, as pods come and go.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.145.0/receiver/receivercreator
 */
export function tierReceivers(config: Config): Piece {
  return {
    receiver_creator: creator('receiver_creator', receivers(config)),
    'receiver_creator/mysql': creator('receiver_creator/mysql', { mysql: mysql(config) }),
  };
}

const creator = (name: keyof typeof observers, receivers: Piece): Piece => ({
  watch_observers: [observers[name]],
  receivers,
});

const at = (tier: TierName, name: string): string => `\`endpoint\`:${port(tier, name)}`;
const atNumber = (number: number): string => `\`endpoint\`:${number}`;

function receivers(config: Config): Piece {
  const collection_interval = interval(config);
  return {
    haproxy: discovered('load-balancer', config, {
      collection_interval,
      timeout,
      endpoint: `http://${at('load-balancer', 'metrics')}/stats`,
      metrics: on(HAPROXY_OPTIONAL),
    }),
    // must fail: no flow lets a collector reach the visitors' port; an answer shows a hole in the firewall
    [FORBIDDEN]: discovered('load-balancer', config, {
      collection_interval,
      targets: [{ endpoint: `http://${at('load-balancer', 'http')}/`, method: 'GET', timeout: '2s' }],
    }),
    nginx: discovered('web', config, {
      collection_interval,
      timeout,
      endpoint: `http://${at('web', 'metrics')}/stub_status`,
      // one connection per scrape, as probes and health checks do, so that requests not made by visitors can be counted
      disable_keep_alives: true,
    }),
    ...appMetrics(config),
    'prometheus/web': discovered('web', config, scraped('web', at('web', 'metrics'), config)),
    ...appReadiness(config),
    'prometheus/database': discovered('database', config, scraped('database', at('database', 'agent'), config)),
  };
}

/** Metrics of the app, if it has any. */
function appMetrics(config: Config): Piece {
  const metrics = metricsOf(config.app);
  if (!metrics) return {};
  return { prometheus: discovered('app', config, scraped('app', atNumber(metrics.port), config, metrics.path)) };
}

/** Readiness of the app if checked over HTTP, with the kubelet's headers. */
function appReadiness(config: Config): Piece {
  const { app, domain, tls } = config;
  const { ready, port: probed = app.port } = healthOf(app);
  if (!ready) return {};
  // the sample site answers at its metrics port when its main port requires a certificate
  const asked = tls.reencrypt === 'app' && !isOwnImage(app) ? (metricsOf(app)?.port ?? probed) : probed;
  const headers = isOwnImage(app) ? { headers: { Host: domain, 'X-Forwarded-Proto': 'https' } } : {};
  return {
    httpcheck: discovered('app', config, {
      collection_interval: interval(config),
      targets: [{ endpoint: `http://${atNumber(asked)}${ready}`, method: 'GET', timeout, ...headers }],
    }),
  };
}

const mysql = (config: Config): Piece =>
  discovered('database', config, {
    collection_interval: interval(config),
    // by name: one collection may open eight connections, which fail at once after the pod is gone
    endpoint: `${hostOfPod('`name`', config)}:${port('database', 'mysql')}`,
    username: 'monitoring',
    // the empty expression forces text: `0123e5` alone would be parsed as a number
    password: `\`""\`${fromFile(places.databaseSecret, 'password')}`,
    tls: { ca_file: `${places.databaseSecret}/ca.crt` },
    metrics: on(MYSQL_OPTIONAL),
  });

/** The receiver that attempts a connection which no flow allows. */
const FORBIDDEN = 'httpcheck/forbidden';

/** Scrapes a program with metrics in Prometheus' format. */
const scraped = (job_name: string, target: string, config: Config, path = '/metrics'): Piece => ({
  config: {
    scrape_configs: [
      {
        job_name,
        scrape_interval: interval(config),
        ...(path === '/metrics' ? {} : { metrics_path: path }),
        static_configs: [{ targets: [target] }],
      },
    ],
  },
});

function discovered(tier: TierName, config: Config, receiver: Piece): Piece {
  const labels = Object.entries(selectorOf(tier, config)).map(([label, value]) => `labels["${label}"] == "${value}"`);
  return {
    rule: ['type == "pod"', ...labels].join(' && '),
    config: receiver,
    resource_attributes: { 'service.name': tiers[tier].component, ...sumoFields(tier, config, '`name`') },
  };
}

/** Off by default in the receiver; Sumo Logic's panels and common alerts use them. */
const HAPROXY_OPTIONAL = [
  'haproxy.active',
  'haproxy.backup',
  'haproxy.connections.average_time',
  'haproxy.connections.total',
  'haproxy.downtime',
  'haproxy.failed_checks',
  'haproxy.responses.average_time',
  'haproxy.sessions.limit',
  'haproxy.sessions.total',
  'haproxy.weight',
];

const MYSQL_OPTIONAL = [
  'mysql.client.network.io',
  'mysql.commands',
  'mysql.connection.count',
  'mysql.connection.errors',
  'mysql.joins',
  'mysql.max_used_connections',
  'mysql.query.client.count',
  'mysql.query.count',
  'mysql.query.slow.count',
  'mysql.replica.sql_delay',
  'mysql.replica.time_behind_source',
  'mysql.statement_event.count',
  'mysql.statement_event.wait.time',
  'mysql.table_open_cache',
];
