import type { Construct } from 'constructs';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { databaseServices, selectorOf } from '../names';
import { CONF_PATH } from '../paths';
import { type ContainerProps, metadataOf } from '../pod';
import { port } from '../topology';
import { HOSTS_FILE, RUN_PATH } from './layout';
import { serversOf } from './servers';

/** Additions to a database pod that is a member of a group. */
export interface MemberParts {
  readonly initContainers: readonly ContainerProps[];
  readonly env?: k8s.EnvVar[];
  readonly volumeMounts: k8s.VolumeMount[];
  readonly volumes: readonly k8s.Volume[];
}

/** A hosts file with the addresses of the other members, see scripts/group/hosts.sh. Nothing for `primary-replica`. */
export function memberParts(config: Config): MemberParts {
  if (config.database.topology !== 'group') return { initContainers: [], volumeMounts: [], volumes: [] };
  const env = [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }];
  return {
    initContainers: [
      {
        name: 'hosts',
        image: config.images.mysql,
        command: ['bash', `${CONF_PATH}/hosts.sh`, `${HOSTS_PATH}/hosts`],
        resources: config.database.router.resources,
        env,
        volumeMounts: [
          { name: 'conf', mountPath: CONF_PATH, readOnly: true },
          { name: 'run', mountPath: RUN_PATH },
          { name: 'hosts', mountPath: HOSTS_PATH },
        ],
      },
    ],
    env,
    volumeMounts: [{ name: 'hosts', mountPath: HOSTS_FILE, subPath: 'hosts' }],
    volumes: [{ name: 'hosts', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('64Ki') } }],
  };
}

/** A Service for each member of a group: a stable address that refuses connections at once while there is no pod. */
export function memberServices(scope: Construct, config: Config): void {
  if (config.database.topology !== 'group') return;
  for (let n = 0; n < serversOf(config.database); n++) {
    const name = `${databaseServices.member}${n}`;
    new k8s.KubeService(scope, `service-${name}`, {
      metadata: metadataOf('database', config, name),
      spec: {
        publishNotReadyAddresses: true,
        selector: { ...selectorOf('database', config), 'statefulset.kubernetes.io/pod-name': `database-${n}` },
        ports: [{ name: 'group', port: port('database', 'group'), targetPort: k8s.IntOrString.fromString('group') }],
      },
    });
  }
}

/** Where the hosts file is written first; the kubelet then mounts it as a file. */
const HOSTS_PATH = '/run/hosts';
