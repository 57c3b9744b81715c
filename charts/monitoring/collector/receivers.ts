import { runsWorkers } from '../../../config/app-facts';
import { namespacesOf } from '../../../config/namespaces';
import type { Config } from '../../../config/schema';
import { flows } from '../../flows';
import { namespaceOf } from '../../names';
import { port } from '../../topology';
import { fromEnv, interval, places } from './places';

/** A part of a collector's configuration. */
export type Piece = Record<string, unknown>;

/** Enables metrics that a receiver omits by default. */
export const on = (names: readonly string[]): Piece =>
  Object.fromEntries(names.map((name) => [name, { enabled: true }]));

/**
 * Metrics of the node. Without a hostPath, a container sees processors, memory, load and disks of the
 * node, but interfaces and file systems of the container, so these come from the kubelet.
 */
export function nodeReceivers(config: Config): Piece {
  const workers = runsWorkers(config.app);
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
      metric_groups: ['node', 'pod', 'volume', ...(workers ? ['container'] : [])],
      metrics: { ...on(['k8s.node.uptime', 'k8s.pod.uptime']), ...(workers ? ONLY_UPTIME : {}) },
    },
  };
}

/**
 * Of containers, when each was started: a pod's metrics cover the rest.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/v0.145.0/receiver/kubeletstatsreceiver/documentation.md
 */
const ONLY_UPTIME: Piece = {
  ...on(['container.uptime']),
  ...Object.fromEntries(
    [
      'cpu.time',
      'cpu.usage',
      'filesystem.available',
      'filesystem.capacity',
      'filesystem.usage',
      'memory.available',
      'memory.major_page_faults',
      'memory.page_faults',
      'memory.rss',
      'memory.usage',
      'memory.working_set',
    ].map((name) => [`container.${name}`, { enabled: false }]),
  ),
};

function kubeletPort(config: Config): number {
  const found = flows(config).find((flow) => flow.to === 'kubelet')?.ports[0];
  if (!found) throw new Error('the flow table has no way to the kubelet');
  return found.port;
}

/** The collector's own metrics, pushed to itself so that they pass the same pipelines. */
export const OWN_METRICS = `127.0.0.1:${port('monitoring', 'otlp')}`;

/** Accepts OTLP over HTTP: metrics of the collector itself and of backups. */
export const ownReceiver = ({ backup }: Config): Piece => ({
  otlp: {
    // jobs end before they could be scraped, so they push; without jobs only the collector itself pushes
    protocols: { http: { endpoint: backup ? `0.0.0.0:${port('monitoring', 'otlp')}` : OWN_METRICS } },
  },
});

/**
 * Container logs of the site's two namespaces. The collector's own are left out: a failing export would feed itself.
 * A new collector starts at the end of existing files: a gap of seconds instead of duplicate lines.
 */
export function logReceiver(config: Config): Piece {
  const namespaces = namespacesOf(config);
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
