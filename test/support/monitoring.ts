import { Testing } from 'cdk8s';
import { MonitoringChart } from '../../charts/monitoring/collector';
import { collectorConfig } from '../../charts/monitoring/collector/config';
import { parseConfig } from '../../config';

/** One monitoring service of each type, as YAML. */
export const SERVICES = {
  prometheus: '{ type: prometheus }',
  otlp: '{ type: otlp, endpoint: "https://otlp.example.org:4318" }',
  sumologic: '{ type: sumologic }',
};
/** All of them at once. */
export const ALL = Object.values(SERVICES).join(', ');

/** A configuration that ships to `services`. */
export const config = (services = SERVICES.prometheus, monitoring = '', more = '') =>
  parseConfig(
    `name: shop\ndomain: www.example.org\nmonitoring: { services: [${services}] ${monitoring} }\n${more}`,
    'test.yaml',
  );

/** The rendered configuration of its collectors. */
// biome-ignore lint/suspicious/noExplicitAny: a rendered configuration, read at many depths
export const collector = (...args: Parameters<typeof config>): any => collectorConfig(config(...args));

/** The manifests of its collectors. */
export const manifests = (...args: Parameters<typeof config>) =>
  Testing.synth(new MonitoringChart(Testing.app(), config(...args)));
