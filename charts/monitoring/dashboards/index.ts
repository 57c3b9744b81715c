import type { Construct } from 'constructs';
import type { Config } from '../../../config/schema';
import * as k8s from '../../../imports/k8s';
import { ThreewallChart } from '../../chart';
import { namespaceOf } from '../../names';
import { metadataOf } from '../../pod';
import { database } from './database';
import { loadBalancer } from './load-balancer';
import { nodes } from './nodes';
import { overview } from './overview';
import { type Dashboard, grafana, uidOf } from './panels';
import { web } from './web';

const TIER = 'monitoring-service';

/** Every page, the overview first. */
export const dashboardsOf = (config: Pick<Config, 'monitoring' | 'app'>): readonly Dashboard[] => [
  overview(config),
  loadBalancer,
  web(config),
  database,
  nodes,
];

/**
 * Dashboards for the sidecar of Grafana's Helm chart: one labelled ConfigMap each. Their names have no hash of
 * the content: the sidecar deletes the file of a removed ConfigMap, and its successor's file would have the same name.
 * @see https://github.com/grafana/helm-charts/tree/main/charts/grafana#sidecar-for-dashboards
 */
export class DashboardsChart extends ThreewallChart {
  constructor(scope: Construct, config: Config) {
    super(scope, '60', 'dashboards', namespaceOf(TIER, config));
    for (const dashboard of dashboardsOf(config)) {
      const metadata = metadataOf(TIER, config, `dashboard-${dashboard.id}`);
      new k8s.KubeConfigMap(this, dashboard.id, {
        metadata: { ...metadata, labels: { ...metadata.labels, grafana_dashboard: '1' } },
        data: { [`${uidOf(dashboard, config)}.json`]: `${JSON.stringify(grafana(dashboard, config), null, 1)}\n` },
      });
    }
  }
}
