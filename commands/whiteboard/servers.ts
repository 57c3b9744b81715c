import { TOPOLOGY_ANNOTATION } from '../../charts/database';
import { type Cluster, clusterOf, templateOf } from '../../reachability/cluster';
import { governs, type Pod } from '../../reachability/engine';
import type { Manifest } from '../../reachability/manifest';

/** A kind of server: all workloads that share instance and component. */
export interface Server {
  /** Its component, or the suffix of its instance after the site's name: `web`, `monitoring-service`. */
  readonly name: string;
  /** The program, in its usual spelling. */
  readonly program: string;
  /** Number of pods: `×3`, `×3 to 10`, `on every node`, `on the schedule 0 3 * * *`. */
  readonly count: string;
  /** One entry per pod if their number is fixed: its role (`primary`), or an empty string. */
  readonly pods: readonly string[];
  /** The firewall whose policy admits connections. @default - none */
  readonly firewall?: string;
  /** One pod for each workload. */
  readonly workloads: readonly Pod[];
}

const LABEL = 'app.kubernetes.io/';

/** Every kind of server in the manifests, in their order. */
export function serversOf(manifests: readonly Manifest[], cluster: Cluster = clusterOf(manifests)): Server[] {
  const groups = new Map<string, Manifest[]>();
  for (const object of manifests) {
    const labels = templateOf(object)?.metadata.labels;
    if (labels) groups.set(nameOf(labels), [...(groups.get(nameOf(labels)) ?? []), object]);
  }
  return [...groups].map(([name, objects]) => {
    const names = objects.map(({ metadata }) => `${metadata.namespace ?? 'default'}/${metadata.name}`);
    const workloads = cluster.pods.filter((pod) => names.includes(pod.name));
    const programs = objects.map((object) => programOf(templateOf(object)?.metadata.labels ?? {}));
    return {
      name,
      program: [...new Set(programs)].join(', '),
      count: [...new Set(objects.map((object) => countOf(object, manifests)))].join(', '),
      pods: objects.flatMap((object) => podsOf(object)),
      firewall: firewallAround(workloads, cluster),
      workloads,
    };
  });
}

function nameOf(labels: Readonly<Record<string, string>>): string {
  const { [`${LABEL}component`]: component, [`${LABEL}instance`]: instance, [`${LABEL}part-of`]: site } = labels;
  if (instance && site && instance !== site) return instance.replace(`${site}-`, '');
  return component ?? instance ?? Object.values(labels).join(' ');
}

const SPELLING: Readonly<Record<string, string>> = {
  haproxy: 'HAProxy',
  mysql: 'MySQL',
  node: 'Node.js',
  'opentelemetry-collector': 'OpenTelemetry Collector',
};

function programOf(labels: Readonly<Record<string, string>>): string {
  const name = labels[`${LABEL}name`] ?? '';
  return SPELLING[name] ?? name.charAt(0).toUpperCase() + name.slice(1);
}

function countOf({ kind, metadata, spec }: Manifest, manifests: readonly Manifest[]): string {
  if (kind === 'DaemonSet') return 'on every node';
  if (kind === 'CronJob') return `on the schedule ${spec.schedule}`;
  if (kind === 'Job') return 'once';
  const scaler = manifests.find(
    (object) =>
      object.kind === 'HorizontalPodAutoscaler' &&
      object.metadata.namespace === metadata.namespace &&
      object.spec.scaleTargetRef.kind === kind &&
      object.spec.scaleTargetRef.name === metadata.name,
  );
  return scaler
    ? `×${scaler.spec.minReplicas ?? 1} to ${scaler.spec.maxReplicas}`
    : `×${kind === 'Pod' ? 1 : (spec.replicas ?? 1)}`;
}

const HAVE_REPLICAS = ['Deployment', 'StatefulSet', 'ReplicaSet'];

function podsOf({ kind, metadata, spec }: Manifest): string[] {
  if (!HAVE_REPLICAS.includes(kind)) return [];
  const topology = metadata.annotations?.[TOPOLOGY_ANNOTATION];
  return Array.from({ length: spec.replicas ?? 1 }, (_, i) => {
    if (topology === undefined) return '';
    return topology === 'group' ? 'member' : i === 0 ? 'primary' : 'replica';
  });
}

/** Policies are named `<firewall>-firewall-<tier>`. */
function firewallAround(pods: readonly Pod[], { policies }: Cluster): string | undefined {
  const opening = policies.filter(
    (policy) => (policy.ingress ?? []).length > 0 && pods.some((pod) => governs(policy, pod)),
  );
  return opening.map(({ name }) => /^(.+)-firewall-/.exec(name)?.[1]).find((firewall) => firewall !== undefined);
}
