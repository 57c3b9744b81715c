import { dump } from 'js-yaml';
import type { Config } from '../../../config/schema';
import { alertmanagerOf } from '../../../config/ways-out';
import { namespaceOf } from '../../names';
import { port, tiers } from '../../topology';
import { ownRules } from '../alertmanager/rules';
import { alertRules, alertsOf } from '../alerts';
import { metrics } from '../alerts/metrics';

/** Configuration of Prometheus. Collectors push, so it scrapes only itself and its Alertmanager. */
export function prometheusYaml(config: Config): string {
  const interval = `${config.monitoring.intervalSeconds}s`;
  const alertmanagers = alertmanagerOf(config)
    ? [{ targets: [`alertmanager.${namespaceOf('alertmanager', config)}.svc:${port('alertmanager', 'http')}`] }]
    : [];
  return yaml({
    global: {
      scrape_interval: interval,
      evaluation_interval: interval,
      // receivers of several sites tell them apart by it
      ...(alertmanagers.length > 0 ? { external_labels: { site: config.name } } : {}),
    },
    ...(alertmanagers.length > 0 ? { alerting: { alertmanagers: [{ static_configs: alertmanagers }] } } : {}),
    rule_files: ['rules.yaml', 'alerts.yaml'],
    // a collector that queued on disk delivers its samples after newer ones of others
    storage: { tsdb: { out_of_order_time_window: '3h' } },
    scrape_configs: [
      {
        job_name: 'monitoring-service',
        static_configs: [{ targets: [`localhost:${port('monitoring-service', 'http')}`] }],
      },
      ...(alertmanagers.length > 0 ? [{ job_name: 'alertmanager', static_configs: alertmanagers }] : []),
    ],
  });
}

/** Recorded queries for the first questions, available by name. */
export const rulesYaml = (config: Config): string =>
  yaml({
    groups: [
      {
        name: 'site',
        rules: [
          { record: 'site:web_requests:rate', expr: webRequestsPerSecond(config) },
          ...(config.monitoring.collectLogs
            ? [{ record: 'web:requests:rate', expr: webServerRequestsPerSecond(config) }]
            : []),
        ],
      },
    ],
  });

/** Every alert that can fire in this environment. */
export const alertsYaml = (config: Config): string =>
  yaml({ groups: [alertRules(alertsOf(config)), ...ownRules(config)] });

/** Requests of visitors per second and web server: lines of the access log, which has visitors only. */
const webServerRequestsPerSecond = ({ monitoring }: Config): string =>
  `sum by (k8s_pod_name) (rate(${metrics.accessRequests.prometheus}[${Math.max(60, 6 * monitoring.intervalSeconds)}s]))`;

/**
 * Requests of visitors per second (QPS), all web servers together. Nginx counts every request, also of probes, health
 * checks and collectors. Each of these opens a connection for one request, and every visitor's connection passes
 * the load balancers: so the connections beyond the load balancers' sessions are the requests not made by visitors.
 */
export function webRequestsPerSecond({ monitoring }: Config): string {
  const rate = (series: string) => `sum(rate(${series}[${Math.max(60, 6 * monitoring.intervalSeconds)}s]))`;
  const web = tiers.web.component;
  return [
    rate(`nginx_requests_total{job="${web}"}`),
    `- (${rate(`nginx_connections_accepted_total{job="${web}"}`)}`,
    `- ${rate(`haproxy_sessions_total{haproxy_proxy_name="${web}", haproxy_service_name="BACKEND"}`)})`,
  ].join(' ');
}

const yaml = (value: object): string => dump(value, { lineWidth: -1, noRefs: true });
