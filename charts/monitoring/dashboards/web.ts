import type { Config } from '../../../config/schema';
import { visitorsRow } from './answers';
import { appRows } from './app';
import { type Dashboard, rate } from './panels';
import { of } from './shared';

/** Nginx, and the app behind it. */
export const web = (config: Pick<Config, 'monitoring' | 'app'>): Dashboard => ({
  id: 'web',
  title: 'Web',
  rows: [
    ...(config.monitoring.collectLogs ? [visitorsRow] : []),
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
    ...appRows(config),
  ],
});
