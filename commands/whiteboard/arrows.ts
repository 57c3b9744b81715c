import { KUBELET_PORT } from '../../charts/flows';
import { FLOWS_ANNOTATION } from '../../charts/names';
import { otherPods } from '../../charts/places';
import { addressClasses, type Cluster, NOT_INTERNET } from '../../reachability/cluster';
import { connection, type Endpoint, governs, type Outside, type Pod, selects } from '../../reachability/engine';
import type { Manifest } from '../../reachability/manifest';
import { holds, type Policy, type Rule } from '../../reachability/policy';
import { PortSet } from '../../reachability/ports';
import type { Server } from './servers';

/** A connection that the policies permit. */
export interface Arrow {
  /** Name of a server, or of an outside place such as `internet`. */
  readonly from: string;
  readonly to: string;
  /** Container ports: `8080, 8443`, `53 TCP and UDP`, `every port`. */
  readonly ports: string;
  /** Purpose, from the annotations of the policies. @default - not annotated */
  readonly reason?: string;
}

/** Every connection that is possible among the servers, and between them and the other peers of policies. */
export function arrowsOf(manifests: readonly Manifest[], servers: readonly Server[], cluster: Cluster): Arrow[] {
  const reasons = reasonsIn(manifests);
  const found = servers.flatMap((server) => [
    ...servers.map((other) => ({
      from: server.name,
      to: other.name,
      ports: PortSet.union(
        server.workloads.flatMap((from) => other.workloads.map((to) => connection(from, to, cluster))),
      ),
    })),
    ...server.workloads.flatMap((pod) => beyond(server.name, pod, cluster, [...reasons.keys()])),
  ]);
  const ports = new Map<string, PortSet[]>();
  for (const { from, to, ports: set } of found) {
    if (!set.isEmpty) ports.set(flowKey(from, to), [...(ports.get(flowKey(from, to)) ?? []), set]);
  }
  return [...ports].map(([key, sets]) => {
    const [from = '', to = ''] = key.split(' to ');
    return { from, to, ports: describe(PortSet.union(sets)), reason: reasons.get(key)?.join('; ') };
  });
}

const flowKey = (from: string, to: string): string => `${from} to ${to}`;

/** Purposes from the annotations, by `from to to`. */
function reasonsIn(manifests: readonly Manifest[]): Map<string, string[]> {
  const reasons = new Map<string, string[]>();
  for (const { metadata } of manifests) {
    const { annotations } = metadata as { annotations?: Readonly<Record<string, string>> };
    for (const flow of (annotations?.[FLOWS_ANNOTATION] ?? '').split(/; (?=\S+ to \S+: )/)) {
      const [, key = '', reason = ''] = /^(\S+ to \S+): (.*)$/s.exec(flow) ?? [];
      const known = reasons.get(key) ?? [];
      if (key && !known.includes(reason)) reasons.set(key, [...known, reason]);
    }
  }
  return reasons;
}

interface Way {
  readonly from: string;
  readonly to: string;
  readonly ports: PortSet;
}

/** Connections between a pod and peers that are no servers: one per peer of each rule, if open. */
function beyond(name: string, pod: Pod, cluster: Cluster, annotated: readonly string[]): Way[] {
  const classes = addressClasses(cluster.policies);
  const named = cluster.policies.flatMap((policy) => rangesIn(policy)).filter((range) => range !== EVERYWHERE);
  const others = classes.map(({ first }) => first).filter((first) => !holds([...NOT_INTERNET, ...named], first));
  const internet = outside(others[0] ?? '1.1.1.1');
  const ways = cluster.policies
    .filter((policy) => governs(policy, pod))
    .flatMap((policy) =>
      (['egress', 'ingress'] as const).flatMap((direction) =>
        (policy[direction] ?? []).flatMap((rule) =>
          strangersIn(rule, policy, cluster, classes).map((peer): Way => {
            const between = ends(direction, pod, peer);
            const alone: Policy = { ...policy, ingress: undefined, egress: undefined, [direction]: [rule] };
            const ports = connection(...between, cluster).intersect(
              connection(...between, { ...cluster, policies: [alone] }),
            );
            const place = placeOf(peer, ports, placesIn(annotated, direction, name));
            return direction === 'egress' ? { from: name, to: place, ports } : { from: place, to: name, ports };
          }),
        ),
      ),
    );
  // a pod without an isolating policy, or a rule for every peer, names no peer
  const known = (from: string, to: string) =>
    PortSet.union(ways.filter((way) => way.from === from && way.to === to).map(({ ports }) => ports));
  const out = connection(pod, internet, cluster).minus(known(name, INTERNET));
  const into = connection(internet, pod, cluster).minus(known(INTERNET, name));
  return [...ways, { from: name, to: INTERNET, ports: out }, { from: INTERNET, to: name, ports: into }];
}

/** Name of all public addresses on the whiteboard. */
export const INTERNET = 'internet';
const EVERYWHERE = '0.0.0.0/0';
const rangesIn = ({ ingress, egress }: Policy): string[] =>
  [...(ingress ?? []), ...(egress ?? [])].flatMap(({ peers }) =>
    (peers ?? []).flatMap((peer) => peer.ipBlock?.cidr ?? []),
  );

const ends = (direction: 'ingress' | 'egress', pod: Pod, peer: Endpoint): [Endpoint, Endpoint] =>
  direction === 'egress' ? [pod, peer] : [peer, pod];

const outside = (address: string, name = address): Outside => ({ kind: 'outside', name, address });

/** One endpoint per peer of a rule that is no server. */
function strangersIn(rule: Rule, policy: Policy, cluster: Cluster, classes: readonly { first: string }[]): Endpoint[] {
  if (rule.entities) {
    return [{ kind: 'outside', name: rule.entities.join(', '), address: '::', entities: rule.entities }];
  }
  return (rule.peers ?? []).flatMap(({ ipBlock, podSelector, namespaceSelector }): Endpoint[] => {
    if (ipBlock) {
      const within = classes.find(({ first }) => holds([ipBlock.cidr], first) && !holds(ipBlock.except ?? [], first));
      return within ? [outside(within.first, ipBlock.cidr)] : [];
    }
    const namespace = namespaceSelector
      ? (namespaceSelector.matchLabels?.['kubernetes.io/metadata.name'] ?? 'any namespace')
      : policy.namespace;
    const labels = podSelector?.matchLabels ?? {};
    if (cluster.pods.some((pod) => pod.namespace === namespace && selects({ matchLabels: labels }, pod.labels)))
      return [];
    const text = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
    return [{ kind: 'pod', name: `${namespace}: ${text.join(' ') || 'every pod'}`, namespace, labels, ports: [] }];
  });
}

/** Names in the annotations for the other ends of a server's connections in one direction. */
const placesIn = (annotated: readonly string[], direction: 'ingress' | 'egress', name: string): string[] =>
  annotated.flatMap((flow) => {
    const [from = '', to = ''] = flow.split(' to ');
    const [own, other] = direction === 'egress' ? [from, to] : [to, from];
    return own === name ? [other] : [];
  });

/**
 * The name of a place as the annotations use it; its range or labels when no annotation fits. Ranges do not distinguish
 * API server and kubelets (both are hosts): the kubelet's port does.
 */
function placeOf(peer: Endpoint, ports: PortSet, places: readonly string[]): string {
  const named = (place: string) => places.includes(place);
  if (peer.name === EVERYWHERE) return INTERNET;
  if (named(`external:${peer.name}`)) return `external:${peer.name}`;
  if (peer.kind === 'pod') {
    const others = otherPods({ namespace: peer.namespace, podLabels: peer.labels });
    if (named(others)) return others;
    return named('cluster-dns') && !ports.intersect(PortSet.allOf('UDP')).isEmpty ? 'cluster-dns' : peer.name;
  }
  if (named('dns-address') && ports.has('UDP', 53)) return 'dns-address';
  if (named('kubelet') && ports.has('TCP', KUBELET_PORT)) return 'kubelet';
  return named('kubernetes-api') ? 'kubernetes-api' : peer.name;
}

/** Ports in short form: TCP is implied. */
function describe(ports: PortSet): string {
  if (PortSet.all.minus(ports).isEmpty) return 'every port';
  const byPorts = new Map<string, string[]>();
  for (const part of ports.toString().split(', ')) {
    const [protocol = '', numbers = ''] = part.split(' ');
    byPorts.set(numbers, [...(byPorts.get(numbers) ?? []), protocol]);
  }
  return [...byPorts]
    .map(([numbers, protocols]) => (protocols.join() === 'TCP' ? numbers : `${numbers} ${protocols.join(' and ')}`))
    .join(', ');
}
