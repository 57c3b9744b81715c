import { namespaceOf } from '../../charts/names';
import type { Config } from '../../config';
import type { Manifest } from '../../reachability/manifest';
import { kubectl, list } from '../cluster/kubectl';

/** Kinds that open and close connections of pods; policies are additive, so a foreign one opens connections. */
const POLICIES: readonly string[] = ['networkpolicies.networking.k8s.io', 'ciliumnetworkpolicies.cilium.io'];

/** The policies that are in no manifest, as `<kind> <namespace>/<name>`. */
export function foreignOf(found: readonly Manifest[], objects: readonly Manifest[]): string[] {
  const id = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.namespace}/${metadata.name}`;
  const ours = new Set(objects.map(id));
  return found.map(id).filter((one) => !ours.has(one));
}

/**
 * Firewall policies in the site's namespaces that are in no manifest. No command applies them, so none deletes them.
 */
export async function foreignPolicies(config: Config, objects: readonly Manifest[]): Promise<string[]> {
  const known = (await kubectl(['api-resources', '--namespaced', '--no-headers', '-o', 'name'])).split('\n');
  const kinds = POLICIES.filter((kind) => known.includes(kind)).join(',');
  const found = await Promise.all(
    [namespaceOf('app', config), namespaceOf('monitoring', config)].map((namespace) =>
      list<Manifest>(kinds, namespace),
    ),
  );
  return foreignOf(found.flat(), objects);
}
