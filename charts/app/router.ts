import type { Config } from '../../config/schema';
import type * as k8s from '../../imports/k8s';
import { databaseServices, namespaceOf } from '../names';
import { CONF_PATH } from '../paths';
import type { ContainerProps } from '../pod';
import { routerSidecar } from '../router';
import { LOCAL, WRITER_PATH } from './router-cfg';

/**
 * The router beside a process of the app. It ends after the app, which needs its databases until its last request.
 * Workers and release steps start only when the primary is reachable.
 * @param volume name of the volume that holds `router.cfg`
 * @see docs/decisions/database-routing.md
 */
export const routerContainer = (tier: 'app' | 'worker', config: Config, volume: string): ContainerProps =>
  routerSidecar({
    tier,
    config,
    resources: config.app.router.resources,
    ports: ['router'],
    healthPort: 'router',
    startPath: tier === 'worker' ? WRITER_PATH : undefined,
    folder: CONF_PATH,
    volumeMounts: [{ name: volume, mountPath: CONF_PATH, readOnly: true }],
  });

/** Resolves the databases' names to the router in the same pod; certificates are still checked against these names. */
export const hostAliases = (config: Config): k8s.HostAlias[] =>
  (['primary', 'replica'] as const).map((side) => ({
    ip: LOCAL[side],
    hostnames: namesOf(databaseServices[side], config),
  }));

/** A Service's name, short and in full. */
const namesOf = (service: string, config: Config): string[] => {
  const inNamespace = `${service}.${namespaceOf('database', config)}`;
  return [service, inNamespace, `${inNamespace}.svc`, `${inNamespace}.svc.${config.cluster.domain}`];
};
