import type { Config } from '../../../config/schema';
import { namespaceOf } from '../../names';
import { tiers } from '../../topology';
import { interval, places } from './places';
import type { Piece } from './receivers';
import { sumoFields } from './sumo-fields';

/** Upper bounds in seconds of the latency histogram of the web servers. */
export const BUCKETS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '3', '10', '+Inf'] as const;

/** Address of the collector's own counters, inside the pod only. */
const REGISTER = '127.0.0.1:9465';

const WEB = tiers.web.component;
const bucket = (index: number): string => `nginx.access.bucket.${index}`;
const pod = { key: 'k8s.pod.name' };

/**
 * Status classes and latencies of each web server, from its access log. A connector counts the
 * lines of each batch. Prometheus cannot store such deltas, and a lost delta would be lost permanently, so an exporter
 * adds them up and the collector scrapes the sums from itself, as it scrapes any server.
 * @see docs/decisions/monitoring-access-log.md
 */
export const accessLogPieces = (config: Config, exporters: readonly string[]) => ({
  receivers: {
    'filelog/access': {
      include: [`${places.podLogs}/${namespaceOf('web', config)}_${WEB}-*/${WEB}/*.log`],
      start_at: 'end',
      include_file_path: true,
      include_file_name: false,
      poll_interval: '1s',
      storage: 'file_storage',
      operators: [
        { type: 'container' },
        // the error log comes through the same stream
        { type: 'filter', expr: 'not (body startsWith "{")' },
        { type: 'json_parser', parse_from: 'body', parse_to: 'attributes', on_error: 'drop_quiet' },
      ],
    },
    'prometheus/access': {
      config: {
        scrape_configs: [
          { job_name: 'access', scrape_interval: interval(config), static_configs: [{ targets: [REGISTER] }] },
        ],
      },
    },
  } as Piece,
  connectors: { 'count/access': { logs: counts } },
  processors: {
    'transform/access': { error_mode: 'ignore', log_statements: [{ context: 'log', statements: CLASSIFY }] },
    'transform/register': {
      error_mode: 'propagate',
      metric_statements: [
        { context: 'datapoint', statements: ADDABLE },
        {
          context: 'metric',
          statements: [
            'set(metric.name, "nginx.access.duration_bucket") where IsMatch(metric.name, "^nginx.access.bucket.")',
          ],
        },
      ],
    },
    'groupbyattrs/access': { keys: ['k8s_pod_name'] },
    'transform/web': { error_mode: 'ignore', metric_statements: [{ context: 'resource', statements: whose(config) }] },
  } as Piece,
  exporters: {
    // a day: a status class unused for longer restarts from zero
    'prometheus/access': { endpoint: REGISTER, metric_expiration: '24h' },
  } as Piece,
  pipelines: {
    'logs/access': {
      receivers: ['filelog/access'],
      processors: ['memory_limiter', 'transform/access', 'batch'],
      exporters: ['count/access'],
    },
    'metrics/register': {
      receivers: ['count/access'],
      processors: ['memory_limiter', 'transform/register'],
      exporters: ['prometheus/access'],
    },
    'metrics/access': {
      receivers: ['prometheus/access'],
      processors: ['memory_limiter', 'groupbyattrs/access', 'transform/web', 'resource', 'batch'],
      exporters,
    },
  },
});

const CLASSIFY = [
  'set(log.attributes["status_class"], Concat([Substring(log.attributes["status"], 0, 1), "xx"], ""))',
  'set(log.attributes["seconds"], Double(log.attributes["duration"]))',
];

const counts: Piece = {
  'nginx.access.requests': {
    description: 'Requests of visitors that were answered, by class of status.',
    attributes: [pod, { key: 'status_class' }],
  },
  ...Object.fromEntries(
    BUCKETS.map((bound, index) => [
      bucket(index),
      {
        description: 'Requests of visitors that took at most `le` seconds.',
        attributes: [pod],
        conditions: [
          bound === '+Inf' ? 'attributes["seconds"] != nil' : `attributes["seconds"] <= ${Number(bound).toFixed(3)}`,
        ],
      },
    ]),
  ),
};

/**
 * The exporter adds a delta only if it starts where the previous one ended. A connector's deltas carry the
 * times of the log lines, which never join; with one fixed time for all, each delta is added. Only the sums are
 * scraped, with the time of the scrape.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/v0.145.0/exporter/prometheusexporter/accumulator.go#L235
 */
const ADDABLE = [
  ...BUCKETS.map(
    (bound, index) => `set(datapoint.attributes["le"], "${bound}") where metric.name == "${bucket(index)}"`,
  ),
  'set(datapoint.start_time_unix_nano, 1)',
  'set(datapoint.time_unix_nano, 1)',
];

/** The sums are scraped from the collector but belong to the web server that wrote the line. */
function whose(config: Config): string[] {
  const name = 'resource.attributes["k8s_pod_name"]';
  const fields = { 'service.name': WEB, 'k8s.pod.name': 'POD', ...sumoFields('web', config, 'POD') };
  return [
    ...Object.entries(fields).map(
      ([field, value]) =>
        `set(resource.attributes["${field}"], ${value === 'POD' ? name : `"${value}"`}) where ${name} != nil`,
    ),
    `set(resource.attributes["k8s.namespace.name"], "${namespaceOf('web', config)}") where ${name} != nil`,
    'delete_key(resource.attributes, "k8s_pod_name")',
  ];
}
