import { bytes } from '../../../config/fields';
import type { Config } from '../../../config/schema';
import { CONF_PATH } from '../../paths';

/** Paths inside the collector's container. */
export const places = {
  conf: CONF_PATH,
  databaseSecret: '/run/secrets/database',
  serviceSecret: '/run/secrets/service',
  state: '/var/lib/collector',
  podLogs: '/var/log/pods',
} as const;

/** A value that the collector reads at start from a file of its pod; it is in no manifest. */
export const fromFile = (directory: string, key: string): string => `\${file:${directory}/${key}}`;

/** An environment variable of the container, set by the downward API. */
export const fromEnv = (name: 'K8S_NODE_NAME' | 'K8S_NODE_IP' | 'K8S_POD_NAME'): string => `\${env:${name}}`;

/**
 * Bytes of the volume for queues and log positions: three quarters of the container's limit; its own log has the rest.
 */
export const stateBytes = ({ monitoring }: Config): number =>
  Math.floor((bytes(monitoring.resources.limits['ephemeral-storage']) * 3) / 4);

/** Name of the environment on dashboards. */
export const environmentOf = (config: Config): string => config.monitoring.environment ?? config.name;

/** Time between two collections, as the collector writes durations. */
export const interval = ({ monitoring }: Config): string => `${monitoring.intervalSeconds}s`;
