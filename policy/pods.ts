import { type TierName, tiersOf, uidOf } from '../charts/topology';
import { healthOf } from '../config/app-facts';
import { tierFinder } from '../proof/places';
import { everyContainer, everyPod, type Node, type Rule, type Template } from './rule';
import { mountsVolumes, userFaults } from './volume-backups';

/** Volumes that Pod Security `restricted` accepts. */
const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];
const COMPONENTS = ['load-balancer', 'web', 'app', 'worker', 'database', 'monitoring', 'backup'];

/** Workloads whose pods run until they are done: readiness does not matter for them. */
const ENDS = ['Job', 'CronJob'];

/** Tiers that run the image of the app, and so its user. */
const OF_APP: readonly (TierName | undefined)[] = ['app', 'worker'];

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, field by field. */
const podSecurity: readonly Rule[] = [
  everyPod(
    'pods share no network, processes or users with the node',
    ({ spec }) => ['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => spec[field]),
    (spec) => {
      spec.hostPID = true;
    },
  ),
  everyPod(
    'volumes are of the kinds that Pod Security restricted accepts',
    ({ spec }) =>
      (spec.volumes ?? []).flatMap(({ name, ...source }: Node) =>
        Object.keys(source)
          .filter((kind) => !VOLUMES.includes(kind))
          .map((kind) => `volume ${name} is a ${kind}`),
      ),
    (spec) => {
      spec.volumes = [{ name: 'node', hostPath: { path: '/' } }];
    },
  ),
  everyPod(
    'pods run as a user that is not root, under the seccomp profile of the runtime, with no other kernel settings',
    ({ spec: { securityContext: context = {} } }) => [
      context.runAsNonRoot !== true && 'runAsNonRoot is not true',
      context.seccompProfile?.type !== 'RuntimeDefault' && 'no seccomp profile',
      context.sysctls && 'sets sysctls',
      (context.seLinuxOptions || context.appArmorProfile || context.windowsOptions) && 'sets another security module',
    ],
    (spec) => {
      spec.securityContext.seccompProfile.type = 'Unconfined';
    },
  ),
  everyContainer(
    'containers drop every capability and never gain a privilege',
    ({ securityContext: context = {} }) => [
      context.allowPrivilegeEscalation !== false && 'may escalate',
      context.privileged && 'privileged',
      String(context.capabilities?.drop) !== 'ALL' && 'does not drop ALL',
      context.capabilities?.add && 'adds capabilities',
      context.procMount && 'sets procMount',
      context.runAsNonRoot === false && 'may be root',
      context.seccompProfile && context.seccompProfile.type !== 'RuntimeDefault' && 'another seccomp profile',
    ],
    (container) => {
      container.securityContext.capabilities.add = ['NET_RAW'];
    },
  ),
  everyContainer(
    'containers open no port of the node, and their probes ask no other host',
    (container) => [
      ...(container.ports ?? []).map(({ hostPort }: Node) => hostPort && `hostPort ${hostPort}`),
      ...['livenessProbe', 'readinessProbe', 'startupProbe'].map(
        (probe) => (container[probe]?.httpGet?.host ?? container[probe]?.tcpSocket?.host) && `${probe} names a host`,
      ),
    ],
    (container) => {
      container.ports = [{ containerPort: 80, hostPort: 80 }];
    },
  ),
];

const userOf = ({ spec, containers }: Template): Node[] => [
  spec.securityContext?.runAsUser,
  spec.securityContext?.runAsGroup,
  spec.securityContext?.fsGroup,
  ...containers.flatMap(({ securityContext }) => [securityContext?.runAsUser, securityContext?.runAsGroup]),
];

/** What must be true of every pod. */
export const podRules: readonly Rule[] = [
  ...podSecurity,
  everyPod(
    'each tier has a user and group of its own above 10000',
    (template, { config }) => {
      const tier = tierFinder(config)(podOf(template));
      const uids = new Set(userOf(template).filter((id) => id !== undefined));
      const [uid] = uids;
      const same = tiersOf(config).filter((other) => uidOf(other, config) === uid);
      const isApp = OF_APP.includes(tier);
      if (tier === 'backup' && mountsVolumes(template, config)) return userFaults(template, config);
      return [
        tier === undefined && 'belongs to no tier',
        userOf(template).slice(0, 3).includes(undefined) && 'user or group is not fixed',
        uids.size !== 1 && `several users: ${[...uids]}`,
        !(uid > 10000) && !(isApp && uid === config.app.user && uid > 0) && `user ${uid}`,
        !(same.length === 1 || same.every((other) => OF_APP.includes(other))) && `user ${uid} of ${same.join(' and ')}`,
        !same.some((other) => other === tier) && `user ${uid} is that of ${same.join(' and ') || 'no tier'}`,
      ];
    },
    (spec) => {
      spec.securityContext.runAsUser = 999;
    },
  ),
  everyPod(
    'pods belong to no group of root',
    ({ spec: { securityContext: context = {} } }) => [
      ...(context.supplementalGroups ?? []).map((id: number) => id === 0 && 'supplementalGroups 0'),
      (context.runAsGroup === 0 || context.fsGroup === 0) && 'group 0',
    ],
    (spec) => {
      spec.securityContext.supplementalGroups = [0];
    },
  ),
  everyPod(
    'folders of the node are mounted read-only',
    ({ spec, containers }) => {
      const ofNode = (spec.volumes ?? []).filter((volume: Node) => volume.hostPath).map(({ name }: Node) => name);
      return containers.flatMap(({ volumeMounts = [] }) =>
        volumeMounts.map(
          (mount: Node) => ofNode.includes(mount.name) && mount.readOnly !== true && `${mount.name} is writable`,
        ),
      );
    },
    (spec) => {
      spec.volumes = [{ name: 'node', hostPath: { path: '/' } }];
      spec.containers[0].volumeMounts = [{ name: 'node', mountPath: '/node' }];
    },
  ),
  everyContainer(
    'containers request and limit cpu, memory and ephemeral storage',
    ({ resources }) =>
      ['requests', 'limits'].flatMap((list) =>
        ['cpu', 'memory', 'ephemeral-storage'].map((name) => !resources?.[list]?.[name] && `no ${list}.${name}`),
      ),
    (container) => delete container.resources.limits['ephemeral-storage'],
  ),
  everyContainer(
    'the root file system is read-only',
    ({ securityContext }) => securityContext?.readOnlyRootFilesystem !== true && 'writable',
    (container) => {
      container.securityContext.readOnlyRootFilesystem = false;
    },
  ),
  everyPod(
    'pods hold no token of the Kubernetes API',
    ({ spec }) => [
      spec.automountServiceAccountToken !== false && 'mounts a token',
      ...(spec.volumes ?? []).flatMap(({ name, projected }: Node) =>
        (projected?.sources ?? []).map(
          ({ serviceAccountToken }: Node) => serviceAccountToken && `${name} projects a token`,
        ),
      ),
    ],
    (spec) => delete spec.automountServiceAccountToken,
  ),
  everyPod(
    'a pod that holds a token has a ServiceAccount of its own, any other has none',
    ({ spec }) =>
      (spec.automountServiceAccountToken === true) !== (spec.serviceAccountName !== undefined) &&
      'token without an account, or the reverse',
    (spec) => {
      spec.serviceAccountName = 'default';
    },
  ),
  everyContainer(
    'images are those of the table and of the app, never latest, pulled as the environment says',
    ({ image, imagePullPolicy }, _, { config, added }) => [
      ![...Object.values(config.images), config.app.image, ...(added?.images ?? [])].includes(image) &&
        `image ${image} is not in the table`,
      !/(:(?!latest$)[^/:]+|@sha256:\w{64})$/.test(image) && `image ${image} is not pinned`,
      imagePullPolicy !== config.imagePullPolicy && `pulled ${imagePullPolicy}`,
    ],
    (container) => {
      container.image = 'docker.io/library/nginx:latest';
    },
  ),
  everyPod(
    'liveness and readiness ask different questions',
    ({ spec, workload, labels }, { config: { app } }) =>
      // a worker has no port to probe, and a TCP check of an app only detects an ended process, which the kubelet
      // notices by itself
      ENDS.includes(workload.kind) || labels['app.kubernetes.io/component'] === 'worker'
        ? []
        : spec.containers.flatMap(({ name, livenessProbe, readinessProbe }: Node) => [
            !livenessProbe && !(name === 'app' && !healthOf(app).live) && `${name}: no liveness probe`,
            !readinessProbe && `${name}: no readiness probe`,
            livenessProbe &&
              questionOf(livenessProbe) === questionOf(readinessProbe) &&
              `${name}: the same question twice`,
          ]),
    (spec) => {
      spec.containers[0].livenessProbe = spec.containers[0].readinessProbe;
    },
  ),
  everyPod(
    'pods bear every label, and a component of the whiteboard',
    ({ labels }, { config }) => [
      ...['name', 'instance', 'component', 'part-of', 'managed-by']
        .map((label) => `app.kubernetes.io/${label}`)
        .filter((label) => !labels[label]),
      !COMPONENTS.includes(labels['app.kubernetes.io/component'] ?? '') && 'unknown component',
      labels['app.kubernetes.io/part-of'] !== config.name && 'part of something else',
    ],
    (_, template) => delete template.metadata.labels['app.kubernetes.io/part-of'],
  ),
  everyPod(
    'temporary volumes have a size limit',
    ({ spec }) =>
      (spec.volumes ?? []).map(({ name, emptyDir }: Node) => emptyDir && !emptyDir.sizeLimit && `${name} has no limit`),
    (spec) => {
      spec.volumes = [{ name: 'tmp', emptyDir: {} }];
    },
  ),
  everyPod(
    'no Service addresses in the environment, and a stated time to stop',
    ({ spec }) => [
      spec.enableServiceLinks !== false && 'enableServiceLinks',
      !spec.terminationGracePeriodSeconds && 'terminationGracePeriodSeconds',
    ],
    (spec) => delete spec.terminationGracePeriodSeconds,
  ),
];

const podOf = ({ workload, name, labels }: Template) => ({
  kind: 'pod' as const,
  name,
  namespace: workload.metadata.namespace ?? 'default',
  labels,
  ports: [],
});

const questionOf = ({ httpGet, exec, tcpSocket, grpc }: Node = {}): string =>
  JSON.stringify({ httpGet, exec, tcpSocket, grpc });
