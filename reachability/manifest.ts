/** A Kubernetes object as it stands in the YAML. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: its form depends on the kind
  readonly spec?: any;
  readonly [key: string]: unknown;
}

/**
 * The objects of YAML documents, as kubectl takes them: lists stand for their items, and an item that does not say its
 * kind has that of its list. Empty documents are left out.
 * @throws Error when a document is no object of Kubernetes
 */
export const manifestsIn = (documents: readonly unknown[]): Manifest[] =>
  documents.flatMap((document) => {
    if (document === null || document === undefined) return [];
    const { kind, items, apiVersion } = document as Partial<Manifest>;
    if (typeof kind !== 'string') throw new Error('holds something that is no Kubernetes object');
    if (!Array.isArray(items)) return [document as Manifest];
    const ofList = { apiVersion, kind: kind.replace(/List$/, '') };
    return manifestsIn(items.map((item) => (isNameless(item) ? { ...ofList, ...item } : item)));
  });

/** https://github.com/kubernetes/apimachinery/blob/v0.34.0/pkg/apis/meta/v1/unstructured/helpers.go#L361 */
const isNameless = (item: unknown): item is object =>
  typeof item === 'object' && item !== null && !('kind' in item) && !('apiVersion' in item);
