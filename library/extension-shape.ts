import type { TierName } from '../charts/topology';
import { annotations, labels } from '../config/kubernetes-names';
import { nearest } from '../config/nearest';
import * as k8s from '../imports/k8s';
import type { Extension } from './extension';

/** Fields of an extension and what each is. */
const FIELDS = {
  containers: 'list',
  initContainers: 'list',
  volumes: 'list',
  volumeMounts: 'list',
  env: 'group',
  labels: 'group',
  annotations: 'group',
  podSpec: 'group',
} as const satisfies Record<keyof Extension, 'list' | 'group'>;

/** Labels by which firewalls, Services and workloads select pods. */
const SELECTS = /^(app\.kubernetes\.io|threewall\.dev)\//;

/** What every container gets from `hardened`. */
const OF_EVERY_CONTAINER = ['securityContext', 'imagePullPolicy'];

/** What no type has checked, one line each: fields that there are not, and values that no pod takes. */
export function shapeFaults(tier: TierName, extension: Extension): string[] {
  if (typeof extension !== 'object' || extension === null || Array.isArray(extension))
    return [`${tier}: must be extended by an object, got ${extension}`];
  const kinds = Object.entries<unknown>({ ...extension }).flatMap(([field, value]) => kindFaults(field, value));
  // what is no list or group cannot be read any further
  const faults =
    kinds.length > 0 ? kinds : [...containerFaults(extension), ...lostFaults(extension), ...textFaults(extension)];
  return faults.map((fault) => `${tier}: ${fault}`);
}

function kindFaults(field: string, value: unknown): string[] {
  if (!Object.hasOwn(FIELDS, field)) return [`${field}: unknown field${meant(field)}`];
  const kind = FIELDS[field as keyof typeof FIELDS];
  const isList = Array.isArray(value);
  if (value === undefined || (kind === 'list' ? isList : typeof value === 'object' && value !== null && !isList)) {
    return nulls(field, value);
  }
  return [`${field}: must be ${kind === 'list' ? 'a list' : 'an object'}, got ${JSON.stringify(value)}`];
}

function meant(field: string): string {
  const near = nearest(field, Object.keys(FIELDS));
  return near ? `, did you mean "${near}"?` : `, known here: ${Object.keys(FIELDS).join(', ')}`;
}

const below = (path: string, key: string, parent: object): string =>
  Array.isArray(parent) ? `${path}[${key}]` : `${path}.${key}`;

/** The generated classes fail at null. */
function nulls(path: string, value: unknown): string[] {
  if (value === null) return [`${path}: must not be null; leave it out`];
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, child]) => nulls(below(path, key, value), child));
}

const containerFaults = (extension: Extension): string[] =>
  (['containers', 'initContainers'] as const).flatMap((list) =>
    (extension[list] ?? []).flatMap((container, i) => {
      const { name, image, resources } = container;
      const required = {
        name,
        image,
        'resources.requests': resources?.requests,
        'resources.limits': resources?.limits,
      };
      return [
        ...Object.entries(required)
          .filter(([, value]) => !value)
          .map(([field]) => `${list}[${i}].${field}: is required`),
        ...OF_EVERY_CONTAINER.filter((field) => (container as Record<string, unknown>)[field] !== undefined).map(
          (field) => `${list}[${i}].${field}: must be left out; it is that of every container`,
        ),
      ];
    }),
  );

/** Fields that the generated classes drop silently, `hostPID` for their `hostPid` among them. */
function lostFaults({
  podSpec,
  containers = [],
  initContainers = [],
  volumes = [],
  volumeMounts = [],
}: Extension): string[] {
  const { containers: _, ...pod } = { ...podSpec } as Partial<k8s.PodSpec>;
  const others = Object.keys(podSpec ?? {}).filter((field) => Object.hasOwn(FIELDS, field));
  if (others.length > 0) return others.map((field) => `podSpec.${field}: must stand beside podSpec`);
  // resources are of this package's own type, with text in place of the classes' quantities
  const bare = (list: Extension['containers'] = []) => list.map(({ resources: _, ...rest }) => rest);
  return [
    ...lost('podSpec', pod, () => k8s.toJson_PodSpec({ ...pod, containers: [] })),
    ...lost('containers', bare(containers), () => bare(containers).map(k8s.toJson_Container)),
    ...lost('initContainers', bare(initContainers), () => bare(initContainers).map(k8s.toJson_Container)),
    ...lost('volumes', volumes, () => volumes.map(k8s.toJson_Volume)),
    ...lost('volumeMounts', volumeMounts, () => volumeMounts.map(k8s.toJson_VolumeMount)),
  ];
}

function lost(path: string, given: object, write: () => unknown): string[] {
  try {
    return missing(path, given, write());
  } catch (error) {
    return [`${path}: must be of the type that cdk8s gives it: ${(error as Error).message}`];
  }
}

function missing(path: string, given: unknown, written: unknown): string[] {
  // a quantity or a port is an object that is written as one value
  if (typeof given !== 'object' || given === null || typeof written !== 'object' || written === null) return [];
  const names = Object.entries(written);
  return Object.entries(given).flatMap(([field, value]) => {
    if (value === undefined) return [];
    const here = below(path, field, given);
    const [, same] = names.find(([name]) => name.toLowerCase() === field.toLowerCase()) ?? [];
    return same === undefined
      ? [`${here}: unknown field; its name is that of cdk8s' type`]
      : missing(here, value, same);
  });
}

function textFaults(extension: Extension): string[] {
  const env = Object.entries(extension.env ?? {})
    .filter(([, value]) => typeof value !== 'string')
    .map(([name, value]) => `env.${name}: must be text, got ${JSON.stringify(value)}`);
  const refused = Object.keys(extension.labels ?? {})
    .filter((key) => SELECTS.test(key))
    .map((key) => `labels: must not be of ${key.split('/')[0]}/, got "${key}"`);
  const malformed = Object.entries({ labels, annotations }).flatMap(([field, schema]) => {
    const { error } = schema.safeParse(extension[field as 'labels' | 'annotations'] ?? {});
    return (error?.issues ?? []).map((issue) => {
      const { message } = issue.code === 'invalid_key' ? (issue.issues[0] ?? issue) : issue;
      return `${[field, ...issue.path].join('.')}: ${message}`;
    });
  });
  return [...env, ...refused, ...malformed];
}
