import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config';
import { namespacesOf } from '../../config/namespaces';
import { ClusterError, get, kubectl, list } from '../cluster/kubectl';
import { type Volume, volumesOf } from '../cluster/volumes';
import { bytesOf, type Claim, type Growth, growthOf, has, type StorageClass, type Wanted } from './growth';

const POLL_MS = 2000;

const claimsOf = async (config: Config): Promise<Claim[]> =>
  (await Promise.all(namespacesOf(config).map((namespace) => list<Claim>('persistentvolumeclaims', namespace)))).flat();

/** Classes of volumes; undefined where the account may not read them: then the API server refuses what one does not allow. */
const classesOf = (): Promise<StorageClass[] | undefined> =>
  kubectl(['get', 'storageclasses.storage.k8s.io', '-o', 'json']).then(
    (text) => (JSON.parse(text) as { items: StorageClass[] }).items,
    () => undefined,
  );

/** Reads which volumes have to grow. */
export async function plannedGrowth(config: Config): Promise<Growth> {
  const [claims, classes] = await Promise.all([claimsOf(config), classesOf()]);
  return growthOf(volumesOf(config), claims, classes);
}

const patch = ({ claim: { metadata }, size }: Wanted, more: readonly string[] = []): Promise<string> => {
  const body = JSON.stringify({ spec: { resources: { requests: { storage: size } } } });
  return kubectl(['patch', 'pvc', metadata.name, '-n', metadata.namespace, '--type=merge', '-p', body, ...more]);
};

/**
 * Enlarges volumes, before anything is applied: first the claims, then what StatefulSets would make of the next one. A run that is
 * killed leaves claims that grow by themselves, or pods without their StatefulSet, which the next run applies.
 * @param seconds how long the volumes may take
 * @throws ClusterError when a volume does not get its size
 */
export async function grow(config: Config, { asked, awaited }: Growth, seconds: number): Promise<void> {
  // a quota or a policy refuses here, with all volumes as they were
  for (const one of asked) await patch(one, ['--dry-run=server']);
  for (const one of asked) {
    await patch(one);
    console.log(`volumes: ${one.claim.metadata.name} asks for ${one.size}`);
  }
  if (awaited.length > 0) await untilGrown(config, awaited, seconds);
  for (const volume of volumesOf(config)) await remake(volume);
}

async function untilGrown(config: Config, awaited: readonly Wanted[], seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  const reported = new Map<string, string>();
  const report = (claim: string, state: string): void => {
    if (reported.get(claim) !== state) console.log(`volumes: ${state}`);
    reported.set(claim, state);
  };
  for (;;) {
    const claims = await claimsOf(config);
    const mounted = await mountedClaims(config);
    const left = awaited.flatMap(({ claim: { metadata }, size }) => {
      const id = `${metadata.namespace}/${metadata.name}`;
      const now = claims.find((one) => `${one.metadata.namespace}/${one.metadata.name}` === id);
      if (!now || has(now, size)) {
        report(id, `${metadata.name}: has ${size}`);
        return [];
      }
      const state = stateOf(now, size);
      // its filesystem grows when a pod mounts it
      if (isTrue(now, 'FileSystemResizePending') && !mounted.has(id)) return [];
      if (/Infeasible$/.test(now.status.allocatedResourceStatuses?.storage ?? '')) {
        throw new ClusterError(
          `volumes: the driver cannot make ${state}; nothing else was applied; write a size that it can, above the present one`,
        );
      }
      report(id, state);
      return [state];
    });
    if (left.length === 0) return;
    if (Date.now() > deadline) {
      throw new ClusterError(
        `volumes: not grown within ${seconds} s (--timeout): ${left.join('; ')}; nothing else was applied. The claims go on by themselves (kubectl describe pvc); a driver that cannot expand a volume in use does it while its pod is away: delete the pods one at a time`,
      );
    }
    await sleep(POLL_MS);
  }
}

const isTrue = ({ status }: Claim, condition: string): boolean =>
  status.conditions?.some(({ type, status }) => type === condition && status === 'True') ?? false;

/** A claim's way to its size, with what Kubernetes says of it. */
function stateOf({ metadata, status }: Claim, size: string): string {
  const said = (status.conditions ?? []).map(({ type, message }) => (message ? `${type}: ${message}` : type));
  return `${metadata.name}: ${size}, has ${status.capacity?.storage}${said.length > 0 ? ` (${said.join('; ')})` : ''}`;
}

interface Pod {
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[];
  };
  readonly status: { readonly phase?: string };
}

async function mountedClaims(config: Config): Promise<Set<string>> {
  const pods = (await Promise.all(namespacesOf(config).map((namespace) => list<Pod>('pods', namespace)))).flat();
  const alive = pods.filter(({ status }) => !['Succeeded', 'Failed'].includes(status.phase ?? ''));
  return new Set(
    alive.flatMap(({ metadata, spec }) =>
      (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
        persistentVolumeClaim ? [`${metadata.namespace}/${persistentVolumeClaim.claimName}`] : [],
      ),
    ),
  );
}

interface Template {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } };
}

interface LiveSet {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly volumeClaimTemplates?: readonly Template[] };
}

/**
 * Gives a StatefulSet the template of another size, which Kubernetes fixes when it is made: deletes it without its pods and makes
 * it again as it was. It takes over the pods, and the manifests of this version are applied afterwards as ever.
 * @see https://github.com/kubernetes/enhancements/issues/4650
 */
async function remake({ statefulSet, namespace, claim, size }: Volume): Promise<void> {
  if (statefulSet === undefined) return;
  const live = await get<LiveSet>('statefulset', statefulSet, namespace);
  const template = live?.spec.volumeClaimTemplates?.find(({ metadata }) => metadata.name === claim);
  if (!live || !template || bytesOf(template.spec.resources.requests.storage) === bytesOf(size)) return;
  const { labels, annotations } = live.metadata;
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...kept } = annotations ?? {};
  const volumeClaimTemplates = live.spec.volumeClaimTemplates?.map(({ metadata, spec }) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: metadata.name },
    spec: metadata.name === claim ? { ...spec, resources: { requests: { storage: size } } } : spec,
  }));
  const again = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: statefulSet, namespace, labels, annotations: kept },
    spec: { ...live.spec, volumeClaimTemplates },
  };
  await kubectl(['delete', 'statefulset', statefulSet, '-n', namespace, '--cascade=orphan'], { seconds: 180 });
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: JSON.stringify(again) });
  console.log(`volumes: StatefulSet ${statefulSet} makes volumes of ${size}; its pods were left alone`);
}
