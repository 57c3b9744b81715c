import type { Config } from '../../config/schema';
import { type ContainerProps, containerPorts, httpProbe } from '../pod';
import { CONF_PATH, RUN_PATH } from './layout';

const TIER = 'database';

/**
 * The router beside a database, a sidecar that starts before the server and ends after it: while that one shuts down, the
 * pod's sessions with other servers go on, and the others learn that it has no role any more.
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
 */
export const routerContainer = (config: Config): ContainerProps => ({
  name: 'router',
  image: config.images.haproxy,
  restartPolicy: 'Always',
  command: ['haproxy', '-db', '-f', `${CONF_PATH}/router.cfg`],
  resources: config.database.router.resources,
  ports: containerPorts(TIER, ['writer', 'reader', 'agent']),
  volumeMounts: [
    { name: 'conf', mountPath: CONF_PATH, readOnly: true },
    { name: 'run', mountPath: RUN_PATH, readOnly: true },
  ],
  startupProbe: httpProbe('/healthz', 'agent', { periodSeconds: 1, failureThreshold: 60 }),
  // a node without a free core is no reason to end the sessions of all apps
  livenessProbe: httpProbe('/healthz', 'agent', { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }),
  readinessProbe: httpProbe('/healthz', 'agent', { periodSeconds: 3, timeoutSeconds: 3 }),
});
