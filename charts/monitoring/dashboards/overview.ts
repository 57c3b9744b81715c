import type { Config } from '../../../config/schema';
import { webErrors, webLatency } from './answers';
import { type AppOverview, appOverview } from './app';
import { type Dashboard, rate } from './panels';
import { BACKEND, FRONTEND } from './shared';

const page = (monitoring: Config['monitoring'], app: AppOverview): Dashboard => ({
  id: 'overview',
  title: 'Overview',
  rows: [
    {
      title: 'Traffic',
      panels: [
        {
          title: 'Load balancer: new connections',
          unit: 'cps',
          queries: [{ expr: rate(`haproxy_sessions_total{${FRONTEND}}`), legend: 'connections' }],
        },
        {
          title: 'Web: requests of visitors',
          description: 'Without probes, health checks and collectors.',
          unit: 'reqps',
          queries: [{ expr: 'clamp_min(site:web_requests:rate, 0)', legend: 'requests' }],
        },
        app.traffic,
        {
          title: 'Database: statements of clients',
          unit: 'reqps',
          queries: [{ expr: rate('mysql_query_client_count_total', 'k8s_pod_name'), legend: '{{k8s_pod_name}}' }],
        },
      ],
    },
    {
      title: 'Errors',
      panels: [
        {
          title: 'Load balancer: connections without a web server',
          unit: 'cps',
          queries: [
            { expr: rate(`haproxy_connections_errors_total{${BACKEND}}`), legend: 'failed' },
            { expr: rate(`haproxy_connections_retries_total{${BACKEND}}`), legend: 'tried again' },
          ],
        },
        webErrors(monitoring),
        app.errors,
        {
          title: 'Database: connections refused or broken',
          unit: 'cps',
          queries: [{ expr: rate('mysql_connection_errors_total', 'k8s_pod_name'), legend: '{{k8s_pod_name}}' }],
        },
      ],
    },
    {
      title: 'Latency',
      panels: [
        {
          title: 'Load balancer: time to connect to a web server',
          description: 'Mean of the last 1,024 connections of each load balancer.',
          unit: 'ms',
          queries: [
            {
              expr: `avg by (k8s_pod_name) (haproxy_connections_average_time_milliseconds{${BACKEND}})`,
              legend: '{{k8s_pod_name}}',
            },
          ],
        },
        webLatency(monitoring),
        app.latency,
        {
          title: 'Database: replica behind primary',
          unit: 's',
          queries: [{ expr: 'max by (k8s_pod_name) (database_replica_lag_seconds)', legend: '{{k8s_pod_name}}' }],
        },
      ],
    },
    {
      title: 'Saturation',
      panels: [
        {
          title: 'Load balancer: connections of the most there may be',
          unit: 'percentunit',
          queries: [
            {
              expr: `max by (k8s_pod_name) (haproxy_sessions_count{${FRONTEND}} / haproxy_sessions_limit{${FRONTEND}})`,
              legend: '{{k8s_pod_name}}',
            },
          ],
        },
        {
          title: 'Web: processor, in cores',
          unit: 'short',
          queries: [
            { expr: 'sum by (k8s_pod_name) (k8s_pod_cpu_usage{k8s_pod_name=~"web-.*"})', legend: '{{k8s_pod_name}}' },
          ],
        },
        app.saturation,
        {
          title: 'Database: connections of the most there may be',
          unit: 'percentunit',
          queries: [
            {
              expr: 'max by (k8s_pod_name) (database_threads_connected / database_max_connections)',
              legend: '{{k8s_pod_name}}',
            },
          ],
        },
      ],
    },
  ],
});

/** The whiteboard's tiers from left to right; from top to bottom traffic, errors, latency and saturation. */
export const overview = (config: Pick<Config, 'monitoring' | 'app'>): Dashboard =>
  page(config.monitoring, appOverview(config));
