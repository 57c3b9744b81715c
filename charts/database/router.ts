import type { Config } from '../../config/schema';
import { CONF_PATH } from '../paths';
import { type ContainerProps, httpProbe } from '../pod';
import { routerSidecar } from '../router';
import { RUN_PATH } from './layout';

/**
 * The router beside a database: while the database shuts down, the pod's sessions with other servers continue, and
 * other routers learn that it has lost its role.
 */
export const routerContainer = (config: Config): ContainerProps =>
  routerSidecar({
    tier: 'database',
    config,
    resources: config.database.router.resources,
    ports: ['writer', 'reader', 'agent'],
    healthPort: 'agent',
    folder: CONF_PATH,
    volumeMounts: [
      { name: 'conf', mountPath: CONF_PATH, readOnly: true },
      { name: 'run', mountPath: RUN_PATH, readOnly: true },
    ],
    readinessProbe: httpProbe('/healthz', 'agent', { periodSeconds: 3, timeoutSeconds: 3 }),
  });
