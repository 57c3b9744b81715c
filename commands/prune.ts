import { namespaceOf } from '../charts/topology';
import type { Config } from '../config';
import type { Manifest } from './environment';
import { kubectl, list } from './kubectl';

/** Whatever may name a ConfigMap: pods, what makes pods, and the revisions that a rollback goes back to. */
const USERS = 'pods,deployments,replicasets,statefulsets,daemonsets,controllerrevisions,cronjobs.batch,jobs.batch';

interface ConfigMap {
  readonly metadata: { readonly name: string };
  readonly immutable?: boolean;
}

/**
 * Names of the immutable ConfigMaps that nothing names any more.
 * @param users everything in the namespace that may name one, as text
 * @param current those of the present manifests, which are kept in any case
 */
export const unusedOf = (maps: readonly ConfigMap[], users: string, current: ReadonlySet<string>): string[] =>
  maps
    .filter(({ immutable, metadata: { name } }) => immutable && !current.has(name) && !users.includes(`"${name}"`))
    .map(({ metadata }) => metadata.name);

/**
 * Deletes the immutable ConfigMaps of earlier versions that no revision of a workload names any more: a rollback to any
 * revision that the cluster still keeps finds its files.
 */
export async function pruneConfigMaps(config: Config, objects: readonly Manifest[]): Promise<void> {
  const current = new Set(objects.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name));
  const labels = { 'app.kubernetes.io/part-of': config.name, 'app.kubernetes.io/managed-by': 'threewall' };
  for (const namespace of [namespaceOf('app', config), namespaceOf('monitoring', config)]) {
    const maps = await list<ConfigMap>('configmaps', namespace, labels);
    const users = await kubectl(['get', USERS, '-n', namespace, '-o', 'json']);
    const unused = unusedOf(maps, users, current);
    if (unused.length === 0) continue;
    await kubectl(['delete', 'configmap', '-n', namespace, ...unused, '--ignore-not-found']);
    const s = unused.length > 1 ? 's' : '';
    console.log(`removed ${unused.length} ConfigMap${s} of earlier versions that nothing uses from ${namespace}`);
  }
}
