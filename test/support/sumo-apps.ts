import type { TierName } from '../../charts/topology';

/** Attributes of the subject of a metric or a log line, as dashboards name it. */
export interface Subject {
  readonly site: string;
  readonly environment: string;
  /** What the apps call a node. */
  readonly pod: string;
}

/** What an OpenTelemetry app of Sumo Logic needs to know of a tier's servers. */
export interface SumoApp {
  readonly name: string;
  readonly page: string;
  readonly tier: TierName;
  /** The collector's receiver of its metrics. */
  readonly receiver: string;
  /** Resource attributes that its dashboards and monitors filter and group by. */
  readonly attributes: (subject: Subject) => Readonly<Record<string, string>>;
  /** Metrics of its panels and monitors that the receiver emits by default. */
  readonly metrics: readonly string[];
  /** Metrics that must be enabled. */
  readonly optional: readonly string[];
}

const PAGES = 'https://www.sumologic.com/help/docs/integrations';

const webengine =
  (system: string) =>
  ({ site, environment, pod }: Subject) => ({
    'sumo.datasource': system,
    'webengine.system': system,
    'webengine.cluster.name': site,
    'webengine.node.name': pod,
    'deployment.environment': environment,
  });

/**
 * The apps that fit the whiteboard, without unavailable metrics: HAProxy's status codes (`haproxy.requests.total`),
 * which are invisible when TLS is passed through, and metrics of MySQL's X protocol, which is off.
 */
export const SUMO_APPS: readonly SumoApp[] = [
  {
    name: 'Nginx',
    page: `${PAGES}/web-servers/opentelemetry/nginx-opentelemetry/`,
    tier: 'web',
    receiver: 'nginx',
    attributes: webengine('nginx'),
    metrics: ['nginx.requests', 'nginx.connections_accepted', 'nginx.connections_handled', 'nginx.connections_current'],
    optional: [],
  },
  {
    name: 'HAProxy',
    page: `${PAGES}/web-servers/opentelemetry/haproxy-opentelemetry/`,
    tier: 'load-balancer',
    receiver: 'haproxy',
    attributes: webengine('haproxy'),
    metrics: [
      'haproxy.bytes.input',
      'haproxy.bytes.output',
      'haproxy.connections.errors',
      'haproxy.connections.rate',
      'haproxy.connections.retries',
      'haproxy.requests.denied',
      'haproxy.requests.errors',
      'haproxy.requests.queued',
      'haproxy.requests.redispatched',
      'haproxy.responses.denied',
      'haproxy.responses.errors',
      'haproxy.server_selected.total',
      'haproxy.sessions.average',
      'haproxy.sessions.count',
      'haproxy.sessions.rate',
    ],
    optional: [
      'haproxy.active',
      'haproxy.backup',
      'haproxy.connections.average_time',
      'haproxy.connections.total',
      'haproxy.downtime',
      'haproxy.failed_checks',
      'haproxy.sessions.limit',
      'haproxy.sessions.total',
      'haproxy.weight',
    ],
  },
  {
    name: 'MySQL',
    page: `${PAGES}/databases/opentelemetry/mysql-opentelemetry/`,
    tier: 'database',
    receiver: 'mysql',
    attributes: ({ site, environment, pod }) => ({
      'sumo.datasource': 'mysql',
      'db.system': 'mysql',
      'db.cluster.name': site,
      'db.node.name': pod,
      'deployment.environment': environment,
    }),
    metrics: [
      'mysql.buffer_pool.limit',
      'mysql.buffer_pool.operations',
      'mysql.buffer_pool.pages',
      'mysql.buffer_pool.usage',
      'mysql.handlers',
      'mysql.locks',
      'mysql.log_operations',
      'mysql.opened_resources',
      'mysql.operations',
      'mysql.page_operations',
      'mysql.prepared_statements',
      'mysql.row_locks',
      'mysql.row_operations',
      'mysql.sorts',
      'mysql.threads',
      'mysql.tmp_resources',
      'mysql.uptime',
    ],
    optional: [
      'mysql.client.network.io',
      'mysql.commands',
      'mysql.connection.count',
      'mysql.connection.errors',
      'mysql.joins',
      'mysql.max_used_connections',
      'mysql.query.client.count',
      'mysql.query.count',
      'mysql.query.slow.count',
      'mysql.table_open_cache',
    ],
  },
];

/** What MySQL's app asks of replicas alone, for its monitor of the replication's lag. */
export const REPLICA_METRIC = 'mysql.replica.time_behind_source';
