import type { Config } from '../../../config/schema';
import { appAnswers, times, visitorsRow } from './answers';
import { type Dashboard, rate } from './panels';
import { of, usage, VISITORS } from './shared';

/** Nginx, and the app behind it. */
export const web = ({ monitoring }: Pick<Config, 'monitoring'>): Dashboard => ({
  id: 'web',
  title: 'Web',
  rows: [
    ...(monitoring.collectLogs ? [visitorsRow] : []),
    {
      title: 'Web servers',
      panels: [
        {
          title: 'Requests of visitors, all web servers',
          description: 'Without probes, health checks and collectors.',
          unit: 'reqps',
          queries: [{ expr: 'clamp_min(site:web_requests:rate, 0)', legend: 'requests' }],
        },
        {
          title: 'Requests of each web server',
          description: 'All of them: probes, health checks and the collector make about 1.5 a second.',
          unit: 'reqps',
          queries: [{ expr: rate(`nginx_requests_total{${of.web}}`, 'k8s_pod_name'), legend: '{{k8s_pod_name}}' }],
        },
        {
          title: 'Connections by what they do',
          unit: 'short',
          queries: [{ expr: `sum by (state) (nginx_connections_current{${of.web}})`, legend: '{{state}}' }],
        },
        {
          title: 'Connections dropped',
          unit: 'cps',
          queries: [
            {
              expr: `${rate(`nginx_connections_accepted_total{${of.web}}`, 'k8s_pod_name')} - ${rate(`nginx_connections_handled_total{${of.web}}`, 'k8s_pod_name')}`,
              legend: '{{k8s_pod_name}}',
            },
          ],
        },
      ],
    },
    {
      title: 'App servers',
      panels: [
        {
          title: 'Requests of visitors by route',
          unit: 'reqps',
          queries: [{ expr: rate(`http_requests_total{${VISITORS}}`, 'route'), legend: '{{route}}' }],
        },
        {
          title: 'Share of failed answers of the app (5xx)',
          unit: 'percentunit',
          queries: [{ expr: appAnswers.failed, legend: 'failed' }],
        },
        {
          title: 'Time of the app to answer',
          description: 'Empty without visitors.',
          unit: 's',
          queries: times(appAnswers, 0.5, 0.9, 0.99),
        },
        {
          title: 'App servers that are ready, as checked by the collector',
          unit: 'short',
          queries: [
            {
              expr: `sum by (k8s_pod_name) (httpcheck_status{${of.app}, http_status_class="2xx"})`,
              legend: '{{k8s_pod_name}}',
            },
          ],
        },
      ],
    },
    {
      title: 'What the app has left',
      panels: [
        {
          title: 'Delay of the event loop, p99',
          unit: 's',
          queries: [
            { expr: `max by (k8s_pod_name) (nodejs_eventloop_lag_p99_seconds{${of.app}})`, legend: '{{k8s_pod_name}}' },
          ],
        },
        {
          title: 'Database connections',
          unit: 'short',
          queries: [{ expr: 'sum by (pool, state) (database_pool_connections)', legend: '{{pool}}, {{state}}' }],
        },
        {
          title: 'Reads that the primary served because the replica was lost',
          unit: 'reqps',
          queries: [{ expr: rate('database_fallback_reads_total', 'k8s_pod_name'), legend: '{{k8s_pod_name}}' }],
        },
      ],
    },
    { title: 'Pods', panels: usage('web', '(web|app)-.*') },
  ],
});
