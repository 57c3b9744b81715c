import { BlockList, isIP, isIPv6 } from 'node:net';
import * as z from 'zod';
import type { Manifest } from './manifest';
import { PROTOCOLS } from './ports';

/**
 * The policies that the engine can judge, as strict schemas: an unknown field is an error, never an
 * overlooked rule.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
 */

const expression = z
  .strictObject({
    key: z.string(),
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
    values: z.array(z.string()).nullish(),
  })
  .refine(({ operator, values }) => operator.endsWith('In') === (values ?? []).length > 0, {
    error: 'values are for In and NotIn, and only for them',
  });

const labelSelector = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).nullish(),
  matchExpressions: z.array(expression).nullish(),
});

const range = z.string().refine((text) => blockList([text]) !== undefined, { error: 'must be an address range' });

const ipBlock = z
  .strictObject({ cidr: range, except: z.array(range).nullish() })
  .refine(({ cidr, except }) => (except ?? []).every((inner) => isStrictlyWithin(inner, cidr)), {
    error: 'except must lie within cidr and be narrower',
  });

const peer = z
  .strictObject({
    podSelector: labelSelector.optional(),
    namespaceSelector: labelSelector.optional(),
    ipBlock: ipBlock.optional(),
  })
  .refine((p) => (p.ipBlock !== undefined) !== (p.podSelector !== undefined || p.namespaceSelector !== undefined), {
    error: 'must be either an ipBlock or selectors',
  });

const number = z.number().int().min(1).max(65535);

const port = z
  .strictObject({
    port: z.union([number, z.string()]).optional(),
    protocol: z.enum(PROTOCOLS).default('TCP'),
    endPort: number.optional(),
  })
  .refine(({ port, endPort }) => endPort === undefined || (typeof port === 'number' && port <= endPort), {
    error: 'endPort needs a numeric port that is not greater',
  });

const ports = z.array(port).nullish();

const networkPolicy = z.strictObject({
  podSelector: labelSelector.default({}),
  policyTypes: z.array(z.enum(['Ingress', 'Egress'])).nullish(),
  ingress: z.array(z.strictObject({ from: z.array(peer).nullish(), ports })).nullish(),
  egress: z.array(z.strictObject({ to: z.array(peer).nullish(), ports })).nullish(),
});

/**
 * The subset of Cilium's policies that Threewall emits.
 * @see https://docs.cilium.io/en/stable/security/policy/language/
 */
const ciliumPort = z.strictObject({
  port: z.string().regex(/^\d+$/).transform(Number).pipe(number),
  protocol: z.enum([...PROTOCOLS, 'ANY']).default('ANY'),
});

const dnsRules = z.strictObject({ dns: z.array(z.strictObject({ matchPattern: z.literal('*') })).min(1) });

const ciliumRule = z
  .strictObject({
    toEntities: z
      .array(z.enum(['all', 'world', 'cluster', 'host', 'remote-node', 'kube-apiserver']))
      .min(1)
      .optional(),
    toFQDNs: z
      .array(z.strictObject({ matchName: z.string() }))
      .min(1)
      .optional(),
    toEndpoints: z
      .array(z.strictObject({ matchLabels: z.record(z.string(), z.string()) }))
      .min(1)
      .optional(),
    toPorts: z.array(z.strictObject({ ports: z.array(ciliumPort).min(1), rules: dnsRules.optional() })).optional(),
  })
  .refine((r) => [r.toEntities, r.toFQDNs, r.toEndpoints].filter(Boolean).length === 1, {
    error: 'must have exactly one of toEntities, toFQDNs and toEndpoints',
  });

const ciliumPolicy = z.strictObject({ endpointSelector: labelSelector, egress: z.array(ciliumRule).min(1) });

/** A label selector; an empty one selects everything. */
export type LabelSelector = z.output<typeof labelSelector>;
/** One item of `matchExpressions`. */
export type Requirement = z.output<typeof expression>;
/** One item of `from` or `to`. */
export type Peer = z.output<typeof peer>;
/** One item of `ports`. */
export type PolicyPort = z.output<typeof port>;
/** Cilium's entity, a group of hosts. */
export type Entity = NonNullable<z.output<typeof ciliumRule>['toEntities']>[number];

/** The peers and ports of one rule. A missing list means every peer or every port. */
export interface Rule {
  readonly peers?: readonly Peer[];
  readonly entities?: readonly Entity[];
  /** Host names. */
  readonly hosts?: readonly string[];
  readonly ports?: readonly PolicyPort[];
}

/** A policy in the engine's form. Without a list, the policy does not apply to the direction. */
export interface Policy {
  readonly name: string;
  readonly namespace: string;
  readonly podSelector: LabelSelector;
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

/** Reads the policies among manifests. @throws Error that names policy and field when one cannot be judged */
export function policiesIn(manifests: readonly Manifest[]): Policy[] {
  return manifests.flatMap((object) => {
    if (['NetworkPolicy', 'CiliumNetworkPolicy'].includes(object.kind)) {
      if (!object.metadata.namespace) {
        throw new Error(
          `${object.kind} ${object.metadata.name}: names no namespace, so it goes into any that kubectl is set to`,
        );
      }
      return [object.kind === 'NetworkPolicy' ? fromKubernetes(object) : fromCilium(object)];
    }
    // AdminNetworkPolicy, CiliumClusterwideNetworkPolicy, Calico's GlobalNetworkPolicy …
    if (/NetworkPolicy$/.test(object.kind)) throw new Error(`${nameOf(object)}: a kind that is not judged here`);
    return [];
  });
}

const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.namespace ?? 'default'}/${metadata.name}`;

function parse<T extends z.ZodType>(schema: T, object: Manifest): z.output<T> {
  const parsed = schema.safeParse(object.spec ?? {});
  if (parsed.success) return parsed.data;
  throw new Error(`${nameOf(object)}: ${z.prettifyError(parsed.error).replace(/\s+/g, ' ')}`);
}

// An absent list of peers and an empty one mean the same: every peer. So do ports.
const listOrAll = <T>(list: readonly T[] | null | undefined): readonly T[] | undefined =>
  list && list.length > 0 ? list : undefined;

function fromKubernetes(object: Manifest): Policy {
  const spec = parse(networkPolicy, object);
  // https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/apis/networking/v1/defaults.go
  const types = listOrAll(spec.policyTypes) ?? ['Ingress', ...(spec.egress?.length ? ['Egress'] : [])];
  const ingress = (spec.ingress ?? []).map((r) => ({ peers: listOrAll(r.from), ports: listOrAll(r.ports) }));
  const egress = (spec.egress ?? []).map((r) => ({ peers: listOrAll(r.to), ports: listOrAll(r.ports) }));
  return {
    ...head(object, spec.podSelector),
    ingress: types.includes('Ingress') ? ingress : undefined,
    egress: types.includes('Egress') ? egress : undefined,
  };
}

function fromCilium(object: Manifest): Policy {
  const spec = parse(ciliumPolicy, object);
  const egress = spec.egress.map(({ toEntities, toFQDNs, toEndpoints, toPorts }) => ({
    entities: toEntities,
    hosts: toFQDNs?.map(({ matchName }) => matchName),
    peers: toEndpoints?.map(({ matchLabels }) => peerOf(matchLabels)),
    ports: listOrAll(
      (toPorts ?? [])
        .flatMap((group) => group.ports)
        .flatMap(({ port, protocol }) =>
          (protocol === 'ANY' ? PROTOCOLS : [protocol]).map((p) => ({ port, protocol: p })),
        ),
    ),
  }));
  return { ...head(object, spec.endpointSelector), egress };
}

const NAMESPACE = 'k8s:io.kubernetes.pod.namespace';

/** Cilium treats a pod's namespace as one of its labels; without it the policy's namespace applies. */
function peerOf({ [NAMESPACE]: namespace, ...matchLabels }: Record<string, string>): Peer {
  const namespaceSelector = namespace ? { matchLabels: { 'kubernetes.io/metadata.name': namespace } } : undefined;
  return { podSelector: { matchLabels }, namespaceSelector };
}

const head = ({ metadata }: Manifest, podSelector: LabelSelector) => ({
  name: metadata.name,
  namespace: metadata.namespace ?? 'default',
  podSelector,
});

const lists = new Map<string, BlockList | undefined>();

/** The addresses of ranges like `203.0.113.0/24` or `2001:db8::/32`; undefined when one is no range. */
function blockList(ranges: readonly string[]): BlockList | undefined {
  const key = ranges.join();
  if (!lists.has(key)) lists.set(key, newBlockList(ranges));
  return lists.get(key);
}

function newBlockList(ranges: readonly string[]): BlockList | undefined {
  const list = new BlockList();
  for (const text of ranges) {
    const [address = '', mask = ''] = text.split('/');
    const bits = isIPv6(address) ? 128 : 32;
    if (!isIP(address) || !/^\d+$/.test(mask) || Number(mask) > bits) return undefined;
    list.addSubnet(address, Number(mask), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}

const answers = new Map<string, boolean>();

/** True when the ranges hold the address. */
export function holds(ranges: readonly string[], address: string): boolean {
  const key = `${address} ${ranges.join()}`;
  const known = answers.get(key);
  if (known !== undefined) return known;
  const answer = blockList(ranges)?.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') ?? false;
  answers.set(key, answer);
  return answer;
}

function isStrictlyWithin(inner: string, outer: string): boolean {
  const [address = '', mask] = inner.split('/');
  return holds([outer], address) && Number(mask) > Number(outer.split('/')[1]);
}
