import { bytes } from '../../config/fields';
import type { Config, Resources } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { selectorOf } from '../names';
import { NODE } from '../placing';
import { type ContainerProps, hardenedPod } from '../pod';
import { tiers } from '../topology';
import { places } from './places';
import { secretKeys } from './store';

const TIER = 'backup';

/** The settings of an environment that has backups. */
export type WithBackup = Config & { readonly backup: NonNullable<Config['backup']> };

/** Label that distinguishes pods of a Deployment from those of the jobs. */
export const KIND_LABEL = 'threewall.dev/backup';

/** Name of the claim of a store of type `claim`. */
export const CLAIM = 'backups';

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

/** A container that runs a script with restic: it holds the repository's keys, and no password of the databases. */
export const withRestic = (name: string, command: readonly string[], config: WithBackup): ContainerProps => ({
  name,
  image: config.images.restic,
  command: ['sh', ...script(command)],
  resources: withRoom(config.backup.resources, config),
  volumeMounts: [
    ...shared,
    { name: 'key', mountPath: places.secret, readOnly: true },
    ...(config.backup.store.type === 'claim' ? [{ name: 'store', mountPath: places.store }] : []),
    // ssh refuses to run for a user without a name
    ...(config.backup.store.type === 'sftp'
      ? [{ name: 'conf', mountPath: '/etc/passwd', subPath: 'passwd', readOnly: true }]
      : []),
  ],
  terminationMessagePolicy: 'FallbackToLogsOnError',
});

/** Line of /etc/passwd for the user of these pods. */
export const PASSWD = `backup:x:${tiers.backup.uid}:${tiers.backup.uid}::${places.work}:/bin/sh\n`;

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
  },
): k8s.PodTemplateSpec {
  const mounted = [...containers.init, ...containers.main].flatMap(({ volumeMounts = [] }) =>
    volumeMounts.map(({ name }) => name),
  );
  return hardenedPod({
    tier: TIER,
    config,
    placement: config.backup.placement,
    pods: config.backup.pods,
    spread: false,
    labels: containers.labels,
    terminationGracePeriodSeconds: 30,
    initContainers: containers.init,
    containers: containers.main,
    affinity: config.backup.store.type === 'claim' ? together(config) : undefined,
    volumes: volumes(config, conf).filter(({ name }) => mounted.includes(name)),
  });
}

/** A claim that one node may write to is written to by several pods: those have to be on that node. */
const together = (config: WithBackup): k8s.Affinity => ({
  podAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { topologyKey: NODE, labelSelector: { matchLabels: selectorOf(TIER, config) } },
    ],
  },
});

function volumes({ backup, secrets }: WithBackup, conf: string): k8s.Volume[] {
  const items = (...keys: readonly string[]) => keys.map((key) => ({ key, path: key }));
  const secret = (name: string, secretName: string, ...keys: readonly string[]): k8s.Volume => ({
    name,
    secret: { secretName, defaultMode: 0o440, items: items(...keys) },
  });
  const ca = { secret: { name: secrets.backup, items: items('ca.crt'), optional: true } };
  return [
    { name: 'conf', configMap: { name: conf, defaultMode: 0o444 } },
    secret('database-user', secrets.databaseUsers, 'backup'),
    secret('database-ca', secrets.databaseTls, 'ca.crt'),
    secret('database-tls', secrets.databaseTls, 'ca.crt', 'tls.crt', 'tls.key'),
    {
      name: 'key',
      projected: {
        defaultMode: 0o440,
        sources: [
          { secret: { name: secrets.backup, items: items(...secretKeys(backup.store)) } },
          // a CA of the store's own, where the Secret brings one
          ...(backup.store.type === 's3' || backup.store.type === 'restic' ? [ca] : []),
        ],
      },
    },
    { name: 'work', ...scratch(backup) },
    { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('16Mi') } },
    { name: 'store', persistentVolumeClaim: { claimName: CLAIM } },
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
