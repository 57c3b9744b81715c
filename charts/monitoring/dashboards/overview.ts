import type { Config } from '../../../config/schema';
import { appAnswers, times, webErrors, webLatency } from './answers';
import { type Dashboard, rate } from './panels';
import { BACKEND, FRONTEND, VISITORS } from './shared';

/** The whiteboard's tiers from left to right; from top to bottom traffic, errors, latency and saturation. */
export const overview = ({ monitoring }: Pick<Config, 'monitoring'>): Dashboard => ({
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
        {
          title: 'App: requests of visitors',
          unit: 'reqps',
          queries: [{ expr: `${rate(`http_requests_total{${VISITORS}}`)} or vector(0)`, legend: 'requests' }],
        },
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
        {
          title: 'App: share of failed answers (5xx)',
          unit: 'percentunit',
          queries: [{ expr: appAnswers.failed, legend: 'failed' }],
        },
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
        {
          title: 'App: time to answer',
          description: 'Empty without visitors.',
          unit: 's',
          queries: times(appAnswers, 0.5, 0.99),
        },
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
        {
          title: 'App: database connections in use',
          unit: 'percentunit',
          queries: [
            {
              expr: 'max by (pool) (database_pool_connections{state="in_use"} / ignoring(state) database_pool_connections{state="limit"})',
              legend: '{{pool}}',
            },
          ],
        },
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
