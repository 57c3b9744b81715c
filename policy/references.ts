import type { Config } from '../config';
import type { Manifest } from '../reachability/manifest';
import { everyContainer, everyObject, everyPod, type Node, type Rule, type Template, templatesOf } from './rule';

interface Reference {
  readonly kind: 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim' | 'ServiceAccount';
  readonly name: string;
  /** Keys that must exist in it. */
  readonly keys: readonly string[];
}

const keysOf = (items: Node): string[] => (items ?? []).map(({ key }: Node) => key);

/** Every object that a pod cannot start without. */
function referencesOf({ spec, containers }: Template): Reference[] {
  const sources: Node[] = (spec.volumes ?? []).flatMap((volume: Node) => [
    volume,
    ...(volume.projected?.sources ?? []),
  ]);
  return [
    ...sources.flatMap(({ configMap, secret, persistentVolumeClaim }): Reference[] => [
      ...(configMap ? [{ kind: 'ConfigMap' as const, name: configMap.name, keys: keysOf(configMap.items) }] : []),
      ...(secret
        ? [{ kind: 'Secret' as const, name: secret.secretName ?? secret.name, keys: keysOf(secret.items) }]
        : []),
      ...(persistentVolumeClaim
        ? [{ kind: 'PersistentVolumeClaim' as const, name: persistentVolumeClaim.claimName, keys: [] }]
        : []),
    ]),
    ...containers.flatMap(({ env = [], envFrom = [] }): Reference[] => [
      ...env.flatMap(({ valueFrom: { configMapKeyRef: c, secretKeyRef: s } = {} as Node }: Node) => [
        ...(c ? [{ kind: 'ConfigMap', name: c.name, keys: [c.key] }] : []),
        ...(s ? [{ kind: 'Secret', name: s.name, keys: [s.key] }] : []),
      ]),
      ...envFrom.flatMap(({ configMapRef: c, secretRef: s }: Node) => [
        ...(c ? [{ kind: 'ConfigMap', name: c.name, keys: [] }] : []),
        ...(s ? [{ kind: 'Secret', name: s.name, keys: [] }] : []),
      ]),
    ]),
    ...(spec.serviceAccountName ? [{ kind: 'ServiceAccount' as const, name: spec.serviceAccountName, keys: [] }] : []),
  ];
}

/** Secrets that a namespace holds once `npm run secrets` or another tool has made them. */
const secretsIn = (namespace: string | undefined, { name, secrets: s, app }: Config): string[] =>
  namespace === name
    ? [
        ...[s.siteTls, s.databaseTls, s.databaseUsers, s.backup, s.appTls, s.webClientTls, s.appRandom, s.appSupplied],
        ...Object.values(app.env).flatMap((value) => (typeof value === 'string' ? [] : [value.secret])),
      ]
    : [s.databaseMonitoring, s.monitoringService];

const find = (manifests: readonly Manifest[], kind: string, name: string, namespace?: string): Manifest | undefined =>
  manifests.find((o) => o.kind === kind && o.metadata.name === name && o.metadata.namespace === namespace);

const portNames = (containers: readonly Node[]): string[] =>
  containers.flatMap(({ ports }) => (ports ?? []).flatMap(({ name }: Node) => name ?? []));

/** References within a pod, which its template alone answers. */
export const podReferenceRules: readonly Rule[] = [
  everyPod(
    'every volume is mounted and every mount has its volume, each path once',
    ({ spec, containers, workload }) => {
      const claims: Node[] = workload.kind === 'StatefulSet' ? (workload.spec.volumeClaimTemplates ?? []) : [];
      const volumes: string[] = [
        ...(spec.volumes ?? []).map(({ name }: Node) => name),
        ...claims.map((c) => c.metadata.name),
      ];
      const mounted: string[] = containers.flatMap(({ volumeMounts }) =>
        (volumeMounts ?? []).map(({ name }: Node) => name),
      );
      return [
        ...volumes.map((name, i) => volumes.indexOf(name) !== i && `two volumes ${name}`),
        ...volumes.map((name) => !mounted.includes(name) && `volume ${name} is not mounted`),
        ...mounted.map((name) => !volumes.includes(name) && `no volume ${name}`),
        ...containers.flatMap(({ volumeMounts = [] }) => {
          const paths = volumeMounts.map(({ mountPath, subPath }: Node) => `${mountPath} ${subPath ?? ''}`);
          return paths.map((path: string, i: number) => paths.indexOf(path) !== i && `two mounts at ${path}`);
        }),
      ];
    },
    (spec) => {
      spec.containers[0].volumeMounts = [{ name: 'missing', mountPath: '/missing' }];
    },
  ),
  everyContainer(
    'probes and hooks ask ports that their container opens',
    (container) =>
      ['livenessProbe', 'readinessProbe', 'startupProbe'].map((probe) => {
        const port = container[probe]?.httpGet?.port ?? container[probe]?.tcpSocket?.port;
        return typeof port === 'string' && !portNames([container]).includes(port) && `${probe}: no port ${port}`;
      }),
    (container) => {
      container.livenessProbe = { httpGet: { path: '/', port: 'missing' } };
    },
  ),
  everyPod(
    'names of containers and ports are given once',
    ({ containers }) => {
      const names = [
        ...containers.map(({ name }) => `container ${name}`),
        ...portNames(containers).map((p) => `port ${p}`),
      ];
      return names.filter((name, i) => names.indexOf(name) !== i);
    },
    (spec) => spec.containers.push({ name: spec.containers[0].name }),
  ),
];

/** What must be true of every name by which one object refers to another. */
export const referenceRules: readonly Rule[] = [
  ...podReferenceRules,
  everyPod(
    'every ConfigMap, claim and ServiceAccount that a pod needs exists in its namespace, with the keys it names',
    (template, { manifests, config }) =>
      referencesOf(template)
        .filter(({ kind }) => kind !== 'Secret')
        .flatMap(({ kind, name, keys }) => {
          const { code } = config.app;
          if (kind === 'PersistentVolumeClaim' && code.source === 'claim' && name === code.claimName) return [];
          const found = find(manifests, kind, name, template.workload.metadata.namespace);
          const data: object = (found?.data as object | undefined) ?? {};
          return [
            !found && `no ${kind} ${name}`,
            ...keys.map((key) => found && !(key in data) && `no key ${key} in ${name}`),
          ];
        }),
    (spec) => {
      spec.serviceAccountName = 'missing';
    },
  ),
  everyPod(
    "every Secret that a pod needs is one of the configuration's, in the namespace where it is made, or was added",
    (template, { config, added }) => {
      const known = [...secretsIn(template.workload.metadata.namespace, config), ...(added?.secrets ?? [])];
      return referencesOf(template).map(
        ({ kind, name }) => kind === 'Secret' && !known.includes(name) && `Secret ${name}`,
      );
    },
    (spec) => {
      spec.volumes = [{ name: 'secret', secret: { secretName: 'other' } }];
    },
  ),
  everyObject(
    'a Service leads to ports that its pods open',
    (object, { manifests }) =>
      object.kind === 'Service' &&
      templatesOf(manifests)
        .filter(({ workload }) => workload.metadata.namespace === object.metadata.namespace)
        .filter(({ labels }) => selectsPods(object, labels))
        .flatMap(({ containers }) =>
          object.spec.ports.map(({ port, targetPort = port }: Node) => {
            const open = containers.flatMap(({ ports = [] }) => ports.flatMap((p: Node) => [p.name, p.containerPort]));
            return !open.includes(targetPort) && `no port ${targetPort}`;
          }),
        ),
    (manifests) => {
      manifests.find(({ kind }) => kind === 'Service').spec.ports[0].targetPort = 'missing';
    },
  ),
  everyObject(
    'a StatefulSet has its headless Service',
    ({ kind, spec, metadata }, { manifests }) =>
      kind === 'StatefulSet' &&
      find(manifests, 'Service', spec.serviceName, metadata.namespace)?.spec.clusterIP !== 'None' &&
      `no headless Service ${spec.serviceName}`,
    (manifests) =>
      manifests.push({
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name: 'x' },
        spec: { serviceName: 'x', template: { spec: { containers: [] } } },
      }),
  ),
  everyObject(
    'a binding gives a role that exists to an account that exists',
    (object, { manifests }) => {
      if (!object.kind.endsWith('RoleBinding')) return [];
      const role: Node = object.roleRef;
      const inside = role.kind === 'Role' ? object.metadata.namespace : undefined;
      return [
        !find(manifests, role.kind, role.name, inside) && `no ${role.kind} ${role.name}`,
        ...((object.subjects ?? []) as Node[]).map(
          (s) =>
            !(s.kind === 'ServiceAccount' && find(manifests, s.kind, s.name, s.namespace)) &&
            `no ${s.kind} ${s.namespace}/${s.name}`,
        ),
      ];
    },
    (manifests) =>
      manifests.push({
        kind: 'RoleBinding',
        metadata: { name: 'x' },
        roleRef: { kind: 'Role', name: 'missing' },
        subjects: [],
      }),
  ),
  everyObject(
    'nothing lies about: every file, account and role is used',
    (object, { manifests }) => {
      const used = (kind: string) =>
        templatesOf(manifests)
          .filter(({ workload }) => workload.metadata.namespace === object.metadata.namespace)
          .some((template) => referencesOf(template).some((r) => r.kind === kind && r.name === object.metadata.name));
      if (object.kind === 'ConfigMap' || object.kind === 'ServiceAccount')
        return !used(object.kind) && 'no pod uses it';
      if (!/^(Cluster)?Role$/.test(object.kind)) return [];
      return !manifests.some((o) => (o.roleRef as Node)?.name === object.metadata.name) && 'it has no subject';
    },
    (manifests) => manifests.push({ kind: 'ConfigMap', metadata: { name: 'unused' } }),
  ),
];

const selectsPods = ({ spec }: Manifest, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(spec.selector ?? {}).every(
    ([key, value]) => key === 'statefulset.kubernetes.io/pod-name' || labels[key] === value,
  );
