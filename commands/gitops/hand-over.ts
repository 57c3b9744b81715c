import type { Manifest } from '../../reachability/manifest';
import { FLUX_NAME, FLUX_NAMESPACE, TRACKING_ID, type Tracked } from '../cluster/applier';
import { ClusterError, kubectl } from '../cluster/kubectl';
import type { Environment } from '../environment';
import { MANAGERS, type ManagedFields, takeOver } from './ownership';

/** Concurrent patches. */
const PARALLEL = 6;
/** Attempts for an object that changes meanwhile. */
const TRIES = 5;

type Live = Manifest &
  Tracked & {
    readonly metadata: { readonly resourceVersion: string; readonly managedFields?: readonly ManagedFields[] };
  };

/** An operation of a JSON patch. */
type Operation = { readonly op: 'replace' | 'remove'; readonly path: string; readonly value?: unknown };

/** From `up` to Argo CD, or back from the current applier to `up`. */
export type Direction = 'adopt' | 'release';

/** The changes to an object, empty if it is already right. */
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
 * Transfers the ownership of all fields in the manifests from one applier to another. No field of any object changes
 * and no pod restarts; later, fields that the new owner no longer applies are removed.
 * @returns the number of objects, and of changed ones
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
