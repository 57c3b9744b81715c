import { backupsFollowApp, claimOf, volumesInBackups } from '../../config/app-facts';
import { bytes } from '../../config/fields';
import type { Config, Resources } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { beside } from '../placing';
import { type ContainerProps, hardenedPod, type PodProps } from '../pod';
import { tiers, uidOf } from '../topology';
import { places } from './places';
import { secretKeys } from './store';

const TIER = 'backup';

/** The settings of an environment that has backups. */
export type WithBackup = Config & { readonly backup: NonNullable<Config['backup']> };

/** Label that distinguishes pods of a Deployment from those of the jobs. */
export const KIND_LABEL = 'threewall.dev/backup';

/** Name of the claim of a store of type `claim`. */
export const CLAIM = 'backups';

/** What a pod does with the app's volumes: a backup reads them, a restore writes to them. */
export type VolumeUse = 'read' | 'write';

/** What a container of MySQL's image may read of the databases' Secrets. */
export type Reads = 'account' | 'certificate' | 'nothing';

/** A container that runs a script with MySQL's own programs: it knows nothing of the repository. */
export const withMysql = (
  name: string,
  command: readonly string[],
  reads: Reads,
  resources: Resources,
  config: WithBackup,
): ContainerProps => ({
  name,
  image: config.images.mysql,
  command: ['bash', ...script(command)],
  resources: withRoom(resources, config),
  env: [{ name: 'TMPDIR', value: places.run }],
  volumeMounts: [
    ...shared,
    ...(reads === 'account' ? [{ name: 'database-user', mountPath: places.users, readOnly: true }] : []),
    ...(reads === 'account' ? [{ name: 'database-ca', mountPath: places.tls, readOnly: true }] : []),
    ...(reads === 'certificate' ? [{ name: 'database-tls', mountPath: places.tls, readOnly: true }] : []),
    { name: 'run', mountPath: places.run },
  ],
  terminationMessagePolicy: 'FallbackToLogsOnError',
});

/** What a container of restic's image mounts. */
interface Mounts {
  /** The app's volumes. @default - none */
  readonly volumes?: VolumeUse;
  /** The repositories and their keys. @default true */
  readonly repository?: boolean;
}

/** A container that runs a script with restic: it holds the repository's keys, and no password of the databases. */
export const withRestic = (
  name: string,
  command: readonly string[],
  config: WithBackup,
  { volumes, repository = true }: Mounts = {},
): ContainerProps => ({
  name,
  image: config.images.restic,
  command: ['sh', ...script(command)],
  resources: withRoom(config.backup.resources, config),
  volumeMounts: [
    ...shared,
    ...(repository ? repositoryMounts(config) : []),
    ...(volumes
      ? volumesInBackups(config).map((one) => ({
          name: `volume-${one}`,
          mountPath: `${places.volumes}/${one}`,
          readOnly: volumes === 'read',
        }))
      : []),
  ],
  terminationMessagePolicy: 'FallbackToLogsOnError',
});

const repositoryMounts = ({ backup: { store } }: WithBackup): k8s.VolumeMount[] => [
  { name: 'key', mountPath: places.secret, readOnly: true },
  ...(store.type === 'claim' ? [{ name: 'store', mountPath: places.store }] : []),
  ...(store.type === 'sftp' ? [PASSWD_MOUNT] : []),
];

/** Where ssh reads the users of these pods: it refuses to run for one without a name. */
export const PASSWD_MOUNT = { name: 'conf', mountPath: '/etc/passwd', subPath: 'passwd', readOnly: true } as const;

/** Lines of /etc/passwd for the users of these pods. */
export const passwd = (config: Config): string =>
  [tiers.backup.uid, uidOf('app', config)]
    .map((uid, i) => `backup${i || ''}:x:${uid}:${uid}::${places.work}:/bin/sh\n`)
    .join('');

const script = ([file, ...args]: readonly string[]): string[] => [`${places.conf}/${file}`, ...args];

const shared = [
  { name: 'conf', mountPath: places.conf, readOnly: true },
  { name: 'work', mountPath: places.work },
];

/** The shared folder is part of what a container may use of its node, unless it is a volume of its own. */
const withRoom = ({ requests, limits }: Resources, { backup }: WithBackup): Resources => ({
  requests,
  limits:
    backup.scratchStorageClassName === undefined
      ? { ...limits, 'ephemeral-storage': `${bytes(backup.scratchSize) / 2 ** 20 + 64}Mi` }
      : limits,
});

/** A pod of this tier. @param conf name of the ConfigMap of scripts */
export function backupPod(
  config: WithBackup,
  conf: string,
  containers: {
    readonly init: readonly ContainerProps[];
    readonly main: readonly ContainerProps[];
    /** Beside those of the tier. @default - none */
    readonly labels?: Readonly<Record<string, string>>;
    /** It mounts the app's volumes, and so runs as the app's user. @default - it does not */
    readonly volumes?: VolumeUse;
  },
): k8s.PodTemplateSpec {
  const mounted = [...containers.init, ...containers.main].flatMap(({ volumeMounts = [] }) =>
    volumeMounts.map(({ name }) => name),
  );
  return hardenedPod({
    tier: TIER,
    config,
    ...(containers.volumes ? identity(containers.volumes, config) : {}),
    placement: containers.volumes && backupsFollowApp(config) ? config.app.placement : config.backup.placement,
    pods: config.backup.pods,
    spread: false,
    labels: containers.labels,
    terminationGracePeriodSeconds: 30,
    initContainers: containers.init,
    containers: containers.main,
    affinity: together(config, containers.volumes !== undefined),
    volumes: volumes(config, conf, containers.volumes).filter(({ name }) => mounted.includes(name)),
  });
}

/**
 * The app's user, and two groups. A backup writes to the repository, which belongs to the backups' group; a restore writes to
 * volumes, which belong to the app's. Kubernetes gives files on a volume to the first group, unless the volume is read-only.
 */
function identity(access: VolumeUse, config: Config): Pick<PodProps, 'as' | 'supplementalGroups'> {
  const user = uidOf('app', config);
  const groups = access === 'read' ? [tiers.backup.uid, user] : [user, tiers.backup.uid];
  const [group = user, other = user] = groups;
  return { as: { user, group }, supplementalGroups: [other] };
}

/**
 * A claim that one node may write to is mounted by several pods: those have to be on that node. With such a claim of the app
 * and such a store, pods that mount both are where the app is, and each of app and store is made where the other is; databases
 * are backed up wherever the app has gone since. One term at most is required: of several all have to be true of the same pod.
 */
function together(config: WithBackup, mountsVolumes: boolean): k8s.Affinity | undefined {
  const store = config.backup.store.type === 'claim';
  const app = backupsFollowApp(config);
  const required = app && mountsVolumes ? 'app' : store ? TIER : undefined;
  if (!required) return undefined;
  const preferred = required === 'app' ? TIER : 'app';
  return {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [beside(required, config)],
      preferredDuringSchedulingIgnoredDuringExecution:
        store && app ? [{ weight: 100, podAffinityTerm: beside(preferred, config) }] : undefined,
    },
  };
}

const items = (...keys: readonly string[]) => keys.map((key) => ({ key, path: key }));

/** The keys of a store in the Secret `name`, and the store's CA where that brings one. */
export const keyVolume = (store: WithBackup['backup']['store'], name: string): k8s.Volume => ({
  name: 'key',
  projected: {
    defaultMode: 0o440,
    sources: [
      { secret: { name, items: items(...secretKeys(store)) } },
      ...(store.type === 's3' || store.type === 'restic'
        ? [{ secret: { name, items: items('ca.crt'), optional: true } }]
        : []),
    ],
  },
});

function volumes(config: WithBackup, conf: string, access: VolumeUse | undefined): k8s.Volume[] {
  const { app, backup, secrets } = config;
  const secret = (name: string, secretName: string, ...keys: readonly string[]): k8s.Volume => ({
    name,
    secret: { secretName, defaultMode: 0o440, items: items(...keys) },
  });
  return [
    { name: 'conf', configMap: { name: conf, defaultMode: 0o444 } },
    secret('database-user', secrets.databaseUsers, 'backup'),
    secret('database-ca', secrets.databaseTls, 'ca.crt'),
    secret('database-tls', secrets.databaseTls, 'ca.crt', 'tls.crt', 'tls.key'),
    keyVolume(backup.store, secrets.backup),
    { name: 'work', ...scratch(backup) },
    { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('16Mi') } },
    // a restore of volumes reads it
    { name: 'store', persistentVolumeClaim: { claimName: CLAIM, readOnly: access === 'write' ? true : undefined } },
    ...volumesInBackups(config).map((name) => ({
      name: `volume-${name}`,
      persistentVolumeClaim: { claimName: claimOf(name, app), readOnly: access === 'read' ? true : undefined },
    })),
  ];
}

/** Room for a copy of the databases: on the node, or on a volume that lives as long as the pod. */
const scratch = ({ scratchSize, scratchStorageClassName }: WithBackup['backup']): Omit<k8s.Volume, 'name'> =>
  scratchStorageClassName === undefined
    ? { emptyDir: { sizeLimit: k8s.Quantity.fromString(scratchSize) } }
    : {
        ephemeral: {
          volumeClaimTemplate: {
            spec: {
              accessModes: ['ReadWriteOnce'],
              storageClassName: scratchStorageClassName,
              resources: { requests: { storage: k8s.Quantity.fromString(scratchSize) } },
            },
          },
        },
      };
