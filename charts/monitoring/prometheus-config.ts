import { dump } from 'js-yaml';
import type { Config } from '../../config/schema';
import { port } from '../topology';

/**
 * Resource attributes that become labels of every series. Some only say more (node, environment); the others also keep
 * apart what one pod reports about several things (proxies and servers of HAProxy, volumes of a pod).
 */
export const PROMOTED = [
  'deployment.environment',
  'db.cluster.name',
  'db.node.name',
  'haproxy.proxy_name',
  'haproxy.service_name',
  'k8s.namespace.name',
  'k8s.node.name',
  'k8s.pod.name',
  'k8s.volume.name',
  'sumo.datasource',
  'webengine.cluster.name',
  'webengine.node.name',
];

/**
 * Collectors push, so it scrapes nothing but itself. Names are the classic ones (`nginx_requests_total`): they need no
 * quotes in PromQL.
 * @see https://prometheus.io/docs/guides/opentelemetry/
 */
export function prometheusYaml(config: Config): string {
  return dump(
    {
      global: { scrape_interval: `${config.monitoring.intervalSeconds}s` },
      otlp: { translation_strategy: 'UnderscoreEscapingWithSuffixes', promote_resource_attributes: PROMOTED },
      // what collectors kept on disk during an outage arrives after newer samples
      storage: { tsdb: { out_of_order_time_window: '3h' } },
      scrape_configs: [
        {
          job_name: 'monitoring-service',
          static_configs: [{ targets: [`localhost:${port('monitoring-service', 'http')}`] }],
        },
      ],
    },
    { lineWidth: -1, noRefs: true },
  );
}
