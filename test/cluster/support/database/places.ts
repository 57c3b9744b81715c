import { SCHEMA } from '../../../../charts/database/layout';
import { databaseServices, namespaceOf, selectorOf } from '../../../../charts/names';
import { port } from '../../../../charts/topology';
import { list } from '../../../../commands/cluster/kubectl';
import { config, kubectl, type Pod } from '../kubectl';
import type { Places } from './client/journal';

/** Namespace of the databases. */
export const NAMESPACE = namespaceOf('database', config);

/** Where the trial's pod mounts what it needs to reach the databases. */
export const MOUNTS = { users: '/run/secrets/database-users', ca: '/run/secrets/database-tls' } as const;

/** Names of the database pods that there should be. */
export async function serverNames(): Promise<string[]> {
  const text = await kubectl(['get', 'statefulset', 'database', '-n', NAMESPACE, '-o', 'jsonpath={.spec.replicas}']);
  return Array.from({ length: Number(text) }, (_, n) => `database-${n}`);
}

/** Every database pod, whatever its state. */
export const databasePods = (): Promise<Pod[]> =>
  list<Pod>('pods', NAMESPACE, selectorOf('database', config), ['--field-selector=metadata.name!=none']).then((pods) =>
    pods.filter(({ metadata }) => /^database-\d+$/.test(metadata.name)),
  );

/** One of them. */
export async function databasePod(name: string): Promise<Pod> {
  return JSON.parse(await kubectl(['get', 'pod', name, '-n', NAMESPACE, '-o', 'json'])) as Pod;
}

/** What the client has to know. */
export async function findPlaces(): Promise<Places> {
  const domain = `${NAMESPACE}.svc.${config.cluster.domain}`;
  const servers = await serverNames();
  return {
    primary: `${databaseServices.primary}.${domain}`,
    replica: `${databaseServices.replica}.${domain}`,
    servers: Object.fromEntries(servers.map((name) => [name, `${name}.${databaseServices.pods}.${domain}`])),
    port: port('database', 'mysql'),
    schema: SCHEMA,
    caFile: `${MOUNTS.ca}/ca.crt`,
    passwordFiles: { app: `${MOUNTS.users}/app`, monitoring: `${MOUNTS.users}/monitoring` },
  };
}
