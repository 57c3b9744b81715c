import { addressClasses, type Cluster, clusterOf, NOT_INTERNET, outsiders, toNumber } from './cluster';
import { connection, type Endpoint, type Outside, type Pod, selects } from './engine';
import type { Manifest } from './manifest';
import { holds, type Policy } from './policy';
import { PortSet } from './ports';

/** A connection that one set of manifests permits and the other does not. */
export interface Change {
  readonly change: 'opened' | 'closed';
  readonly from: string;
  readonly to: string;
  /** Like `TCP 443, UDP 53`; `all` for every port. */
  readonly ports: string;
}

/**
 * Connections that become possible or impossible between two versions of an environment, for every pod of either, pods
 * that are not deployed, every IPv4 address and the hosts of the cluster. A new pod counts as opening its connections.
 * @throws Error when a policy or a pod cannot be judged
 */
export function changesBetween(before: readonly Manifest[], after: readonly Manifest[]): Change[] {
  const versions = [clusterOf(before), clusterOf(after)] as const;
  const policies = versions.flatMap((version) => version.policies);
  const names = [...new Set(versions.flatMap(({ pods }) => pods.map(({ name }) => name)))];
  const deployed = names.map((name): Versions => {
    const [was, is] = versions.map(({ pods }) => pods.find((pod) => pod.name === name));
    return [was, is];
  });
  const others = [...strangersTo(versions), ...outsiders(addressClasses(policies)), ...hostsFor(policies)];
  const beside = others.map((endpoint): Versions => [endpoint, endpoint]);

  const pairs = deployed.flatMap((pod) => [
    ...deployed.map((other) => [pod, other] as const),
    ...beside.flatMap((other) => [[pod, other] as const, [other, pod] as const]),
  ]);
  return grouped(
    pairs.flatMap(([from, to]) => {
      const [was, is] = versions.map((version, i) => between(from[i as 0 | 1], to[i as 0 | 1], version)) as [
        PortSet,
        PortSet,
      ];
      const ends = { from: nameOf(from), to: nameOf(to) };
      return [
        { ...ends, change: 'opened' as const, ports: is.minus(was) },
        { ...ends, change: 'closed' as const, ports: was.minus(is) },
      ].filter(({ ports }) => !ports.isEmpty);
    }),
  );
}

/** An endpoint before and after; undefined if absent. */
type Versions = readonly [before: Endpoint | undefined, after: Endpoint | undefined];

interface End {
  readonly name: string;
  /** Borders of a class of addresses, for joining rows. */
  readonly range?: readonly [first: string, last: string];
}

const nameOf = ([before, after]: Versions): End => {
  const { name, kind } = (after ?? before) as Endpoint;
  const [first = '', last = first] = name.split(' to ');
  return kind === 'outside' && /^\d+\.\d+\./.test(name) ? { name, range: [first, last] } : { name };
};

const between = (from: Endpoint | undefined, to: Endpoint | undefined, cluster: Cluster): PortSet =>
  from && to ? connection(from, to, cluster) : PortSet.none;

/** Pods that are not deployed: one without labels per namespace, and one per peer that matches no deployed pod. */
function strangersTo(versions: readonly Cluster[]): Pod[] {
  const deployed = versions.flatMap(({ pods }) => pods);
  const policies = versions.flatMap((version) => version.policies);
  const peers = policies.flatMap(({ namespace, ingress, egress }) =>
    [...(ingress ?? []), ...(egress ?? [])]
      .flatMap((rule) => rule.peers ?? [])
      .filter(({ ipBlock }) => !ipBlock)
      .map(({ podSelector, namespaceSelector }) => ({
        labels: podSelector?.matchLabels ?? {},
        namespace: namespaceSelector
          ? (namespaceSelector.matchLabels?.['kubernetes.io/metadata.name'] ?? ELSEWHERE)
          : namespace,
      })),
  );
  const namespaces = new Set([...policies, ...peers, { namespace: ELSEWHERE }].map(({ namespace }) => namespace));
  const found = [...[...namespaces].map((namespace) => ({ namespace, labels: {} })), ...peers]
    .filter(
      ({ namespace, labels }) =>
        Object.keys(labels).length === 0 ||
        !deployed.some((pod) => pod.namespace === namespace && selects({ matchLabels: labels }, pod.labels)),
    )
    .map(
      ({ namespace, labels }): Pod => ({
        kind: 'pod',
        name: describe(namespace, labels),
        namespace,
        labels,
        ports: [],
      }),
    );
  return [...new Map(found.map((pod) => [pod.name, pod])).values()];
}

const ELSEWHERE = 'any other namespace';

function describe(namespace: string, labels: Readonly<Record<string, string>>): string {
  const text = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return text.length > 0 ? `${namespace}, pods with ${text.join(' ')}` : `${namespace}, any other pod`;
}

/** Hosts by the names that Cilium's policies use; without such policies their addresses are enough. */
const hostsFor = (policies: readonly Policy[]): Outside[] =>
  policies.some(({ egress }) => egress?.some(({ entities }) => entities))
    ? [
        { kind: 'outside', name: 'nodes', address: NOWHERE, entities: ['host', 'remote-node'] },
        { kind: 'outside', name: 'Kubernetes API', address: NOWHERE, entities: ['kube-apiserver'] },
      ]
    : [];

/** Without an address: connections by range are in the rows of the addresses. */
const NOWHERE = '::';

interface Row {
  readonly change: Change['change'];
  readonly from: End;
  readonly to: End;
  readonly ports: PortSet;
}

/** Rows that differ only in the address are merged. */
function grouped(rows: readonly Row[]): Change[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([
      row.change,
      row.from.range ? '' : row.from.name,
      row.to.range ? '' : row.to.name,
      String(row.ports),
    ]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()]
    .map((group): Change => {
      const [{ change, ports }] = group as [Row];
      return {
        change,
        from: joined(group.map(({ from }) => from)),
        to: joined(group.map(({ to }) => to)),
        ports: String(ports),
      };
    })
    .sort((a, b) => (a.change === b.change ? 0 : a.change === 'opened' ? -1 : 1));
}

const EVERY = '0.0.0.0–255.255.255.255';

function joined(ends: readonly End[]): string {
  const [{ name, range }] = ends as [End];
  if (!range) return name;
  const runs: [string, string][] = [];
  for (const [first, last] of ends.flatMap((end) => (end.range ? [end.range] : []))) {
    const before = runs.at(-1);
    if (before && toNumber(before[1]) + 1 === toNumber(first)) before[1] = last;
    else runs.push([first, last]);
  }
  const isPublic = runs.some(([first, last]) => [first, last].some((address) => !holds(NOT_INTERNET, address)));
  const text = runs.map(([first, last]) =>
    (first === last ? first : `${first}–${last}`).replace(EVERY, 'every address'),
  );
  return `${isPublic ? 'internet' : 'private addresses'}: ${text.join(', ')}`;
}
