import type { Config } from '../../../config/schema';
import { namespaceOf } from '../../names';
import { port } from '../../topology';
import type { Piece } from './receivers';

/**
 * How metrics reach the in-cluster Prometheus. The remote-write exporter keeps nothing on disk, retries blindly
 * and reports every failure as final. So a collector first sends metrics to itself: the exporter in front has the queue
 * on disk; its request stays open while the remote write retries, and ends before that gives up. A sample that
 * Prometheus refuses permanently (because it is too old) is answered at once and dropped, so it does not block the
 * queue.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.145.0/exporter/prometheusremotewriteexporter
 */
export const remoteWrite = {
  /** Address between the two exporters, inside the pod only. */
  address: '127.0.0.1:4319',
  /** Seconds of one attempt in front; an attempt behind it lasts longer. */
  timeoutSeconds: 8,
  exporter: 'prometheusremotewrite',
} as const;

/**
 * Resource attributes that become labels of every series; `job` and `instance` come from service.name and
 * service.instance.id. Some add information (node, environment); the others also distinguish what one pod reports about
 * several things: proxies and servers of HAProxy, volumes and containers of a pod.
 */
export const LABELS = [
  'db.cluster.name',
  'db.node.name',
  'deployment.environment',
  'haproxy.proxy_name',
  'haproxy.service_name',
  'k8s.container.name',
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

/** The second half: what the collector receives from itself, in the form that Prometheus stores. */
export const remoteWritePieces = (config: Config) => ({
  receivers: { 'otlp/prometheus': { protocols: { http: { endpoint: remoteWrite.address } } } },
  processors: {
    'transform/prometheus': { error_mode: 'ignore', metric_statements: [{ context: 'resource', statements: [KEEP] }] },
  },
  exporters: {
    [remoteWrite.exporter]: {
      endpoint: `http://monitoring-service.${namespaceOf('monitoring-service', config)}.svc.${config.cluster.domain}:${port('monitoring-service', 'http')}/api/v1/write`,
      timeout: `${remoteWrite.timeoutSeconds + 2}s`,
      // a new connection each time: an existing one to a lost node would hang for minutes
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
