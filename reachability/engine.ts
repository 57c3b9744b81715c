import { type Entity, holds, type LabelSelector, type Peer, type Policy, type Requirement, type Rule } from './policy';
import { PortSet, type Protocol } from './ports';

/** A port that a container names. */
export interface ContainerPort {
  readonly name?: string;
  readonly containerPort: number;
  readonly protocol?: Protocol;
}

/** A pod, or one of several that are alike. */
export interface Pod {
  readonly kind: 'pod';
  /** Name in reports. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly ContainerPort[];
  /** The specification lets ipBlocks match pods, and networks differ. @default - no ipBlock matches this pod */
  readonly address?: string;
}

/**
 * An endpoint that is no pod: a host of the cluster, or anything outside. No policy governs its end of a connection.
 */
export interface Outside {
  readonly kind: 'outside';
  /** Name in reports. */
  readonly name: string;
  readonly address: string;
  /** Cilium's entity. @default - none: the world */
  readonly entities?: readonly Entity[];
  /** Host name under which it is looked up. @default - none */
  readonly host?: string;
}

/** One end of a connection. */
export type Endpoint = Pod | Outside;

/** Labels of the namespaces, and the policies in them. */
export interface Rules {
  readonly policies: readonly Policy[];
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Direction, seen from the governed pod. */
export type Direction = 'ingress' | 'egress';

/** The ports at which `from` may open a connection to `to`: both ends must permit it. */
export function connection(from: Endpoint, to: Endpoint, rules: Rules): PortSet {
  const out = from.kind === 'pod' ? permitted('egress', from, to, rules) : PortSet.all;
  return to.kind === 'pod' ? out.intersect(permitted('ingress', to, from, rules)) : out;
}

/**
 * Ports that the policies of one pod permit, regardless of the other end's policies: every port while no
 * policy isolates it in this direction, otherwise the union of its policies.
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
 */
export const permitted = (direction: Direction, pod: Pod, peer: Endpoint, rules: Rules): PortSet =>
  permissions(direction, pod, rules)(peer);

/** The same for many peers of one pod: what does not depend on the peer is looked up once. */
export function permissions(direction: Direction, pod: Pod, rules: Rules): (peer: Endpoint) => PortSet {
  const isolating = rules.policies.filter((policy) => policy[direction] !== undefined && governs(policy, pod));
  if (isolating.length === 0) return () => PortSet.all;
  const own = isolating.flatMap(({ namespace, [direction]: list }) =>
    (list ?? []).map((rule) => ({ namespace, rule })),
  );
  return (peer) =>
    PortSet.union(
      own
        .filter(({ namespace, rule }) => concerns(rule, peer, namespace, rules))
        .map(({ rule }) => portsOf(rule, direction === 'ingress' ? pod : peer)),
    );
}

/** True when the policy selects the pod. */
export const governs = (policy: Policy, pod: Pod): boolean =>
  policy.namespace === pod.namespace && selects(policy.podSelector, pod.labels);

/** True when the labels satisfy every requirement of the selector. */
export function selects({ matchLabels, matchExpressions }: LabelSelector, labels: Readonly<Record<string, string>>) {
  // a list of entries took a quarter of the proof's time
  for (const key in matchLabels) if (labels[key] !== matchLabels[key]) return false;
  return !matchExpressions || matchExpressions.every((requirement) => satisfies(requirement, labels[requirement.key]));
}

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#set-based-requirement */
function satisfies({ operator, values }: Requirement, value: string | undefined): boolean {
  const listed = value !== undefined && (values ?? []).includes(value);
  switch (operator) {
    case 'In':
      return listed;
    case 'NotIn':
      return !listed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

function concerns({ peers, entities, hosts }: Rule, endpoint: Endpoint, namespace: string, rules: Rules): boolean {
  if (hosts) return endpoint.kind === 'outside' && endpoint.host !== undefined && hosts.includes(endpoint.host);
  if (entities) return entities.some((entity) => isCalled(entity, endpoint));
  return peers === undefined || peers.some((peer) => matches(peer, endpoint, namespace, rules));
}

function matches({ ipBlock, podSelector, namespaceSelector }: Peer, endpoint: Endpoint, own: string, rules: Rules) {
  if (ipBlock) {
    const { address } = endpoint;
    return address !== undefined && holds([ipBlock.cidr], address) && !holds(ipBlock.except ?? [], address);
  }
  if (endpoint.kind === 'outside') return false;
  const inNamespace = namespaceSelector
    ? selects(namespaceSelector, rules.namespaces[endpoint.namespace] ?? labelsOfNamespace(endpoint.namespace))
    : endpoint.namespace === own;
  return inNamespace && selects(podSelector ?? {}, endpoint.labels);
}

function isCalled(entity: Entity, endpoint: Endpoint): boolean {
  const names: readonly Entity[] = endpoint.kind === 'pod' ? ['cluster'] : (endpoint.entities ?? ['world']);
  return entity === 'all' || names.includes(entity);
}

function portsOf({ ports }: Rule, target: Endpoint): PortSet {
  if (ports === undefined) return PortSet.all;
  return PortSet.union(
    ports.map(({ port, protocol, endPort }) => {
      if (port === undefined) return PortSet.allOf(protocol);
      if (typeof port === 'number') return PortSet.of(protocol, port, endPort);
      return PortSet.union(
        (target.kind === 'pod' ? target.ports : [])
          .filter((own) => own.name === port && (own.protocol ?? 'TCP') === protocol)
          .map((own) => PortSet.of(protocol, own.containerPort)),
      );
    }),
  );
}

/**
 * The label of every namespace with its name.
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name
 */
export const labelsOfNamespace = (name: string): Record<string, string> => ({ 'kubernetes.io/metadata.name': name });
