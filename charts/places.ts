import { isHostName } from '../config/fields';

/**
 * What lies beyond the whiteboard's own pods. `cluster-dns` are the pods of the cluster DNS, `dns-address` the addresses
 * where DNS answers that is no pod; `external` is an exception of `firewall.extraEgress` (addresses or a host name),
 * `namespace` every pod of a namespace that is none of the site's, `pods` those of them that bear labels.
 */
export type OutsideName =
  | 'internet'
  | 'cluster-dns'
  | 'dns-address'
  | 'kubernetes-api'
  | 'kubelet'
  | `${'external' | 'namespace' | 'pods'}:${string}`;

/** Pods of a namespace that is none of the site's. */
export interface OtherPods {
  readonly namespace: string;
  /** Every pod of the namespace when empty. */
  readonly podLabels: Readonly<Record<string, string>>;
}

/** Their name in the flow table: one word, as it stands in annotations too, like `pods:cache/app=redis,tier=one`. */
export function otherPods({ namespace, podLabels }: OtherPods): OutsideName {
  const labels = Object.entries(podLabels).map((pair) => pair.join('='));
  return labels.length > 0 ? `pods:${namespace}/${labels.sort().join(',')}` : `namespace:${namespace}`;
}

/** The pods that a place means, undefined for places that are none. */
export function otherPodsOf(place: string): OtherPods | undefined {
  const [, kind, namespace = '', labels = ''] = /^(namespace|pods):([^/]+)(?:\/(.*))?$/.exec(place) ?? [];
  if (!kind) return undefined;
  const pairs = labels.split(',').filter(Boolean);
  return { namespace, podLabels: Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string])) };
}

/** The host name of an exception, undefined for one that is a range of addresses and for every other place. */
export function hostNameOf(place: string): string | undefined {
  const external = externalOf(place);
  return external !== undefined && isHostName(external) ? external : undefined;
}

/** Range or host name of an exception, undefined for every other place. */
export const externalOf = (place: string): string | undefined => /^external:(.*)$/.exec(place)?.[1];
