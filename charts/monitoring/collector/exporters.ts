import type { Config } from '../../../config/schema';
import { fromFile, places, stateBytes } from './places';
import type { Piece } from './receivers';
import { remoteWrite } from './remote-write';

type Service = Config['monitoring']['services'][number];

/**
 * True when container logs are shipped: they are configured, and a service accepts them (Prometheus takes metrics
 * only).
 */
export const shipsLogs = ({ collectLogs, services }: Config['monitoring']): boolean =>
  collectLogs && services.some((service) => service.type !== 'prometheus');

/** An exporter and the signals that it accepts. */
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

/** One exporter per monitoring service; each gets all signals that it accepts. */
export function exporters(config: Config): readonly Exporter[] {
  const { services } = config.monitoring;
  const queues = services.reduce(
    (sum, service) => sum + (takesLogs(service) && shipsLogs(config.monitoring) ? 2 : 1),
    0,
  );
  const patience = {
    // forever: the queue on disk limits an outage, and it survives a restart of the container
    retry_on_failure: { enabled: true, initial_interval: '1s', max_interval: '30s', max_elapsed_time: 0 },
    sending_queue: {
      enabled: true,
      storage: 'file_storage',
      sizer: 'bytes',
      // half of the volume for all queues together: a queue's file is larger than its content
      queue_size: Math.floor(stateBytes(config) / 2 / queues),
      // one consumer: samples stay in order
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
          // gRPC has neither path nor default port
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
          // its OTLP source drops histograms and supports no quantiles
          decompose_otlp_histograms: true,
          decompose_otlp_summaries: true,
          ...patience,
        },
      };
  }
}
