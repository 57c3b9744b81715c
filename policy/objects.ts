import { KIND_LABEL as BACKUP_LABEL } from '../charts/backup/pods';
import { selectorOf } from '../charts/names';
import { tiersOf } from '../charts/topology';
import { KIND_LABEL } from '../charts/worker/kinds';
import { namespacesOf } from '../config/namespaces';
import type { Manifest } from '../reachability/manifest';
import { everyObject, type Node, nameOf, type Rule, templatesOf } from './rule';

/** Kinds that belong to no namespace, as far as they appear here. */
const CLUSTER_SCOPED = [
  'Namespace',
  'ClusterRole',
  'ClusterRoleBinding',
  'PersistentVolume',
  'StorageClass',
  'PriorityClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
];

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** Services become DNS labels, namespaces and workloads are parts of such. */
const LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
/** Names of RBAC objects may hold colons. */
const PATH_SEGMENT = /^[^/%]+$/;

const nameRule = (kind: string): RegExp => {
  if (['Service', 'Namespace', 'StatefulSet', 'Deployment', 'DaemonSet', 'CronJob'].includes(kind)) return LABEL;
  return /Role(Binding)?$/.test(kind) ? PATH_SEGMENT : SUBDOMAIN;
};

/** Label that the StatefulSet controller gives each pod: a Service for a single pod may select by it. */
const POD_NAME = 'statefulset.kubernetes.io/pod-name';

/** Pods of a workload, as many as its autoscaler may make where it has one. */
function mostPods(name: string | undefined, manifests: readonly Node[]): number {
  const workload = manifests.find((object) => nameOf(object) === name);
  const autoscaler = manifests.find(
    ({ kind, metadata, spec }) =>
      kind === 'HorizontalPodAutoscaler' &&
      metadata.namespace === workload?.metadata.namespace &&
      spec.scaleTargetRef.kind === workload?.kind &&
      spec.scaleTargetRef.name === workload?.metadata.name,
  );
  return autoscaler?.spec.maxReplicas ?? workload?.spec.replicas ?? 1;
}

const first = (manifests: Node[], kind: string): Node => manifests.find((object) => object.kind === kind);

/** What must be true of every object. */
export const objectRules: readonly Rule[] = [
  {
    says: 'no two objects share kind, namespace and name',
    faults: ({ manifests }) => {
      const names = manifests.map(nameOf);
      return names.filter((name, index) => names.indexOf(name) !== index);
    },
    spoil: (manifests) => manifests.push(manifests[0]),
  },
  everyObject(
    "objects live in one of the site's namespaces, or in none because their kind has none",
    ({ kind, metadata: { namespace } }, { config }) =>
      CLUSTER_SCOPED.includes(kind)
        ? namespace && `kind has no namespace, got ${namespace}`
        : !namespacesOf(config).includes(namespace ?? '') && `in ${namespace ?? 'no namespace'}`,
    (manifests) => delete first(manifests, 'Service').metadata.namespace,
  ),
  everyObject(
    'objects say what site they are part of and what made them',
    ({ metadata: { labels } }, { config }) => [
      labels?.['app.kubernetes.io/part-of'] !== config.name && 'part-of',
      labels?.['app.kubernetes.io/managed-by'] !== 'threewall' && 'managed-by',
    ],
    (manifests) => delete first(manifests, 'NetworkPolicy').metadata.labels['app.kubernetes.io/part-of'],
  ),
  everyObject(
    'names and labels are valid',
    ({ kind, metadata: { name, labels } }) => [
      !(nameRule(kind).test(name) && name.length <= 253) && 'name',
      ...Object.entries(labels ?? {}).map(([key, value]) => !LABEL_VALUE.test(value) && `label ${key}: ${value}`),
    ],
    (manifests) => {
      first(manifests, 'Service').metadata.name = 'two.words';
    },
  ),
  everyObject(
    'no object is a Secret',
    ({ kind }) => kind === 'Secret' && 'its value would stand in the repository',
    (manifests) => manifests.push({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'password' } }),
  ),
  everyObject(
    'files are immutable and named after their content',
    ({ kind, metadata, immutable }) =>
      kind === 'ConfigMap' && !(immutable && /-[0-9a-f]{10}$/.test(metadata.name)) && 'may change',
    (manifests) => delete first(manifests, 'ConfigMap').immutable,
  ),
  everyObject(
    "a workload's selector is instance and component, of a worker and of the backup tier its kind too, and selects its own pods alone",
    (object, { manifests }) => {
      if (!['Deployment', 'StatefulSet', 'DaemonSet'].includes(object.kind)) return [];
      const { matchLabels, matchExpressions } = object.spec.selector;
      const others = selectedBy(matchLabels, object, manifests).filter((name) => name !== nameOf(object));
      return [
        matchExpressions && 'matchExpressions',
        !['', ` ${BACKUP_LABEL}`, ` ${KIND_LABEL}`]
          .map((kind) => `component instance${kind}`)
          .includes(keysOf(matchLabels)) && `selects by ${keysOf(matchLabels)}`,
        !selectedBy(matchLabels, object, manifests).includes(nameOf(object)) && 'does not select its own pods',
        others.length > 0 && `selects ${others.join(', ')} too`,
      ];
    },
    (manifests) => {
      first(manifests, 'Deployment').spec.selector.matchLabels['app.kubernetes.io/name'] = 'node';
    },
  ),
  everyObject(
    'a Service selects by instance and component, pods of one tier',
    (object, { manifests, config }) => {
      if (object.kind !== 'Service') return [];
      const { [POD_NAME]: _, ...selector } = object.spec.selector ?? {};
      const tier = tiersOf(config).find(
        (t) => JSON.stringify(selectorOf(t, config)) === JSON.stringify(sorted(selector)),
      );
      return [
        keysOf(selector) !== 'component instance' && `selects by ${keysOf(selector)}`,
        !tier && 'selects no tier',
        selectedBy(selector, object, manifests).length !== 1 &&
          `selects ${selectedBy(selector, object, manifests).join(', ') || 'nothing'}`,
      ];
    },
    (manifests) => {
      first(manifests, 'Service').spec.selector = { 'app.kubernetes.io/component': 'web' };
    },
  ),
  everyObject(
    'a disruption budget covers one tier and lets at least one pod go',
    (object, { manifests }) => {
      if (object.kind !== 'PodDisruptionBudget') return [];
      const { selector, minAvailable, maxUnavailable } = object.spec;
      const [name, ...more] = selectedBy(selector.matchLabels, object, manifests);
      const replicas = mostPods(name, manifests);
      return [
        (!name || more.length > 0) && `covers ${[name, ...more].join(', ') || 'nothing'}`,
        minAvailable !== undefined && !(minAvailable < replicas) && `keeps ${minAvailable} of ${replicas}`,
        maxUnavailable !== undefined &&
          !(maxUnavailable >= 1 && maxUnavailable < replicas) &&
          `lets ${maxUnavailable} of ${replicas} go`,
      ];
    },
    (manifests) => {
      Object.assign(first(manifests, 'PodDisruptionBudget').spec, { minAvailable: 99 });
    },
  ),
  everyObject(
    'a pod that is not ready may be evicted whatever the budget says, unless it is a database',
    ({ kind, metadata, spec }) => {
      if (kind !== 'PodDisruptionBudget') return [];
      const right = metadata.name === 'database' ? 'IfHealthyBudget' : 'AlwaysAllow';
      return spec.unhealthyPodEvictionPolicy !== right && `${spec.unhealthyPodEvictionPolicy ?? 'nothing'} is said`;
    },
    (manifests) => delete first(manifests, 'PodDisruptionBudget').spec.unhealthyPodEvictionPolicy,
  ),
  everyObject(
    'a namespace enforces Pod Security restricted unless a pod in it mounts a folder of its node, and warns at the same',
    ({ kind, metadata: { name, labels } }, { manifests }) => {
      if (kind !== 'Namespace') return [];
      const level = labels?.['pod-security.kubernetes.io/enforce'];
      const hostPath = templatesOf(manifests)
        .filter(({ workload }) => workload.metadata.namespace === name)
        .some(({ spec }) => (spec.volumes ?? []).some((volume: Node) => volume.hostPath));
      return [
        level !== (hostPath ? 'privileged' : 'restricted') && `enforces ${level}`,
        labels?.['pod-security.kubernetes.io/warn'] !== level && 'warns at another level',
      ];
    },
    (manifests) => {
      first(manifests, 'Namespace').metadata.labels['pod-security.kubernetes.io/enforce'] = 'baseline';
    },
  ),
];

const keysOf = (labels: object = {}): string =>
  Object.keys(labels)
    .map((key) => key.replace('app.kubernetes.io/', ''))
    .sort()
    .join(' ');

// in the order in which the topology writes them
const sorted = (labels: Record<string, string>) => ({
  'app.kubernetes.io/instance': labels['app.kubernetes.io/instance'],
  'app.kubernetes.io/component': labels['app.kubernetes.io/component'],
});

/** Workloads in the namespace of `object` whose pods bear the labels. */
const selectedBy = (
  labels: Record<string, string> = {},
  { metadata }: Manifest,
  manifests: readonly Manifest[],
): string[] =>
  templatesOf(manifests)
    .filter(({ workload }) => workload.metadata.namespace === metadata.namespace)
    .filter((template) => Object.entries(labels).every(([key, value]) => template.labels[key] === value))
    .map(({ name }) => name);
