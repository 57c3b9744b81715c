import { type Dashboard, rate } from './panels';
import { BACKEND, FRONTEND, SERVERS, usage } from './shared';

/** HAProxy in TCP mode: connections, not requests; it never sees a status code. */
export const loadBalancer: Dashboard = {
  id: 'load-balancer',
  title: 'Load balancer',
  rows: [
    {
      title: 'Connections of visitors',
      panels: [
        {
          title: 'New connections',
          unit: 'cps',
          queries: [{ expr: rate(`haproxy_sessions_total{${FRONTEND}}`, 'k8s_pod_name'), legend: '{{k8s_pod_name}}' }],
        },
        {
          title: 'Connections, and how many there may be',
          unit: 'short',
          queries: [
            { expr: `sum by (k8s_pod_name) (haproxy_sessions_count{${FRONTEND}})`, legend: '{{k8s_pod_name}}' },
            {
              expr: `sum by (k8s_pod_name) (haproxy_sessions_limit{${FRONTEND}})`,
              legend: 'limit of {{k8s_pod_name}}',
            },
          ],
        },
        {
          title: 'Refused at the edge',
          description: 'Too many connections from one address, or no TLS.',
          unit: 'cps',
          queries: [
            {
              expr: rate(`haproxy_requests_denied_total{${FRONTEND}}`, 'k8s_pod_name'),
              legend: 'denied, {{k8s_pod_name}}',
            },
            {
              expr: rate(`haproxy_requests_errors_total{${FRONTEND}}`, 'k8s_pod_name'),
              legend: 'errors, {{k8s_pod_name}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Web servers behind it',
      panels: [
        {
          title: 'Web servers that are up, as each load balancer sees it',
          unit: 'short',
          queries: [{ expr: `min by (k8s_pod_name) (haproxy_active{${BACKEND}})`, legend: '{{k8s_pod_name}}' }],
        },
        {
          title: 'Failed health checks',
          unit: 'cps',
          queries: [
            { expr: rate(`haproxy_failed_checks_total{${SERVERS}}`, 'k8s_pod_name'), legend: '{{k8s_pod_name}}' },
          ],
        },
        {
          title: 'Connections tried again, moved or failed',
          unit: 'cps',
          queries: [
            { expr: rate(`haproxy_connections_retries_total{${BACKEND}}`), legend: 'tried again' },
            { expr: rate(`haproxy_requests_redispatched_total{${BACKEND}}`), legend: 'moved to another server' },
            { expr: rate(`haproxy_connections_errors_total{${BACKEND}}`), legend: 'failed' },
          ],
        },
      ],
    },
    {
      title: 'Times and bytes',
      panels: [
        {
          title: 'Time to connect to a web server',
          description: 'Mean of the last 1,024 connections.',
          unit: 'ms',
          queries: [
            {
              expr: `avg by (k8s_pod_name) (haproxy_connections_average_time_milliseconds{${BACKEND}})`,
              legend: '{{k8s_pod_name}}',
            },
          ],
        },
        {
          title: 'Waiting for a web server',
          unit: 'short',
          queries: [
            { expr: `sum by (k8s_pod_name) (haproxy_requests_queued_total{${BACKEND}})`, legend: '{{k8s_pod_name}}' },
          ],
        },
        {
          title: 'Bytes',
          unit: 'Bps',
          queries: [
            { expr: rate(`haproxy_bytes_input_by_total{${FRONTEND}}`), legend: 'from visitors' },
            { expr: rate(`haproxy_bytes_output_by_total{${FRONTEND}}`), legend: 'to visitors' },
          ],
        },
      ],
    },
    { title: 'Pods', panels: usage('load-balancer', 'load-balancer-.*') },
  ],
};
