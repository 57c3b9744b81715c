import { bytes } from '../../config/fields';
import type { Config, Resources } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { namespaceOf } from '../names';
import { type ContainerProps, hardenedPod } from '../pod';
import { port } from '../topology';
import type { Settings } from './agent/settings';
import { places } from './places';

const TIER = 'backup';

/** The settings of an environment that has backups. */
export type WithBackup = Config & { readonly backup: NonNullable<Config['backup']> };

/** Name of the claim of a store of type `claim`. */
export const CLAIM = 'backups';

/** What the agent does in a container. */
export type Task = 'backup' | 'plan' | 'ship' | 'drill';

/** A container that runs a script with MySQL's own programs. */
export const withMysql = (name: string, script: string, resources: Resources, config: WithBackup): ContainerProps => ({
  name,
  image: config.images.mysql,
  command: ['bash', `${places.conf}/${script}`],
  resources: withRoom(resources, config),
  volumeMounts: [
    { name: 'conf', mountPath: places.conf, readOnly: true },
    { name: 'database-user', mountPath: places.users, readOnly: true },
    { name: 'database-ca', mountPath: places.ca.replace('/ca.crt', ''), readOnly: true },
    { name: 'work', mountPath: places.work },
    { name: 'run', mountPath: places.run },
    { name: 'run', mountPath: '/tmp', subPath: 'tmp' },
  ],
  terminationMessagePolicy: 'FallbackToLogsOnError',
});

/** A container that packs, encrypts and talks to the store: no password of the databases. */
export const withAgent = (name: string, task: Task, config: WithBackup): ContainerProps => ({
  name,
  image: config.images.node,
  command: ['node', `${places.conf}/agent.mjs`, task],
  resources: withRoom(config.backup.resources, config),
  env: [
    { name: 'BACKUP_SETTINGS', value: JSON.stringify(settingsOf(config)) },
    // an authority of the store's own, where the Secret brings one
    ...(config.backup.store.type === 's3' ? [{ name: 'NODE_EXTRA_CA_CERTS', value: `${places.secret}/ca.crt` }] : []),
  ],
  volumeMounts: [
    { name: 'conf', mountPath: places.conf, readOnly: true },
    { name: 'key', mountPath: places.secret, readOnly: true },
    { name: 'work', mountPath: places.work },
    ...(config.backup.store.type === 'claim' ? [{ name: 'store', mountPath: places.store }] : []),
  ],
  terminationMessagePolicy: 'FallbackToLogsOnError',
});

/** The shared folder is part of what a container may use of its node. */
const withRoom = ({ requests, limits }: Resources, { backup }: WithBackup): Resources => ({
  requests,
  limits: { ...limits, 'ephemeral-storage': `${bytes(backup.scratchSize) / 2 ** 20 + 64}Mi` },
});

const settingsOf = (config: WithBackup): Settings => {
  const { store, retentionDays } = config.backup;
  return {
    store:
      store.type === 'claim'
        ? { type: 'claim', path: places.store }
        : { type: 's3', endpoint: store.endpoint, bucket: store.bucket, prefix: store.prefix, region: store.region },
    secret: places.secret,
    work: places.work,
    retentionDays,
    collector: `http://collector.${namespaceOf('monitoring', config)}.svc:${port('monitoring', 'otlp')}`,
  };
};

/**
 * A pod that runs to its end.
 * @param conf name of the ConfigMap of scripts and agent
 * @param reads whether it opens backups: only then it gets the private key
 */
export function endingPod(
  config: WithBackup,
  conf: string,
  reads: boolean,
  containers: { readonly init?: readonly ContainerProps[]; readonly main: readonly ContainerProps[] },
): k8s.PodTemplateSpec {
  const { metadata, spec } = hardenedPod({
    tier: TIER,
    config,
    placement: config.backup.placement,
    pods: config.backup.pods,
    spread: false,
    terminationGracePeriodSeconds: 10,
    initContainers: containers.init,
    containers: containers.main,
    volumes: volumes(config, conf, reads),
  });
  // a new pod, not a new container: each try begins with an empty shared folder
  return { metadata, spec: { ...(spec as k8s.PodSpec), restartPolicy: 'Never' } };
}

function volumes({ backup, secrets }: WithBackup, conf: string, reads: boolean): k8s.Volume[] {
  const { store } = backup;
  const keys = [
    reads ? 'identity' : 'recipient',
    ...(store.type === 's3' ? ['access-key-id', 'secret-access-key'] : []),
  ];
  const item = (key: string, path = key) => ({ key, path });
  return [
    { name: 'conf', configMap: { name: conf, defaultMode: 0o444 } },
    {
      name: 'database-user',
      secret: { secretName: secrets.databaseUsers, defaultMode: 0o440, items: [item('backup')] },
    },
    { name: 'database-ca', secret: { secretName: secrets.databaseTls, defaultMode: 0o440, items: [item('ca.crt')] } },
    {
      name: 'key',
      projected: {
        defaultMode: 0o440,
        sources: [
          { secret: { name: secrets.backup, items: keys.map((key) => item(key)) } },
          ...(store.type === 's3'
            ? [{ secret: { name: secrets.backup, items: [item('ca.crt')], optional: true } }]
            : []),
        ],
      },
    },
    { name: 'work', emptyDir: { sizeLimit: k8s.Quantity.fromString(backup.scratchSize) } },
    { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('4Mi') } },
    ...(store.type === 'claim' ? [{ name: 'store', persistentVolumeClaim: { claimName: CLAIM } }] : []),
  ];
}
