import { isHostName } from '../config/fields';

/**
 * Peers beyond the whiteboard's own pods. `cluster-dns`: pods of the cluster DNS. `dns-address`: addresses
 * of a DNS server that is no pod. `external`: an exception of `firewall.extraEgress` (addresses or a host name).
 * `namespace`: every pod of a namespace outside the site. `pods`: the pods of such a namespace with given labels.
 */
export type OutsideName =
  | 'internet'
  | 'cluster-dns'
  | 'dns-address'
  | 'kubernetes-api'
  | 'kubelet'
  | `${'external' | 'namespace' | 'pods'}:${string}`;

/** Pods of a namespace outside the site. */
export interface OtherPods {
  readonly namespace: string;
  /** Empty: every pod of the namespace. */
  readonly podLabels: Readonly<Record<string, string>>;
}

/** Their name in the flow table and in annotations, one word such as `pods:cache/app=redis,tier=one`. */
export function otherPods({ namespace, podLabels }: OtherPods): OutsideName {
  const labels = Object.entries(podLabels).map((pair) => pair.join('='));
  return labels.length > 0 ? `pods:${namespace}/${labels.sort().join(',')}` : `namespace:${namespace}`;
}

/** The pods of a place, undefined for a place that is no pods. */
export function otherPodsOf(place: string): OtherPods | undefined {
  const [, kind, namespace = '', labels = ''] = /^(namespace|pods):([^/]+)(?:\/(.*))?$/.exec(place) ?? [];
  if (!kind) return undefined;
  const pairs = labels.split(',').filter(Boolean);
  return { namespace, podLabels: Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string])) };
}

/** The host name of an exception, undefined for an address range and for every other place. */
export function hostNameOf(place: string): string | undefined {
  const external = externalOf(place);
  return external !== undefined && isHostName(external) ? external : undefined;
}

/** Range or host name of an exception, undefined for every other place. */
export const externalOf = (place: string): string | undefined => /^external:(.*)$/.exec(place)?.[1];
