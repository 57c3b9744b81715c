import { isOf, type Volume } from '../cluster/volumes';

/** A claim as the cluster reports it. */
export interface Claim {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly deletionTimestamp?: string };
  readonly spec: {
    readonly storageClassName?: string;
    readonly resources: { readonly requests: { readonly storage: string } };
  };
  readonly status: {
    readonly phase?: string;
    readonly capacity?: { readonly storage?: string };
    readonly allocatedResourceStatuses?: { readonly storage?: string };
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** A class of volumes. */
export interface StorageClass {
  readonly metadata: { readonly name: string };
  readonly allowVolumeExpansion?: boolean;
}

/** A claim and the size that its setting asks for. */
export interface Wanted {
  readonly claim: Claim;
  readonly size: string;
}

/** What has to happen to the claims that exist. */
export interface Growth {
  /** A line for each setting that its volumes cannot follow. */
  readonly faults: readonly string[];
  /** Claims that ask for another size than their setting. */
  readonly asked: readonly Wanted[];
  /** Claims whose volumes are smaller than that, those of `asked` included. */
  readonly awaited: readonly Wanted[];
}

const UNITS: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  ...Object.fromEntries(['k', 'M', 'G', 'T', 'P', 'E'].map((unit, i) => [unit, 1000 ** (i + 1)])),
  ...Object.fromEntries(['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((unit, i) => [unit, 1024 ** (i + 1)])),
};

/** Bytes of any quantity that an API server returns. @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
export function bytesOf(quantity: string): number {
  const [, number = '', unit = ''] = /^([\d.]+(?:[eE][-+]?\d+)?)([a-zA-Z]*)$/.exec(quantity) ?? [];
  return Number(number || Number.NaN) * (UNITS[unit] ?? Number.NaN);
}

/** Size of a claim's volume in bytes, 0 while it has none. */
const capacityOf = ({ status }: Claim): number => bytesOf(status.capacity?.storage ?? '0');
const requestOf = ({ spec }: Claim): string => spec.resources.requests.storage;

/** Whether a claim's volume has the size. */
export const has = (claim: Claim, size: string): boolean => capacityOf(claim) >= bytesOf(size);

/** Compares the volumes of the configuration with the claims that exist. @param classes undefined when unknown */
export function growthOf(
  volumes: readonly Volume[],
  claims: readonly Claim[],
  classes: readonly StorageClass[] | undefined,
): Growth {
  const pairs = volumes.flatMap((volume) =>
    claims
      .filter(({ metadata }) => metadata.namespace === volume.namespace && isOf(volume, metadata.name))
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map((claim) => ({ volume, claim, size: volume.size })),
  );
  const faults = volumes.flatMap((volume) => {
    const own = pairs.filter((pair) => pair.volume === volume);
    // one line for a setting, however many claims it has
    return own.flatMap(({ claim }) => faultOf(volume, claim, classes) ?? []).slice(0, 1);
  });
  const asked = pairs.filter(({ claim, size }) => bytesOf(requestOf(claim)) !== bytesOf(size));
  const awaited = pairs.filter(({ claim, size }) => claim.status.phase === 'Bound' && !has(claim, size));
  return { faults, asked, awaited };
}

const MOVE = 'bring up a second site and move the data by a backup';

function faultOf(volume: Volume, claim: Claim, classes: readonly StorageClass[] | undefined): string | undefined {
  const { path, size, storageClassName } = volume;
  const { name, namespace } = claim.metadata;
  const present = claim.spec.storageClassName;
  if (storageClassName !== undefined && storageClassName !== present) {
    return `${path}.storageClassName: must stay ${present ? `"${present}"` : 'left out'}, got "${storageClassName}"; claim ${name} has a volume of that class: ${MOVE}`;
  }
  const request = requestOf(claim);
  const [wanted, asked] = [bytesOf(size), bytesOf(request)];
  // a size that a driver could not reach may be taken back, to one above what the volume has
  if (wanted < asked && (claim.status.phase !== 'Bound' || wanted <= capacityOf(claim) || !claim.status.capacity)) {
    return `${path}.size: must be at least ${request}, got "${size}"; a volume does not shrink (claim ${name}): ${MOVE}`;
  }
  if (wanted <= asked) return undefined;
  if (claim.status.phase !== 'Bound') {
    return `${path}.size: must stay ${request} while claim ${name} waits for its volume, got "${size}"; a claim grows when it has one; as it holds nothing yet, it may also go: kubectl delete pvc ${name} -n ${namespace}`;
  }
  if (present && !classes) return undefined;
  const found = classes?.find(({ metadata }) => metadata.name === present);
  if (found?.allowVolumeExpansion) return undefined;
  const why = !present
    ? `claim ${name} has a volume of no StorageClass, which nothing can expand`
    : found
      ? `the StorageClass "${present}" of claim ${name} does not expand volumes (no allowVolumeExpansion: true); set that where its driver can, or`
      : `the StorageClass "${present}" of claim ${name} is gone; make it again with allowVolumeExpansion: true, or`;
  return `${path}.size: must stay ${request}, got "${size}"; ${why}${present ? ' ' : ': '}${MOVE}`;
}
