import { CONF_PATH } from '../paths';
import { DRAINING, METRICS_FOLDER, NAME_SERVERS, NEXT_PEM, PEM_FOLDER, SECRETS_FOLDER } from './paths';

/** Seconds between two checks of the Secrets: the delay of a rotation beyond the kubelet's own. */
const LOOK_SECONDS = 2;

/** All settings of start.sh. */
export const settings = (): Record<string, string | number> => ({
  CONF: CONF_PATH,
  SECRETS_FOLDER,
  PEM_FOLDER,
  NEXT_PEM,
  METRICS_FOLDER,
  NAME_SERVERS,
  DRAINING,
  LOOK_SECONDS,
});
