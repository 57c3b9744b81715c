import { cores } from '../config/fields';
import type { Config, Placement, PodSettings, Resources } from '../config/schema';
import * as k8s from '../imports/k8s';
import { labelsOf } from './names';
import { affinityOf, spreadOverNodes } from './placing';
import { scratchMayGo } from './scale-down';
import { portsOf, type TierName, uidOf } from './topology';

export { apartFrom } from './placing';

/** A container before hardening: image, command, ports, probes and mounts; everything else is added here. */
export type ContainerProps = Omit<k8s.Container, 'resources' | 'securityContext' | 'imagePullPolicy'> & {
  readonly resources: Resources;
};

/** The tier-specific part of a pod; `hardenedPod` adds the rest. */
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
  readonly placement?: Partial<Placement>;
  /** Labels and annotations from the configuration. @default - nothing */
  readonly pods?: PodSettings;
  /** @default - no affinity beyond the spread over nodes and what `placement` asks for */
  readonly affinity?: k8s.Affinity;
  /** ServiceAccount whose token the pod needs. @default - the namespace's `default` account, its token not mounted */
  readonly serviceAccountName?: string;
  /** @default - no annotation */
  readonly annotations?: Record<string, string>;
  /** Labels beside those of the tier. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** User and group of its processes, and of files on its volumes, where they are another tier's. @default - the tier's own */
  readonly as?: { readonly user: number; readonly group: number };
  /** Supplementary groups, for files of the node that only a group may read. @default - none */
  readonly supplementalGroups?: readonly number[];
  /** Runs as root, for files of the node that only root may read; without any capability, like every pod. @default false */
  readonly asRoot?: boolean;
  /** SELinux type of its processes. @default - the runtime's own */
  readonly seLinuxType?: string;
  /** Host names with fixed addresses instead of the cluster's DNS. @default - none */
  readonly hostAliases?: readonly k8s.HostAlias[];
  /** Spread over nodes if possible. @default - pods of the tier are spread */
  readonly spread?: boolean;
}

/**
 * A pod template that passes Pod Security `restricted`: fixed non-root uid, no capability, no escalation, read-only
 * root, the runtime's seccomp profile, no API token unless asked for.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function hardenedPod(props: PodProps): k8s.PodTemplateSpec {
  const { tier, config, placement, pods, asRoot = false } = props;
  const own = uidOf(tier, config);
  const { user, group } = props.as ?? { user: own, group: own };
  const { imagePullSecrets } = config;
  return {
    metadata: {
      labels: { ...pods?.labels, ...labelsOf(tier, config), ...props.labels },
      annotations: unlessEmpty({ ...scratchMayGo(props.volumes), ...pods?.annotations, ...props.annotations }),
    },
    spec: {
      serviceAccountName: props.serviceAccountName,
      automountServiceAccountToken: props.serviceAccountName !== undefined,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: props.terminationGracePeriodSeconds,
      securityContext: {
        runAsNonRoot: !asRoot,
        runAsUser: asRoot ? 0 : user,
        runAsGroup: group,
        fsGroup: group,
        fsGroupChangePolicy: 'OnRootMismatch',
        supplementalGroups: props.supplementalGroups ? [...props.supplementalGroups] : undefined,
        seccompProfile: { type: 'RuntimeDefault' },
        seLinuxOptions: props.seLinuxType ? { type: props.seLinuxType } : undefined,
      },
      nodeSelector: unlessEmpty(placement?.nodeSelector ?? {}),
      tolerations: placement?.tolerations?.length ? [...placement.tolerations] : undefined,
      affinity: affinityOf(props.affinity, placement),
      hostAliases: props.hostAliases ? [...props.hostAliases] : undefined,
      topologySpreadConstraints: props.spread === false ? undefined : [spreadOverNodes(tier, config)],
      priorityClassName: pods?.priorityClassName,
      imagePullSecrets: imagePullSecrets.length > 0 ? imagePullSecrets.map((name) => ({ name })) : undefined,
      initContainers: props.initContainers?.map((container) => hardened(container, config, asRoot)),
      containers: props.containers.map((container) => hardened(container, config, asRoot)),
      volumes: props.volumes ? [...props.volumes] : undefined,
    },
  };
}

/** Undefined instead of an empty map, which would appear in the manifests. */
export const unlessEmpty = (map: Record<string, string>): Record<string, string> | undefined =>
  Object.keys(map).length > 0 ? map : undefined;

/** A container with what every container has: no privilege, a read-only root, requests and limits. @param asRoot see `PodProps.asRoot` */
export function hardened({ resources, ...container }: ContainerProps, config: Config, asRoot = false): k8s.Container {
  return {
    ...container,
    imagePullPolicy: config.imagePullPolicy,
    resources: { requests: quantities(resources.requests), limits: quantities(resources.limits) },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: !asRoot,
      capabilities: { drop: ['ALL'] },
    },
  };
}

const quantities = (list: Resources['requests']): Record<string, k8s.Quantity> =>
  Object.fromEntries(Object.entries(list).map(([name, value]) => [name, k8s.Quantity.fromString(value)]));

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

/** Container ports of a tier, named as in the topology: all, or the given ones of a single container. */
export const containerPorts = (tier: TierName, config: Config, names?: readonly string[]): k8s.ContainerPort[] =>
  Object.entries(portsOf(tier, config))
    .filter(([name]) => names === undefined || names.includes(name))
    .map(([name, containerPort]) => ({ name, containerPort }));

/** CPU limit of a tier in whole cores, at least one: a sensible number of threads or workers. */
export const wholeCores = ({ limits }: Resources): number => Math.max(1, Math.ceil(cores(limits.cpu)));

/**
 * How a Deployment rolls: surge one pod, none unavailable, so that the tier keeps its full strength. It counts as
 * failed after three minutes without a pod becoming ready, instead of Kubernetes' ten: Argo CD then calls the site
 * Degraded, and ends a sync that waits for it before an app's release steps.
 */
export const rollout: Pick<k8s.DeploymentSpec, 'strategy' | 'progressDeadlineSeconds'> = {
  strategy: {
    // the default; without it a client-side apply finds something to change each time
    type: 'RollingUpdate',
    rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) },
  },
  progressDeadlineSeconds: 180,
};
