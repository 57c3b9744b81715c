/** An entry of an object's `metadata.managedFields`. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: Fields;
  readonly subresource?: string;
  readonly time?: string;
}

/** A set of fields: each key is a field, a list item or `.`. */
export interface Fields {
  readonly [key: string]: Fields;
}

/** Field managers of appliers: `up` (kubectl --server-side, or without), Argo CD, Flux. */
export const MANAGERS = {
  kubectl: 'kubectl',
  argocd: 'argocd-controller',
  flux: 'kustomize-controller',
} as const;

/** The manager of a plain `kubectl apply`, whose operation is an Update. */
const CLIENT_SIDE = 'kubectl-client-side-apply';

const ours = ({ manager, operation, subresource }: ManagedFields, from: readonly string[]): boolean =>
  subresource === undefined &&
  (operation === 'Apply' ? from.includes(manager) : manager === CLIENT_SIDE && from.includes(MANAGERS.kubectl));

/**
 * The entries after `to` has taken over all fields that `from` has applied, including shared ones. No field
 * changes, but a field that `to` does not apply the next time is removed instead of staying as another manager's.
 * @returns undefined if there is nothing to take over
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership
 */
export function takeOver(
  entries: readonly ManagedFields[],
  from: readonly string[],
  to: string,
): ManagedFields[] | undefined {
  const theirs = entries.filter((entry) => ours(entry, from));
  const [first] = theirs;
  if (!first) return undefined;
  const isHeir = (entry: ManagedFields): boolean => ours(entry, [to]) && entry.manager === to;
  const heir = entries.find(isHeir);
  const all = [...theirs, ...(heir ? [heir] : [])];
  const merged: ManagedFields = {
    ...(heir ?? first),
    manager: to,
    operation: 'Apply',
    fieldsV1: all.reduce<Fields>((sum, { fieldsV1 = {} }) => union(sum, fieldsV1), {}),
  };
  return [...entries.filter((entry) => !ours(entry, from) && !isHeir(entry)), merged];
}

const union = (a: Fields, b: Fields): Fields =>
  Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((key) => [key, union(a[key] ?? {}, b[key] ?? {})]),
  );
