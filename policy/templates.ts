import { everyContainer, everyPod, type Node, type Rule } from './rule';

/** Workloads whose pods run until they are done. */
export const ENDS: readonly string[] = ['Job', 'CronJob'];

/** Fields that the API server refuses in the template of any workload, or in each pod that is made of it. */
const NOT_IN_TEMPLATES = ['ephemeralContainers', 'priority', 'overhead'];

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Names that a list holds more than once. */
const twice = (names: readonly string[]): string[] => names.filter((name, i) => names.indexOf(name) !== i);

/** A Kubernetes quantity in its base unit, undefined if it is none. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
function amount(text: unknown): number | undefined {
  const [, number, unit = ''] =
    /^((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)([numk]|[MGTPE]|[KMGTPE]i)?$/.exec(String(text)) ?? [];
  const power = ' kMGTPE'.indexOf(unit.charAt(0).replace('K', 'k') || ' ');
  if (number === undefined) return undefined;
  const part = { n: 1e-9, u: 1e-6, m: 1e-3 }[unit];
  return Number(number) * (part ?? (unit.endsWith('i') ? 1024 : 1000) ** power);
}

/** What the API server, or a node, takes of a pod: what breaks one of these is found when it is applied, or when no pod starts. */
export const templateRules: readonly Rule[] = [
  everyPod(
    'pods start again as their workload wants it, and set nothing that Kubernetes refuses in a template',
    ({ spec, workload: { kind } }) => {
      const ends = ENDS.includes(kind);
      const { restartPolicy = 'Always', os, activeDeadlineSeconds } = spec;
      return [
        !(ends ? ['OnFailure', 'Never'] : ['Always']).includes(restartPolicy) && `restartPolicy ${restartPolicy}`,
        !ends && activeDeadlineSeconds !== undefined && 'sets activeDeadlineSeconds',
        ...NOT_IN_TEMPLATES.map((field) => spec[field] !== undefined && `sets ${field}`),
        os && os.name !== 'linux' && `os ${os.name}`,
      ];
    },
    (spec) => {
      spec.restartPolicy = 'Sometimes';
    },
  ),
  everyPod(
    'pods ask the DNS of the cluster, the only one that the firewalls open',
    ({ spec: { dnsPolicy = 'ClusterFirst', dnsConfig } }) =>
      !(
        ['ClusterFirst', 'ClusterFirstWithHostNet'].includes(dnsPolicy) ||
        (dnsPolicy === 'None' && dnsConfig?.nameservers?.length > 0)
      ) && `dnsPolicy ${dnsPolicy}`,
    (spec) => {
      spec.dnsPolicy = 'Default';
    },
  ),
  everyPod(
    'containers see no processes of others: /proc shows their variables and files',
    ({ spec }) => spec.shareProcessNamespace && 'shareProcessNamespace',
    (spec) => {
      spec.shareProcessNamespace = true;
    },
  ),
  everyPod(
    'init containers end, or are sidecars; only what goes on has probes',
    ({ spec: { containers, initContainers = [] } }) => [
      ...containers.map(({ name, restartPolicy }: Node) => restartPolicy && `${name}: restartPolicy`),
      ...initContainers.flatMap(({ name, restartPolicy, ...rest }: Node) =>
        restartPolicy === 'Always'
          ? []
          : ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'].map(
              (field) => rest[field] && `${name}: ${field}`,
            ),
      ),
    ],
    (spec) => {
      spec.containers[0].restartPolicy = 'Always';
    },
  ),
  everyPod(
    'a volume has one source',
    ({ spec: { volumes = [] } }) =>
      volumes.map(({ name, ...sources }: Node) => {
        const kinds = Object.keys(sources);
        return kinds.length !== 1 && `volume ${name}: ${kinds.join(' and ') || 'none'}`;
      }),
    (spec) => {
      spec.volumes = [{ name: 'scratch' }];
    },
  ),
  everyContainer(
    'mounts have a path below the root, and reach no others',
    ({ volumeMounts = [] }) =>
      volumeMounts.flatMap(({ name, mountPath, subPath = '', mountPropagation }: Node) => [
        !/^\/+[^/:][^:]*$/.test(mountPath) && `${name} at ${mountPath}`,
        (subPath.startsWith('/') || subPath.split('/').includes('..')) && `${name}: subPath ${subPath}`,
        mountPropagation === 'Bidirectional' && `${name}: ${mountPropagation}`,
      ]),
    (container) => {
      container.volumeMounts = [{ name: 'scratch', mountPath: '/' }];
    },
  ),
  everyContainer(
    'what containers request is not more than their limit',
    ({ resources: { requests = {}, limits = {} } = {} as Node }) =>
      Object.keys({ ...requests, ...limits }).map((name) => {
        const [least, most] = [amount(requests[name] ?? 0), amount(limits[name] ?? Number.MAX_VALUE)];
        const holds = least !== undefined && most !== undefined && least <= most;
        return !holds && `${name}: requests ${requests[name]}, limit ${limits[name]}`;
      }),
    (container) => {
      container.resources.requests.memory = '1000Ti';
    },
  ),
  everyContainer(
    'names of containers are DNS labels, and each variable is given once',
    ({ name, env = [] }) => [
      !LABEL.test(name) && 'must be a DNS label',
      ...env.map((one: Node) => !/^[^=]+$/.test(one.name) && `variable "${one.name}"`),
      ...twice(env.map((one: Node) => one.name)).map((one) => `two variables ${one}`),
    ],
    (container) => {
      container.env = ['A', 'A'].map((name) => ({ name, value: '' }));
    },
  ),
  everyPod(
    'each port is opened by one container',
    ({ spec, containers }) => {
      const ended: Node[] = (spec.initContainers ?? []).filter((one: Node) => one.restartPolicy !== 'Always');
      const ports: Node[] = containers.filter((one) => !ended.includes(one)).flatMap((one) => one.ports ?? []);
      return [
        ...ports.map(({ containerPort: port }) => !(port >= 1 && port <= 65535) && `port ${port}`),
        ...twice(ports.map((one) => `${one.containerPort}/${one.protocol ?? 'TCP'}`)).map((one) => `two ports ${one}`),
      ];
    },
    (spec) => {
      spec.containers[0].ports = [{ containerPort: 0 }];
    },
  ),
];
