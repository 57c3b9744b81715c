import { type TierName, tiersOf, uidOf } from '../charts/topology';
import { healthOf } from '../config/app-facts';
import { tierFinder } from '../proof/places';
import { podSecurityRules } from './pod-security';
import { everyContainer, everyPod, type Node, type Rule, type Template } from './rule';
import { ENDS, templateRules } from './templates';
import { mountsVolumes, userFaults } from './volume-backups';

const COMPONENTS = ['load-balancer', 'web', 'app', 'worker', 'database', 'monitoring', 'backup'];

/** Tiers that run the image of the app, and so its user. */
const OF_APP: readonly (TierName | undefined)[] = ['app', 'worker'];

const userOf = ({ spec, containers }: Template): Node[] => [
  spec.securityContext?.runAsUser,
  spec.securityContext?.runAsGroup,
  spec.securityContext?.fsGroup,
  ...containers.flatMap(({ securityContext }) => [securityContext?.runAsUser, securityContext?.runAsGroup]),
];

/** What must be true of every pod. */
export const podRules: readonly Rule[] = [
  ...podSecurityRules,
  ...templateRules,
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
      (spec.automountServiceAccountToken === true) !==
        ((spec.serviceAccountName ?? spec.serviceAccount) !== undefined) && 'token without an account, or the reverse',
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
