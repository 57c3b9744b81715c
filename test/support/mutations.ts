import type { Manifest } from '../../reachability/manifest';

/** A policy with one fault. */
export interface Mutant {
  /** Which policy, where in it, and what was done. */
  readonly what: string;
  /** The faulty policy; undefined where it was deleted. */
  readonly policy: Manifest | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: policies of two kinds are edited as the plain YAML that they are
type Node = any;

/** Every single fault of a policy: rules, peers, ports, labels and exceptions removed, widened or moved, one at a time. */
export function mutantsOf(policy: Manifest): Mutant[] {
  const { metadata } = policy;
  const found: Mutant[] = [
    { what: `${nameOf(policy)}: deleted`, policy: undefined },
    { what: `${nameOf(policy)}: elsewhere`, policy: { ...policy, metadata: { ...metadata, namespace: 'elsewhere' } } },
  ];
  const add = (what: string, edit: (spec: Node) => void) => {
    const copy = structuredClone(policy);
    edit(copy.spec);
    found.push({ what: `${nameOf(policy)}: ${what}`, policy: copy });
  };
  const { spec } = policy;
  const subject = spec.endpointSelector ? 'endpointSelector' : 'podSelector';
  for (const [what, selector] of selectorFaults(spec[subject])) {
    add(`${subject} ${what}`, (s) => {
      s[subject] = selector;
    });
  }
  if (spec.policyTypes) {
    add('policyTypes dropped', (s) => delete s.policyTypes);
    for (const i of keys(spec.policyTypes))
      add(`policyTypes without ${spec.policyTypes[i]}`, (s) => s.policyTypes.splice(i, 1));
  }
  for (const direction of ['ingress', 'egress']) {
    const peers = direction === 'ingress' ? 'from' : 'to';
    if (!spec.endpointSelector) {
      add(`${direction} open to all`, (s) => {
        s[direction] = [...(s[direction] ?? []), {}];
        s.policyTypes = [...new Set([...s.policyTypes, direction === 'ingress' ? 'Ingress' : 'Egress'])];
      });
    }
    for (const r of keys(spec[direction])) {
      const rule = spec[direction][r];
      const at = `${direction}[${r}]`;
      add(`${at} removed`, (s) => s[direction].splice(r, 1));
      for (const [what, edit] of faultsOf(rule, peers)) add(`${at}.${what}`, (s) => edit(s[direction][r]));
    }
  }
  return found;
}

const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.namespace}/${metadata.name}`;
const keys = (list: readonly unknown[] | undefined): number[] => [...(list ?? []).keys()];

const OTHER_HOST = { matchName: 'elsewhere.example.net' };

type Fault = [what: string, edit: (rule: Node) => void];

function faultsOf(rule: Node, peers: 'from' | 'to'): Fault[] {
  return [
    ...(rule[peers] ? ([[`${peers} dropped`, (r) => delete r[peers]]] satisfies Fault[]) : []),
    ...(rule.ports ? ([['ports dropped', (r) => delete r.ports]] satisfies Fault[]) : []),
    ...(rule.toPorts ? ([['toPorts dropped', (r) => delete r.toPorts]] satisfies Fault[]) : []),
    ...keys(rule.ports).flatMap((i) => portFaults(`ports[${i}]`, rule.ports[i], (r) => r.ports, i)),
    ...keys(rule.toPorts).flatMap((g) =>
      keys(rule.toPorts[g].ports).flatMap((i) =>
        portFaults(`toPorts[${g}].ports[${i}]`, rule.toPorts[g].ports[i], (r) => r.toPorts[g].ports, i),
      ),
    ),
    ...keys(rule.toEntities).map(
      (i): Fault => [`toEntities without ${rule.toEntities[i]}`, (r) => r.toEntities.splice(i, 1)],
    ),
    ...(rule.toEntities ? ['all', 'world', 'cluster'] : []).map(
      (entity): Fault => [`toEntities and ${entity}`, (r) => r.toEntities.push(entity)],
    ),
    ...keys(rule.toFQDNs).map((i): Fault => [`toFQDNs[${i}] another`, (r) => Object.assign(r.toFQDNs[i], OTHER_HOST)]),
    ...(rule.toFQDNs ? ([['toFQDNs and another', (r) => r.toFQDNs.push(OTHER_HOST)]] satisfies Fault[]) : []),
    ...keys(rule.toEndpoints).flatMap((i) =>
      selectorFaults(rule.toEndpoints[i]).map(
        ([what, selector]): Fault => [`toEndpoints[${i}] ${what}`, (r) => r.toEndpoints.splice(i, 1, selector)],
      ),
    ),
    ...keys(rule[peers]).flatMap((i) => peerFaults(`${peers}[${i}]`, rule[peers][i], (r) => r[peers], i)),
  ];
}

function portFaults(at: string, port: Node, list: (rule: Node) => Node[], i: number): Fault[] {
  const number = Number(port.port);
  const next = typeof port.port === 'string' ? String(number + 1) : number + 1;
  const protocol = port.protocol === 'UDP' ? 'TCP' : 'UDP';
  return [
    [`${at} removed`, (r) => list(r).splice(i, 1)],
    [`${at} another port`, (r) => Object.assign(list(r)[i], { port: next })],
    [`${at} another protocol`, (r) => Object.assign(list(r)[i], { protocol })],
    ...(typeof port.port === 'string'
      ? ([[`${at} any protocol`, (r) => delete list(r)[i].protocol]] satisfies Fault[])
      : ([
          [`${at} without port`, (r) => delete list(r)[i].port],
          [`${at} with endPort`, (r) => Object.assign(list(r)[i], { endPort: next })],
        ] satisfies Fault[])),
  ];
}

function peerFaults(at: string, peer: Node, list: (rule: Node) => Node[], i: number): Fault[] {
  const set = (field: string, value: unknown) => (r: Node) => {
    if (value === undefined) delete list(r)[i][field];
    else list(r)[i][field] = value;
  };
  const { podSelector, namespaceSelector, ipBlock } = peer;
  return [
    [`${at} removed`, (r) => list(r).splice(i, 1)],
    ...['podSelector', 'namespaceSelector']
      .filter((field) => peer[field])
      .flatMap((field) =>
        selectorFaults(peer[field]).map(([what, selector]): Fault => [`${at}.${field} ${what}`, set(field, selector)]),
      ),
    ...(podSelector && !namespaceSelector
      ? ([[`${at} in every namespace`, set('namespaceSelector', {})]] satisfies Fault[])
      : []),
    ...(podSelector && namespaceSelector
      ? ([
          [`${at}.podSelector dropped`, set('podSelector', undefined)],
          [`${at}.namespaceSelector dropped`, set('namespaceSelector', undefined)],
          [`${at} split into two`, (r) => list(r).splice(i, 1, { podSelector }, { namespaceSelector })],
        ] satisfies Fault[])
      : []),
    ...(ipBlock ? blockFaults(at, ipBlock, set) : []),
  ];
}

function blockFaults(at: string, ipBlock: Node, set: (field: string, value: unknown) => (rule: Node) => void): Fault[] {
  const { cidr, except } = ipBlock;
  const [address, mask] = cidr.split('/');
  const to = (what: string, block: Node): Fault => [`${at}.ipBlock ${what}`, set('ipBlock', block)];
  return [
    ...(except ? [to('without except', { cidr })] : []),
    ...keys(except).map((e) => to(`without except ${except[e]}`, { cidr, except: except.toSpliced(e, 1) })),
    ...(mask === '0'
      ? []
      : [to('of everything', { cidr: '0.0.0.0/0', except }), to('wider', { cidr: `${address}/${mask - 1}`, except })]),
    ...(mask === '32' ? [] : [to('narrower', { cidr: `${address}/${Number(mask) + 1}` })]),
  ];
}

/** Selectors with one requirement less, one more, or another value. */
function selectorFaults({ matchLabels = {} }: Node): [string, Node][] {
  return [
    ...Object.keys(matchLabels).flatMap((key): [string, Node][] => {
      const { [key]: _, ...others } = matchLabels;
      return [
        [`without ${key}`, { matchLabels: others }],
        [`with another ${key}`, { matchLabels: { ...matchLabels, [key]: 'other' } }],
      ];
    }),
    ...(Object.keys(matchLabels).length > 1 ? ([['of everything', {}]] satisfies [string, Node][]) : []),
    ['narrower', { matchLabels: { ...matchLabels, extra: 'label' } }],
  ];
}
