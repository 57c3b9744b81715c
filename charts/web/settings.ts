import { CONF_PATH, DRAINING, FIGURES_FOLDER, NAME_SERVERS, NEXT_PEM, PEM_FOLDER, SECRETS_FOLDER } from './paths';

/** Seconds between two looks at the Secrets: what a rotation costs beyond the kubelet's own delay. */
const LOOK_SECONDS = 2;

/** All that start.sh is told. */
export const settings = (): Record<string, string | number> => ({
  CONF: CONF_PATH,
  SECRETS_FOLDER,
  PEM_FOLDER,
  NEXT_PEM,
  METRICS_FOLDER: FIGURES_FOLDER,
  NAME_SERVERS,
  DRAINING,
  LOOK_SECONDS,
});
