import { everyContainer, everyPod, type Node, type Rule } from './rule';

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

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, field by field. */
export const podSecurityRules: readonly Rule[] = [
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
    'containers open no port of the node, and their probes and hooks ask no other host',
    ({ ports = [], livenessProbe, readinessProbe, startupProbe, lifecycle }) => [
      ...ports.map(({ hostPort }: Node) => hostPort && `hostPort ${hostPort}`),
      ...Object.entries<Node>({ livenessProbe, readinessProbe, startupProbe, ...lifecycle }).map(
        ([name, asks]) => (asks?.httpGet?.host ?? asks?.tcpSocket?.host) && `${name} names a host`,
      ),
    ],
    (container) => {
      container.ports = [{ containerPort: 80, hostPort: 80 }];
    },
  ),
];
