import type { Config } from '../../config/schema';
import { flows, namespaceOf, port, selectorOf, type TierName, tiers } from '../topology';
import { fromEnv, fromFile, interval, places } from './places';

/** A piece of a collector's configuration. */
export type Piece = Record<string, unknown>;

const on = (names: readonly string[]): Piece => Object.fromEntries(names.map((name) => [name, { enabled: true }]));

/**
 * Figures of the node. What a container sees of its node without a hostPath: processors, memory, load and disks are the
 * node's own; interfaces and file systems would be the container's, so those come from the kubelet.
 */
export function nodeReceivers(config: Config): Piece {
  return {
    hostmetrics: {
      collection_interval: interval(config),
      scrapers: {
        cpu: { metrics: on(['system.cpu.utilization']) },
        memory: { metrics: on(['system.memory.utilization']) },
        load: {},
        disk: { exclude: { devices: ['^(loop|ram)\\d+$'], match_type: 'regexp' } },
        paging: {},
      },
    },
    kubeletstats: {
      collection_interval: interval(config),
      auth_type: 'serviceAccount',
      endpoint: `https://${fromEnv('K8S_NODE_IP')}:${kubeletPort(config)}`,
      insecure_skip_verify: config.cluster.kubeletCertificates === 'self-signed',
      metric_groups: ['node', 'pod', 'volume'],
      metrics: on(['k8s.node.uptime', 'k8s.pod.uptime']),
    },
  };
}

function kubeletPort(config: Config): number {
  const found = flows(config).find((flow) => flow.to === 'kubelet')?.ports[0];
  if (!found) throw new Error('the flow table has no way to the kubelet');
  return found.port;
}

/**
 * One receiver for each pod of the site on the collector's own node, as pods come and go.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.145.0/receiver/receivercreator
 */
export function tierReceivers(config: Config): Piece {
  const at = (tier: TierName, name: string) => `\`endpoint\`:${port(tier, name)}`;
  const collection_interval = interval(config);
  return {
    receiver_creator: {
      watch_observers: ['k8s_observer'],
      receivers: {
        haproxy: discovered('load-balancer', config, {
          collection_interval,
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
          endpoint: `http://${at('web', 'metrics')}/stub_status`,
          // one connection a scrape, as probes and health checks do: requests that no visitor made are then countable
          disable_keep_alives: true,
        }),
        prometheus: discovered('app', config, scraped('app', at('app', 'metrics'), config)),
        'prometheus/web': discovered('web', config, scraped('web', at('web', 'metrics'), config)),
        httpcheck: discovered('app', config, {
          collection_interval,
          targets: [
            {
              endpoint: `http://${at('app', config.tls.reencrypt === 'app' ? 'metrics' : 'http')}/readyz`,
              method: 'GET',
            },
          ],
        }),
        'prometheus/database': discovered('database', config, scraped('database', at('database', 'agent'), config)),
        mysql: discovered('database', config, {
          collection_interval,
          endpoint: at('database', 'mysql'),
          username: 'monitoring',
          // the empty expression makes it text whatever it looks like: `0123e5` alone would be read as a number
          password: `\`""\`${fromFile(places.databaseSecret, 'password')}`,
          // pods are called by address here; every database's certificate bears the name of the primary's Service
          tls: { ca_file: `${places.databaseSecret}/ca.crt`, server_name_override: 'database-primary' },
          metrics: on(MYSQL_OPTIONAL),
        }),
      },
    },
  };
}

/** The receiver that tries a connection which no flow allows. */
export const FORBIDDEN = 'httpcheck/forbidden';

/** Reads the figures of a program that offers them in Prometheus' own format. */
const scraped = (job_name: string, target: string, config: Config): Piece => ({
  config: {
    scrape_configs: [{ job_name, scrape_interval: interval(config), static_configs: [{ targets: [target] }] }],
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

/**
 * Fields by which the apps of Sumo Logic find metrics and logs of a tier; `node` is the name of the pod.
 * @see https://help.sumologic.com/docs/integrations/web-servers/opentelemetry/nginx-opentelemetry/
 */
export function sumoFields(tier: TierName, config: Config, node: string): Record<string, string> {
  const { program } = tiers[tier];
  switch (tier) {
    case 'load-balancer':
    case 'web':
      return {
        'sumo.datasource': program,
        'webengine.system': program,
        'webengine.cluster.name': config.name,
        'webengine.node.name': node,
      };
    case 'database':
      return {
        'sumo.datasource': program,
        'db.system': program,
        'db.cluster.name': config.name,
        'db.node.name': node,
      };
    default:
      return {};
  }
}

/** The collector's own figures, pushed to itself so that they take the same way as all others. */
export const OWN_FIGURES = `127.0.0.1:${port('monitoring', 'otlp')}`;

export const ownReceiver = ({ backup }: Config): Piece => ({
  otlp: {
    // jobs are gone before anybody could ask them, so they push; without them nobody but the collector itself does
    protocols: { http: { endpoint: backup ? `0.0.0.0:${port('monitoring', 'otlp')}` : OWN_FIGURES } },
  },
});

/**
 * Container logs of the site's two namespaces. The collector's own are left out: a failing export would feed itself.
 * A new collector starts at the end of files that are already there: a gap of seconds rather than every line twice.
 */
export function logReceiver(config: Config): Piece {
  const namespaces = [namespaceOf('app', config), namespaceOf('monitoring', config)];
  return {
    filelog: {
      include: namespaces.map((namespace) => `${places.podLogs}/${namespace}_*/*/*.log`),
      exclude: [`${places.podLogs}/${namespaceOf('monitoring', config)}_collector-*/*/*.log`],
      start_at: 'end',
      // namespace, pod and container are read from the path
      include_file_path: true,
      include_file_name: false,
      poll_interval: '1s',
      storage: 'file_storage',
      retry_on_failure: { enabled: true },
      operators: [{ type: 'container' }],
    },
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
