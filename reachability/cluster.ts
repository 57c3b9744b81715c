import { type ContainerPort, labelsOfNamespace, type Outside, type Pod, type Rules } from './engine';
import { type Manifest, manifestsIn } from './manifest';
import { type LabelSelector, type Policy, policiesIn } from './policy';

/** Pods and policies of the manifests. */
export interface Cluster extends Rules {
  /** One pod per workload, because all its replicas are alike; called `<namespace>/<workload>`. */
  readonly pods: readonly Pod[];
}

/**
 * Reads workloads, namespaces and policies, those in lists too.
 * @throws Error when a policy or a pod cannot be judged
 */
export function clusterOf(objects: readonly Manifest[]): Cluster {
  const manifests = manifestsIn(objects);
  const declared = manifests.filter(({ kind }) => kind === 'Namespace');
  return {
    pods: manifests.flatMap(podOf),
    policies: policiesIn(manifests),
    namespaces: Object.fromEntries(
      declared.map(({ metadata: { name, labels } }) => [name, { ...labels, ...labelsOfNamespace(name) }]),
    ),
  };
}

/** The pod template of a workload; undefined for every other kind of object. */
export function templateOf(object: Manifest): Pick<Manifest, 'metadata' | 'spec'> | undefined {
  switch (object.kind) {
    case 'Pod':
      return object;
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'ReplicaSet':
    case 'Job':
      return object.spec.template;
    case 'CronJob':
      return object.spec.jobTemplate.spec.template;
    default:
      return undefined;
  }
}

function podOf(object: Manifest): Pod[] {
  const template = templateOf(object);
  if (!template) return [];
  const namespace = object.metadata.namespace ?? 'default';
  const name = `${namespace}/${object.metadata.name}`;
  // https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods
  if (template.spec.hostNetwork) throw new Error(`${name}: policies do not govern pods on the host's network`);
  // sidecars among the init containers listen too
  const containers: { ports?: ContainerPort[] }[] = [
    ...(template.spec.initContainers ?? []),
    ...template.spec.containers,
  ];
  return [
    {
      kind: 'pod',
      name,
      namespace,
      labels: template.metadata?.labels ?? {},
      ports: containers.flatMap(({ ports }) => ports ?? []),
    },
  ];
}

/** Ranges that do not belong to the internet. @see https://www.rfc-editor.org/rfc/rfc6890 */
export const NOT_INTERNET = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
];

/** A run of IPv4 addresses that policies treat alike. */
export interface AddressClass {
  readonly first: string;
  readonly last: string;
}

/**
 * The whole of IPv4, cut at every border of a range that a policy (or `ranges`) names: what is true for the first
 * address of a class is true for all of it, so a check of one address each is a check of every address.
 */
export function addressClasses(policies: readonly Policy[], ranges: readonly string[] = []): AddressClass[] {
  const borders = new Set([0, 2 ** 32]);
  for (const cidr of [...rangesIn(policies), ...ranges].filter((range) => !range.includes(':'))) {
    const [address = '', mask] = cidr.split('/');
    const size = 2 ** (32 - Number(mask));
    const first = Math.floor(toNumber(address) / size) * size;
    borders.add(first).add(first + size);
  }
  const sorted = [...borders].sort((a, b) => a - b);
  return sorted
    .slice(0, -1)
    .map((first, i) => ({ first: toAddress(first), last: toAddress((sorted[i + 1] ?? 0) - 1) }));
}

/** The ranges that policies name. */
export const rangesIn = (policies: readonly Policy[]): string[] =>
  policies
    .flatMap(({ ingress, egress }) => [...(ingress ?? []), ...(egress ?? [])])
    .flatMap(({ peers }) =>
      (peers ?? []).flatMap(({ ipBlock }) => (ipBlock ? [ipBlock.cidr, ...(ipBlock.except ?? [])] : [])),
    );

/** An IPv4 address as a number. */
export const toNumber = (address: string): number =>
  address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);

/** A number as an IPv4 address. */
const toAddress = (n: number): string => [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join('.');

/** The first address of each class, as an endpoint that is no pod and no host of the cluster. */
export const outsiders = (classes: readonly AddressClass[]): Outside[] =>
  classes.map(({ first, last }) => ({
    kind: 'outside',
    name: first === last ? first : `${first} to ${last}`,
    address: first,
  }));

/**
 * Pods that are not deployed: in every given namespace, one without labels and, for each selector that a policy
 * uses, one that satisfies it, one for each label left out, and one for each label of another value.
 */
export const strangers = (policies: readonly Policy[], namespaces: readonly string[]): Pod[] =>
  podsWith([...labelSets(policies).values()], namespaces);

/** The labels of [strangers](#strangers), by a text that is equal for equal labels. */
export function labelSets(policies: readonly Policy[]): Map<string, Labels> {
  const sets = new Map<string, Labels>();
  const add = (labels: Labels) => sets.set(Object.entries(labels).sort().join(), labels);
  add({});
  for (const { matchLabels } of policies.flatMap(selectorsOf)) {
    const labels = matchLabels ?? {};
    add(labels);
    for (const key of Object.keys(labels)) {
      const { [key]: _, ...others } = labels;
      add(others);
      add({ ...others, [key]: 'other' });
    }
  }
  return sets;
}

/** Pods that are not deployed: one of each set of labels in every namespace. */
export const podsWith = (sets: readonly Labels[], namespaces: readonly string[]): Pod[] =>
  namespaces.flatMap((namespace) =>
    sets.map(
      (labels): Pod => ({ kind: 'pod', name: `${namespace}/(${describe(labels)})`, namespace, labels, ports: [] }),
    ),
  );

type Labels = Readonly<Record<string, string>>;

const describe = (labels: Labels): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key.split('/').at(-1)}=${value}`)
    .sort()
    .join(' ') || 'no labels';

const selectorsOf = ({ podSelector, ingress, egress }: Policy): LabelSelector[] => [
  podSelector,
  ...[...(ingress ?? []), ...(egress ?? [])].flatMap(({ peers }) => (peers ?? []).flatMap((p) => p.podSelector ?? [])),
];
