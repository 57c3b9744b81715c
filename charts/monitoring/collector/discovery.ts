import { healthOf, isOwnImage, metricsOf } from '../../../config/app-facts';
import type { Config } from '../../../config/schema';
import { hostOfPod } from '../../database/layout';
import { selectorOf } from '../../names';
import { port, type TierName, tiers } from '../../topology';
import { fromFile, interval, places } from './places';
import { on, type Piece } from './receivers';
import { sumoFields } from './sumo-fields';

/**
 * Who starts a receiver for each pod of the site, and who tells it of the pods. One that waits for a receiver to stop starts no
 * other meanwhile, so MySQL's, which cannot be told to give up, is left to a pair of its own.
 */
export const observers = { receiver_creator: 'k8s_observer', 'receiver_creator/mysql': 'k8s_observer/mysql' } as const;

/** How long a receiver waits for an answer: less than the shortest interval, so that it is soon stopped when its pod is gone. */
const timeout = '4s';

/**
 * One receiver for each pod of the site on the collector's own node, as pods come and go.
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
    // must get nowhere: the flow table lets no collector to the visitors' port. Who answers is behind a firewall with a hole
    [FORBIDDEN]: discovered('load-balancer', config, {
      collection_interval,
      targets: [{ endpoint: `http://${at('load-balancer', 'http')}/`, method: 'GET', timeout: '2s' }],
    }),
    nginx: discovered('web', config, {
      collection_interval,
      timeout,
      endpoint: `http://${at('web', 'metrics')}/stub_status`,
      // one connection a scrape, as probes and health checks do: requests that no visitor made are then countable
      disable_keep_alives: true,
    }),
    ...appMetrics(config),
    'prometheus/web': discovered('web', config, scraped('web', at('web', 'metrics'), config)),
    ...appReadiness(config),
    'prometheus/database': discovered('database', config, scraped('database', at('database', 'agent'), config)),
  };
}

/** Metrics of the app, where it offers some. */
function appMetrics(config: Config): Piece {
  const metrics = metricsOf(config.app);
  if (!metrics) return {};
  return { prometheus: discovered('app', config, scraped('app', atNumber(metrics.port), config, metrics.path)) };
}

/** Readiness of the app where that is asked over HTTP: with the kubelet's own headers. */
function appReadiness(config: Config): Piece {
  const { app, domain, tls } = config;
  const { ready, port: probed = app.port } = healthOf(app);
  if (!ready) return {};
  // the sample site answers at its metrics port, where its own port wants a certificate
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
    // by name: of the eight connections that one collection may try, those after the pod is gone fail at once
    endpoint: `${hostOfPod('`name`', config)}:${port('database', 'mysql')}`,
    username: 'monitoring',
    // the empty expression makes it text whatever it looks like: `0123e5` alone would be read as a number
    password: `\`""\`${fromFile(places.databaseSecret, 'password')}`,
    tls: { ca_file: `${places.databaseSecret}/ca.crt` },
    metrics: on(MYSQL_OPTIONAL),
  });

/** The receiver that tries a connection which no flow allows. */
export const FORBIDDEN = 'httpcheck/forbidden';

/** Reads the figures of a program that offers them in Prometheus' own format. */
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

/** Off by default in the receiver; Sumo Logic's panels and the usual alerts ask for them. */
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
