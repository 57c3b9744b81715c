import type { Config } from '../../../config/schema';
import { namespaceOf } from '../../names';
import { port } from '../../topology';
import type { Piece } from './receivers';

/**
 * How figures reach the in-cluster Prometheus. The exporter for its remote write keeps nothing on disk, retries blindly
 * and calls every failure final. So a collector first hands figures to itself: the exporter in front has the queue on
 * disk; its request stays open while the remote write behind it tries, and ends before that gives up. What Prometheus
 * refuses for good (a sample that is too old) is answered at once and dropped, so nothing blocks the queue.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.145.0/exporter/prometheusremotewriteexporter
 */
export const remoteWrite = {
  /** Where the exporter in front reaches the way behind it: inside the pod only. */
  address: '127.0.0.1:4319',
  /** Seconds of one try in front; behind it a try lasts longer. */
  timeoutSeconds: 8,
  exporter: 'prometheusremotewrite',
} as const;

/**
 * Resource attributes that become labels of every series; `job` and `instance` are made of service.name and
 * service.instance.id. Some say more (node, environment); the others also keep apart what one pod reports about several
 * things: proxies and servers of HAProxy, volumes of a pod.
 */
const LABELS = [
  'db.cluster.name',
  'db.node.name',
  'deployment.environment',
  'haproxy.proxy_name',
  'haproxy.service_name',
  'k8s.namespace.name',
  'k8s.node.name',
  'k8s.pod.name',
  'k8s.volume.name',
  'service.instance.id',
  'service.name',
  'webengine.cluster.name',
  'webengine.node.name',
];

const KEEP = `keep_keys(resource.attributes, [${LABELS.map((name) => `"${name}"`).join(', ')}])`;

/** The way behind: what the collector takes from itself, as Prometheus wants it. */
export const remoteWritePieces = (config: Config) => ({
  receivers: { 'otlp/prometheus': { protocols: { http: { endpoint: remoteWrite.address } } } },
  processors: {
    'transform/prometheus': { error_mode: 'ignore', metric_statements: [{ context: 'resource', statements: [KEEP] }] },
  },
  exporters: {
    [remoteWrite.exporter]: {
      endpoint: `http://monitoring-service.${namespaceOf('monitoring-service', config)}.svc.${config.cluster.domain}:${port('monitoring-service', 'http')}/api/v1/write`,
      timeout: `${remoteWrite.timeoutSeconds + 2}s`,
      // a new connection each time: one to a Prometheus whose node is lost would hang for minutes
      disable_keep_alives: true,
      remote_write_queue: { enabled: false },
      retry_on_failure: { enabled: true, initial_interval: '2s', max_elapsed_time: '0s' },
      max_batch_request_parallelism: 1,
      resource_to_telemetry_conversion: { enabled: true, exclude_service_attributes: true },
      target_info: { enabled: false },
    },
  } as Piece,
  pipelines: {
    'metrics/prometheus': {
      receivers: ['otlp/prometheus'],
      processors: ['memory_limiter', 'transform/prometheus'],
      exporters: [remoteWrite.exporter],
    },
  },
});
