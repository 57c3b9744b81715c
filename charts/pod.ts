import type { Construct } from 'constructs';
import type { Config, Placement, Resources } from '../config/schema';
import * as k8s from '../imports/k8s';
import { labelsOf, selectorOf } from './names';
import { type TierName, tiers } from './topology';

/** A container before hardening. Image, command, ports, probes and mounts are its own; everything else is added here. */
export type ContainerProps = Omit<k8s.Container, 'resources' | 'securityContext' | 'imagePullPolicy'> & {
  readonly resources: Resources;
};

/** What a tier says about its pod; the rest is the same for all and stands in `hardenedPod`. */
export interface PodProps {
  readonly tier: TierName;
  readonly config: Config;
  readonly containers: readonly ContainerProps[];
  /** @default - no init container */
  readonly initContainers?: readonly ContainerProps[];
  /** @default - no volume */
  readonly volumes?: readonly k8s.Volume[];
  /** Time between TERM and KILL, in seconds: longer than the preStop wait and the longest request together. */
  readonly terminationGracePeriodSeconds: number;
  /** @default - every node */
  readonly placement?: Placement;
  /** @default - no affinity beyond the spread over nodes */
  readonly affinity?: k8s.Affinity;
  /** ServiceAccount whose token the pod needs. @default - the namespace's `default` account, its token not mounted */
  readonly serviceAccountName?: string;
  /** @default - no annotation */
  readonly annotations?: Record<string, string>;
  /** Further groups of its processes, where files of the node are readable to a group only. @default - none */
  readonly supplementalGroups?: readonly number[];
  /** Names that lead elsewhere than the cluster's DNS says. @default - none */
  readonly hostAliases?: readonly k8s.HostAlias[];
  /** Spread over nodes, as far as it goes. @default - pods of the tier are spread */
  readonly spread?: boolean;
}

/**
 * A pod template that passes Pod Security `restricted`: fixed non-root uid, no capability, no escalation, read-only
 * root, the runtime's seccomp profile, no API token unless asked for.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function hardenedPod(props: PodProps): k8s.PodTemplateSpec {
  const { tier, config, placement } = props;
  const { uid } = tiers[tier];
  return {
    metadata: { labels: labelsOf(tier, config), annotations: props.annotations },
    spec: {
      serviceAccountName: props.serviceAccountName,
      automountServiceAccountToken: props.serviceAccountName !== undefined,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: props.terminationGracePeriodSeconds,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: uid,
        runAsGroup: uid,
        fsGroup: uid,
        fsGroupChangePolicy: 'OnRootMismatch',
        supplementalGroups: props.supplementalGroups ? [...props.supplementalGroups] : undefined,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      nodeSelector: placement && Object.keys(placement.nodeSelector).length > 0 ? placement.nodeSelector : undefined,
      tolerations: placement && placement.tolerations.length > 0 ? [...placement.tolerations] : undefined,
      affinity: props.affinity,
      hostAliases: props.hostAliases ? [...props.hostAliases] : undefined,
      topologySpreadConstraints:
        props.spread === false ? undefined : [spreadOver(tier, config, 'kubernetes.io/hostname')],
      initContainers: props.initContainers?.map((container) => hardened(container, config)),
      containers: props.containers.map((container) => hardened(container, config)),
      volumes: props.volumes ? [...props.volumes] : undefined,
    },
  };
}

function hardened({ resources, ...container }: ContainerProps, config: Config): k8s.Container {
  return {
    ...container,
    imagePullPolicy: config.imagePullPolicy,
    resources: { requests: quantities(resources.requests), limits: quantities(resources.limits) },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

const quantities = (list: Resources['requests']): Record<string, k8s.Quantity> =>
  Object.fromEntries(Object.entries(list).map(([name, value]) => [name, k8s.Quantity.fromString(value)]));

/** Spread evenly where that can be; a lost node must not keep the pods from running. */
const spreadOver = (tier: TierName, config: Config, topologyKey: string): k8s.TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: selectorOf(tier, config) },
});

/**
 * Where the pods of a tier would rather not run: most of all beside each other, so that a lost node takes one of them, and
 * beside pods of the `others`, as far as there are nodes enough.
 */
export const apartFrom = (tier: TierName, others: readonly TierName[], config: Config): k8s.PodAntiAffinity => ({
  preferredDuringSchedulingIgnoredDuringExecution: [tier, ...others].map((other) => ({
    weight: other === tier ? 100 : 50,
    podAffinityTerm: {
      topologyKey: 'kubernetes.io/hostname',
      labelSelector: { matchLabels: selectorOf(other, config) },
    },
  })),
});

/** Metadata of an object that belongs to a tier. */
export const metadataOf = (tier: TierName, config: Config, name: string): k8s.ObjectMeta => ({
  name,
  labels: labelsOf(tier, config),
});

/** An HTTP probe of a named port. */
export const httpProbe = (path: string, port: string, timing: Omit<k8s.Probe, 'httpGet'> = {}): k8s.Probe => ({
  httpGet: { path, port: k8s.IntOrString.fromString(port) },
  ...timing,
});

/** Container ports of a tier, named as in the topology: all of them, or those that one of its containers listens on. */
export const containerPorts = (tier: TierName, names?: readonly string[]): k8s.ContainerPort[] =>
  Object.entries(tiers[tier].ports)
    .filter(([name]) => names === undefined || names.includes(name))
    .map(([name, containerPort]) => ({ name, containerPort }));

/** CPU limit of a tier in whole cores, at least one: how many threads or workers are worth starting. */
export const wholeCores = ({ limits }: Resources): number =>
  Math.max(1, Math.ceil(limits.cpu.endsWith('m') ? Number.parseInt(limits.cpu, 10) / 1000 : Number(limits.cpu)));

/**
 * Disruption budget of a tier: one pod at a time. Nothing to keep up where there is one pod only. A pod that serves nobody
 * may always go, or a tier without a ready pod would keep its nodes from being drained; a database that is not ready may
 * hold the newest rows or a group's majority, so it waits for the others.
 * @see https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy
 */
export function disruptionBudget(scope: Construct, tier: TierName, config: Config, replicas: number): void {
  if (replicas < 2) return;
  new k8s.KubePodDisruptionBudget(scope, 'budget', {
    metadata: metadataOf(tier, config, tier),
    spec: {
      selector: { matchLabels: selectorOf(tier, config) },
      maxUnavailable: k8s.IntOrString.fromNumber(1),
      unhealthyPodEvictionPolicy: tier === 'database' ? 'IfHealthyBudget' : 'AlwaysAllow',
    },
  });
}

/**
 * How a Deployment rolls: one pod more, none less, so that the tier serves at full strength throughout. It is called hanging
 * after three minutes in which no pod became ready, where Kubernetes waits ten: Argo CD then ends the sync, and takes the
 * commit that mends it.
 */
export const rollout: Pick<k8s.DeploymentSpec, 'strategy' | 'progressDeadlineSeconds'> = {
  strategy: {
    rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) },
  },
  progressDeadlineSeconds: 180,
};
