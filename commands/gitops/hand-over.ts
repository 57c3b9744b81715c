import type { Manifest } from '../../reachability/manifest';
import { FLUX_NAME, FLUX_NAMESPACE, TRACKING_ID, type Tracked } from '../cluster/applier';
import { ClusterError, kubectl } from '../cluster/kubectl';
import type { Environment } from '../environment';
import { MANAGERS, type ManagedFields, takeOver } from './ownership';

/** Patches under way at a time. */
const PARALLEL = 6;
/** Tries for an object that changes meanwhile. */
const TRIES = 5;

type Live = Manifest &
  Tracked & {
    readonly metadata: { readonly resourceVersion: string; readonly managedFields?: readonly ManagedFields[] };
  };

/** An operation of a JSON patch. */
type Operation = { readonly op: 'replace' | 'remove'; readonly path: string; readonly value?: unknown };

/** From `up` to Argo CD, or back from whoever applies the site to `up`. */
export type Direction = 'adopt' | 'release';

/** What has to change in an object, nothing where it is right already. */
export function patchOf({ metadata }: Live, direction: Direction): Operation[] {
  const { kubectl, argocd, flux } = MANAGERS;
  const entries = metadata.managedFields ?? [];
  const after =
    direction === 'adopt' ? takeOver(entries, [kubectl], argocd) : takeOver(entries, [argocd, flux], kubectl);
  const marks = [
    ...[TRACKING_ID].filter((key) => metadata.annotations?.[key]).map((key) => ['annotations', key]),
    ...[FLUX_NAME, FLUX_NAMESPACE].filter((key) => metadata.labels?.[key]).map((key) => ['labels', key]),
  ] as [string, string][];
  const operations: Operation[] = [
    ...(after ? [{ op: 'replace', path: '/metadata/managedFields', value: after } as const] : []),
    ...(direction === 'release'
      ? marks.map(([map, key]) => ({ op: 'remove', path: `/metadata/${map}/${key.replaceAll('/', '~1')}` }) as const)
      : []),
  ];
  // refused when the object has changed since it was read
  const unchanged = { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion } as const;
  return operations.length > 0 ? [unchanged, ...operations] : [];
}

/**
 * Hands the ownership of all that the manifests set from one applier to the other. No field of any object changes and no
 * pod restarts; what the new owner no longer applies goes from then on.
 * @returns how many objects there are, and how many of them were changed
 */
export async function handOver(chosen: Environment, direction: Direction): Promise<{ there: number; changed: number }> {
  const args = ['get', '-f', chosen.manifests, '--ignore-not-found', '--show-managed-fields', '-o', 'json'];
  let changed = 0;
  for (let tries = 1; ; tries++) {
    const text = await kubectl(args);
    const objects = text.trim() === '' ? [] : ((JSON.parse(text) as { items: Live[] }).items ?? [JSON.parse(text)]);
    const waiting = objects
      .map((object) => ({ object, patch: patchOf(object, direction) }))
      .filter((one) => one.patch.length > 0);
    if (waiting.length === 0) return { there: objects.length, changed };
    const failures: Error[] = [];
    const worker = async (): Promise<void> => {
      for (let one = waiting.shift(); one; one = waiting.shift()) {
        await patched(one.object, one.patch).then(
          () => changed++,
          (error: Error) => failures.push(error),
        );
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    const [first] = failures;
    if (first && tries === TRIES)
      throw new ClusterError(`${failures.length} objects could not be handed over; the first: ${first.message}`);
  }
}

async function patched(
  { apiVersion, kind, metadata: { name, namespace } }: Live,
  patch: readonly Operation[],
): Promise<void> {
  const input = JSON.stringify({ apiVersion, kind, metadata: { name, namespace } });
  await kubectl(['patch', '-f', '-', '--type=json', '-p', JSON.stringify(patch)], { input });
}
