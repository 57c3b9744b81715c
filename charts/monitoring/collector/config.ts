import { dump } from 'js-yaml';
import type { Config } from '../../../config/schema';
import { namespaceOf } from '../../names';
import { port, runsPrometheus, tiers } from '../../topology';
import { accessLogPieces } from './access-log';
import { observers, tierReceivers } from './discovery';
import { exporters, shipsLogs } from './exporters';
import { fromEnv, interval, places } from './places';
import { processors } from './processors';
import { logReceiver, nodeReceivers, OWN_METRICS, ownReceiver, type Piece } from './receivers';
import { remoteWritePieces } from './remote-write';

/** The whole configuration of a collector, as an object. It contains no secret value: secrets are read from files. */
export function collectorConfig(config: Config): Piece {
  const logs = shipsLogs(config.monitoring);
  const services = exporters(config);
  const behind = runsPrometheus(config.monitoring) ? remoteWritePieces(config) : undefined;
  const takers = services.filter((service) => service.takesLogs).map(({ name }) => name);
  const all = services.map(({ name }) => name);
  const access = config.monitoring.collectLogs ? accessLogPieces(config, all) : undefined;
  return {
    extensions: extensions(config),
    receivers: {
      ...nodeReceivers(config),
      ...tierReceivers(config),
      ...ownReceiver(config),
      ...(logs ? logReceiver(config) : {}),
      ...access?.receivers,
      ...behind?.receivers,
    },
    processors: { ...processors(config, logs), ...access?.processors, ...behind?.processors },
    ...(access ? { connectors: access.connectors } : {}),
    exporters: {
      ...Object.fromEntries(services.map(({ name, settings }) => [name, settings])),
      ...access?.exporters,
      ...behind?.exporters,
    },
    service: {
      extensions: ['health_check', 'file_storage', ...Object.values(observers)],
      telemetry: telemetry(config),
      pipelines: {
        'metrics/node': {
          receivers: ['hostmetrics', 'kubeletstats'],
          processors: ['memory_limiter', 'filter/site', 'resource/node', 'resource', 'batch'],
          exporters: all,
        },
        'metrics/tiers': {
          receivers: [...Object.keys(observers), 'otlp'],
          processors: ['memory_limiter', 'resource', 'batch'],
          exporters: all,
        },
        ...(logs
          ? {
              logs: {
                receivers: ['filelog'],
                processors: ['memory_limiter', 'transform/logs', 'resource', 'batch'],
                exporters: takers,
              },
            }
          : {}),
        ...access?.pipelines,
        ...behind?.pipelines,
      },
    },
  };
}

/** The same as YAML text. */
export const collectorYaml = (config: Config): string => dump(collectorConfig(config), { lineWidth: -1, noRefs: true });

const extensions = (config: Config): Piece => ({
  health_check: { endpoint: `0.0.0.0:${port('monitoring', 'health')}` },
  // written through, so that a node that loses power leaves it whole; what is torn all the same is put aside, or the collector
  // would never start again: docs/measurements/monitoring.md#a-torn-state-file
  file_storage: { directory: places.state, create_directory: true, fsync: true, recreate: true },
  ...Object.fromEntries(
    Object.values(observers).map((name) => [
      name,
      {
        auth_type: 'serviceAccount',
        node: fromEnv('K8S_NODE_NAME'),
        namespaces: [namespaceOf('app', config)],
        observe_pods: true,
      },
    ]),
  ),
});

/** A silent collector or a full queue must be visible in the metrics. */
const telemetry = (config: Config): Piece => ({
  // failed attempts are logged as `info` with the whole URL, and Sumo Logic's is a secret
  logs: {
    level: config.monitoring.services.some(({ type }) => type === 'sumologic') ? 'warn' : 'info',
    encoding: 'json',
  },
  resource: {
    'service.name': tiers.monitoring.component,
    'k8s.pod.name': fromEnv('K8S_POD_NAME'),
    'k8s.namespace.name': namespaceOf('monitoring', config),
  },
  metrics: {
    level: 'normal',
    readers: [
      {
        periodic: {
          interval: Number.parseInt(interval(config), 10) * 1000,
          exporter: { otlp: { protocol: 'http/protobuf', endpoint: `http://${OWN_METRICS}` } },
        },
      },
    ],
  },
});
