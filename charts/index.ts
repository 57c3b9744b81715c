import type { Construct } from 'constructs';
import type { Config } from '../config/schema';
import { AppChart } from './app';
import { BackupChart, hasBackup } from './backup';
import { CertificateChart } from './certificate';
import { codeVolume, type Site } from './code';
import { DatabaseChart } from './database';
import { FirewallChart } from './firewall';
import { LoadBalancerChart } from './load-balancer';
import { MonitoringChart } from './monitoring/collector';
import { DashboardsChart } from './monitoring/dashboards';
import { PrometheusChart } from './monitoring/prometheus';
import { PrometheusRuleChart } from './monitoring/prometheus/rule';
import { Namespaces } from './namespaces';
import { runsPrometheus } from './topology';
import { WebChart } from './web';

/**
 * The whole whiteboard, in the order in which it comes up: one line a file of manifests.
 * @param backupAgent program of the backup pods
 */
export function threewall(scope: Construct, config: Config, site: Site, backupAgent: string): void {
  new Namespaces(scope, config);
  new FirewallChart(scope, 'internal', config);
  new FirewallChart(scope, 'web', config);
  new FirewallChart(scope, 'database', config);
  const { certificate } = config.tls;
  if (certificate.source === 'cert-manager') new CertificateChart(scope, config, certificate.issuer);
  const code = codeVolume(scope, config, site);
  new DatabaseChart(scope, config);
  new AppChart(scope, config, code);
  new WebChart(scope, config, code);
  new LoadBalancerChart(scope, config);
  if (runsPrometheus(config.monitoring)) new PrometheusChart(scope, config);
  new MonitoringChart(scope, config);
  if (config.monitoring.prometheusRule) new PrometheusRuleChart(scope, config);
  if (config.monitoring.dashboards ?? runsPrometheus(config.monitoring)) new DashboardsChart(scope, config);
  if (hasBackup(config)) new BackupChart(scope, config, backupAgent);
}
