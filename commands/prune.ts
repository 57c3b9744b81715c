import { namespaceOf } from '../charts/topology';
import type { Config } from '../config';
import { kubectl, list } from './kubectl';

interface Named {
  readonly metadata: { readonly name: string };
  readonly immutable?: boolean;
}

/**
 * Deletes the immutable ConfigMaps of earlier versions that no revision of a workload names any more: a rollback to any
 * revision that the cluster still keeps finds its files.
 */
export async function pruneConfigMaps(config: Config): Promise<void> {
  for (const namespace of [namespaceOf('app', config), namespaceOf('monitoring', config)]) {
    const labels = { 'app.kubernetes.io/part-of': config.name, 'app.kubernetes.io/managed-by': 'threewall' };
    const maps = (await list<Named>('configmaps', namespace, labels)).filter(({ immutable }) => immutable);
    const owners = await kubectl([
      'get',
      'deployments,replicasets,statefulsets,daemonsets,controllerrevisions,pods',
      '-n',
      namespace,
      '-o',
      'json',
    ]);
    const unused = maps
      .filter(({ metadata }) => !owners.includes(`"${metadata.name}"`))
      .map(({ metadata }) => metadata.name);
    if (unused.length === 0) continue;
    await kubectl(['delete', 'configmap', '-n', namespace, ...unused]);
    console.log(
      `removed ${unused.length} unused ConfigMap${unused.length > 1 ? 's' : ''} of earlier versions from ${namespace}`,
    );
  }
}
