import { ownerLabels } from '../../charts/names';
import type { Config } from '../../config';
import { namespacesOf } from '../../config/namespaces';
import type { Manifest } from '../../reachability/manifest';
import { kubectl, list, selector } from '../cluster/kubectl';
import { removeStuckJobs, removeUnusedFiles } from '../cluster/leftovers';

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
  'externalsecrets.external-secrets.io',
  'prometheusrules.monitoring.coreos.com',
];

interface Named {
  readonly kind?: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** Objects of earlier versions: in the cluster but not in the present manifests. */
export function earlierOf(found: readonly Named[], current: readonly Manifest[]): Named[] {
  const id = ({ kind, metadata }: Named): string => `${kind}/${metadata.namespace}/${metadata.name}`;
  const ids = new Set(current.map(id));
  return found.filter((object) => !ids.has(id(object)));
}

/** The same for kinds without a namespace, bindings before what they bind. */
const CLUSTER_WIDE = [
  'validatingadmissionpolicybindings.admissionregistration.k8s.io',
  'validatingadmissionpolicies.admissionregistration.k8s.io',
];

/**
 * Deletes leftovers of earlier versions: first undeclared objects, so that no firewall stays
 * open for a removed flow, then Jobs that wait for an image of an earlier version, then files that
 * nothing refers to. Volumes and Secrets are never touched.
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
  }
  await removeStuckJobs(config);
  await removeUnusedFiles(config, objects);
  for (const kind of CLUSTER_WIDE) await pruneClusterWide(kind, labels, objects);
}

/** Someone who may not list a kind, or whose cluster lacks it, has created none of it. */
async function pruneClusterWide(
  kind: string,
  labels: Readonly<Record<string, string>>,
  objects: readonly Manifest[],
): Promise<void> {
  const text = await kubectl(['get', kind, '-l', selector(labels), '-o', 'json']).catch((error: Error) => {
    if (/is forbidden|the server doesn't have a resource type/.test(error.message)) return '{"items":[]}';
    throw error;
  });
  for (const { metadata } of earlierOf((JSON.parse(text) as { items: Named[] }).items, objects)) {
    await kubectl(['delete', kind, metadata.name, '--ignore-not-found']);
    console.log(`removed ${kind.split('.')[0]} ${metadata.name} of an earlier version`);
  }
}
