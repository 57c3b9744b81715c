import { namespacesOf, ownerLabels } from '../../charts/names';
import type { Config } from '../../config';
import type { Manifest } from '../../reachability/manifest';
import { kubectl, list } from '../cluster/kubectl';

/** Whatever may name a ConfigMap: pods, what makes pods, and the revisions that a rollback goes back to. */
const USERS = 'pods,deployments,replicasets,statefulsets,daemonsets,controllerrevisions,cronjobs.batch,jobs.batch';

/** Kinds that `up` applies and that hold no data: one that is no longer in the manifests is deleted. */
export const PRUNED: readonly string[] = [
  'networkpolicies.networking.k8s.io',
  'ciliumnetworkpolicies.cilium.io',
  'services',
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'cronjobs.batch',
  'poddisruptionbudgets.policy',
  'horizontalpodautoscalers.autoscaling',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'serviceaccounts',
  'certificates.cert-manager.io',
  'prometheusrules.monitoring.coreos.com',
];

interface Named {
  readonly kind?: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly immutable?: boolean;
}

/**
 * Names of the immutable ConfigMaps that nothing names any more.
 * @param users everything in the namespace that may name one, as text
 * @param current those of the present manifests, which are kept in any case
 */
export const unusedOf = (maps: readonly Named[], users: string, current: ReadonlySet<string>): string[] =>
  maps
    .filter(({ immutable, metadata: { name } }) => immutable && !current.has(name) && !users.includes(`"${name}"`))
    .map(({ metadata }) => metadata.name);

/** Objects of earlier versions: those in the cluster that the present manifests do not have. */
export function earlierOf(found: readonly Named[], current: readonly Manifest[]): Named[] {
  const id = ({ kind, metadata }: Named): string => `${kind}/${metadata.namespace}/${metadata.name}`;
  const ids = new Set(current.map(id));
  return found.filter((object) => !ids.has(id(object)));
}

/**
 * Deletes what earlier versions of the manifests have left: first what is no longer declared, so that no firewall stays
 * open for a flow that was taken out of the table, then the immutable ConfigMaps that no revision of a workload names
 * any more (a rollback to any revision that the cluster still keeps finds its files). Volumes and Secrets are never
 * touched.
 */
export async function prune(config: Config, objects: readonly Manifest[]): Promise<void> {
  const known = (await kubectl(['api-resources', '--namespaced', '--no-headers', '-o', 'name'])).split('\n');
  const kinds = PRUNED.filter((kind) => known.includes(kind));
  const labels = ownerLabels(config);
  for (const namespace of namespacesOf(config)) {
    const earlier = earlierOf(await list<Named>(kinds.join(','), namespace, labels), objects);
    for (const { kind = '', metadata } of earlier) {
      await kubectl(['delete', kind, metadata.name, '-n', namespace, '--ignore-not-found', '--wait=false']);
      console.log(`removed ${kind} ${metadata.name} of an earlier version from ${namespace}`);
    }
    await pruneConfigMaps(namespace, labels, objects);
  }
}

async function pruneConfigMaps(
  namespace: string,
  labels: Readonly<Record<string, string>>,
  objects: readonly Manifest[],
): Promise<void> {
  const current = new Set(objects.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name));
  const maps = await list<Named>('configmaps', namespace, labels);
  const users = await kubectl(['get', USERS, '-n', namespace, '-o', 'json']);
  const unused = unusedOf(maps, users, current);
  if (unused.length === 0) return;
  await kubectl(['delete', 'configmap', '-n', namespace, ...unused, '--ignore-not-found']);
  const s = unused.length > 1 ? 's' : '';
  console.log(`removed ${unused.length} ConfigMap${s} of earlier versions that nothing uses from ${namespace}`);
}
