import type { Construct } from 'constructs';
import { hasLastingWorkers } from '../config/app-facts';
import type { Config } from '../config/schema';
import { alertmanagerOf } from '../config/ways-out';
import { AdmissionChart } from './admission';
import { AppChart } from './app';
import { appFiles, type FileContents } from './app/files';
import { AppVolumesChart } from './app/volumes';
import { BackupChart, hasBackup } from './backup';
import { CertificateChart } from './certificate';
import { codeVolume } from './code';
import { DatabaseChart } from './database';
import { FirewallChart } from './firewall';
import { LoadBalancerChart } from './load-balancer';
import { AlertmanagerChart } from './monitoring/alertmanager';
import { MonitoringChart } from './monitoring/collector';
import { DashboardsChart } from './monitoring/dashboards';
import { PrometheusChart } from './monitoring/prometheus';
import { PrometheusRuleChart } from './monitoring/prometheus/rule';
import { Namespaces } from './namespaces';
import type { Programs } from './programs';
import { ExternalSecretsChart } from './secrets';
import { runsPrometheus } from './topology';
import { WebChart } from './web';
import { WorkerChart } from './worker';
import { ReleaseChart } from './worker/release';

/**
 * The whole whiteboard in start order, one line per file of manifests.
 * @param programs what pods run; none is built that no pod runs
 * @param contents of `app.files`
 * @returns the three firewalls, which can be rendered anew
 */
export function threewall(
  scope: Construct,
  config: Config,
  programs: Programs,
  contents: FileContents = new Map(),
): readonly FirewallChart[] {
  new Namespaces(scope, config);
  const firewalls = (['internal', 'web', 'database'] as const).map((name) => new FirewallChart(scope, name, config));
  if (config.cluster.admissionPolicies) new AdmissionChart(scope, config);
  const { externalSecrets } = config.secrets;
  if (externalSecrets) new ExternalSecretsChart(scope, config, externalSecrets);
  const { certificate } = config.tls;
  if (certificate.source === 'cert-manager') new CertificateChart(scope, config, certificate.issuer);
  const code = codeVolume(scope, config, programs);
  new DatabaseChart(scope, config);
  const files = appFiles(scope, config, contents);
  if (Object.keys(config.app.volumes).length > 0) new AppVolumesChart(scope, config);
  if (config.app.release) new ReleaseChart(scope, config, config.app.release, code, files);
  new AppChart(scope, config, code, files);
  if (hasLastingWorkers(config.app)) new WorkerChart(scope, config, code, files);
  new WebChart(scope, config, code);
  new LoadBalancerChart(scope, config);
  const alertmanager = alertmanagerOf(config);
  if (runsPrometheus(config.monitoring)) new PrometheusChart(scope, config);
  if (alertmanager) new AlertmanagerChart(scope, config, alertmanager);
  new MonitoringChart(scope, config);
  if (config.monitoring.prometheusRule) new PrometheusRuleChart(scope, config);
  if (config.monitoring.dashboards ?? runsPrometheus(config.monitoring)) new DashboardsChart(scope, config);
  if (hasBackup(config)) new BackupChart(scope, config);
  return firewalls;
}
