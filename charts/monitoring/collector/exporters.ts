import type { Config } from '../../../config/schema';
import { fromFile, places, stateBytes } from './places';
import type { Piece } from './receivers';
import { remoteWrite } from './remote-write';

type Service = Config['monitoring']['services'][number];

/** True when container logs are shipped: somebody wants them, and a service takes them (Prometheus takes metrics only). */
export const shipsLogs = ({ collectLogs, services }: Config['monitoring']): boolean =>
  collectLogs && services.some((service) => service.type !== 'prometheus');

/** An exporter and what it takes. */
export interface Exporter {
  readonly name: string;
  readonly settings: Piece;
  readonly takesLogs: boolean;
}

/** Keys of the Secret `secrets.monitoringService` that the chosen services need. */
export const serviceKeys = ({ services }: Config['monitoring']): string[] =>
  services.flatMap((service) =>
    service.type === 'otlp' ? service.headers.map(keyOf) : service.type === 'sumologic' ? [SUMO_KEY] : [],
  );

const keyOf = (header: string): string => `otlp-${header}`;
const SUMO_KEY = 'sumologic-endpoint';

/** One exporter for each monitoring service; all of them get everything that they take. */
export function exporters(config: Config): readonly Exporter[] {
  const { services } = config.monitoring;
  const queues = services.reduce(
    (sum, service) => sum + (takesLogs(service) && shipsLogs(config.monitoring) ? 2 : 1),
    0,
  );
  const patience = {
    // without end: the queue on disk is what bounds an outage, and it survives a restart of the container
    retry_on_failure: { enabled: true, initial_interval: '1s', max_interval: '30s', max_elapsed_time: 0 },
    sending_queue: {
      enabled: true,
      storage: 'file_storage',
      sizer: 'bytes',
      // half of the volume for all queues together: the file of a queue is larger than what is in it
      queue_size: Math.floor(stateBytes(config) / 2 / queues),
      // one: samples stay in the order of their time
      num_consumers: 1,
    },
  };
  return services.map((service) => ({ ...exporterOf(service, patience), takesLogs: takesLogs(service) }));
}

const takesLogs = ({ type }: Service): boolean => type !== 'prometheus';

function exporterOf(service: Service, patience: Piece): Pick<Exporter, 'name' | 'settings'> {
  switch (service.type) {
    case 'prometheus':
      return {
        name: 'otlp_http/prometheus',
        settings: {
          endpoint: `http://${remoteWrite.address}`,
          compression: 'none',
          timeout: `${remoteWrite.timeoutSeconds}s`,
          ...patience,
        },
      };
    case 'otlp':
      return {
        name: `otlp_${service.protocol}/external`,
        settings: {
          // gRPC has no path and no default port
          endpoint:
            service.protocol === 'grpc' ? `${new URL(service.endpoint).hostname}:${service.port}` : service.endpoint,
          compression: 'gzip',
          headers: Object.fromEntries(
            service.headers.map((header) => [header, fromFile(places.serviceSecret, keyOf(header))]),
          ),
          ...patience,
        },
      };
    case 'sumologic':
      return {
        name: 'sumologic',
        settings: {
          endpoint: fromFile(places.serviceSecret, SUMO_KEY),
          compression: 'gzip',
          metric_format: 'otlp',
          log_format: 'otlp',
          // its OTLP source drops histograms and knows no quantiles
          decompose_otlp_histograms: true,
          decompose_otlp_summaries: true,
          ...patience,
        },
      };
  }
}
