import type { Construct } from 'constructs';
import {
  type AppConfig,
  claimOf,
  isOwnImage,
  servesImage,
  volumesOfWeb,
  type Writable,
  writableOf,
} from '../../config/app-facts';
import { bytes } from '../../config/fields';
import type { Config, Resources } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { ThreewallChart, type Wave } from '../chart';
import { type ContainerProps, metadataOf } from '../pod';

/** Where a seeding container finds the volume that it fills. */
const SEED_PATH = '/run/threewall/seed';

/** Volumes and mounts of some folders. */
export interface Folders {
  readonly volumes: readonly k8s.Volume[];
  readonly mounts: readonly k8s.VolumeMount[];
}

/** Name of the emptyDir of a folder: a word for common folders, a number otherwise. */
const nameOf = ({ path }: Writable, i: number): string => (path === '/tmp' ? 'tmp' : `writable-${i}`);

/** Folders that the app may write, empty at each start or filled from its image. */
export const writableFolders = (app: AppConfig): Folders => ({
  volumes: writableOf(app).map((one, i) => ({
    name: nameOf(one, i),
    emptyDir: { sizeLimit: k8s.Quantity.fromString(one.size) },
  })),
  mounts: writableOf(app).map((one, i) => ({ name: nameOf(one, i), mountPath: one.path })),
});

/** Copies the image's content of a folder into the volume: the mount would hide it. */
export const seeders = (config: Config, image: string): ContainerProps[] =>
  writableOf(config.app).flatMap((one, i) =>
    one.seed
      ? [
          {
            name: `seed-${i}`,
            image,
            command: ['cp', '-R', `${one.path}/.`, SEED_PATH],
            resources: withRoom(config.app.resources, config.app),
            volumeMounts: [{ name: nameOf(one, i), mountPath: SEED_PATH }],
            terminationMessagePolicy: 'FallbackToLogsOnError',
          },
        ]
      : [],
  );

/** Files in these folders count towards the container's ephemeral-storage limit, so it must cover all of them. */
export function withRoom({ requests, limits }: Resources, app: AppConfig): Resources {
  if (!isOwnImage(app) && app.writable === undefined) return { requests, limits };
  const folders = writableOf(app).reduce((sum, { size }) => sum + bytes(size), 0);
  const room = (bytes(limits['ephemeral-storage']) + folders) / 2 ** 20;
  return { requests, limits: { ...limits, 'ephemeral-storage': `${Math.ceil(room)}Mi` } };
}

/**
 * Persistent folders. One that a single node mounts is for app servers only.
 * @param shared whether the pod is one of several that may run on other nodes than the app server
 */
export function lastingFolders(app: AppConfig, shared: boolean): Folders {
  const entries = Object.entries(app.volumes).filter(([, { accessMode }]) => !shared || accessMode === 'ReadWriteMany');
  return {
    volumes: entries.map(([name]) => ({
      name: `volume-${name}`,
      persistentVolumeClaim: { claimName: claimOf(name, app) },
    })),
    mounts: entries.map(([name, { path }]) => ({ name: `volume-${name}`, mountPath: path })),
  };
}

/** The wave of the first pods that mount the claims. */
function waveOf(app: AppConfig): Wave {
  if (app.release) return '25';
  return servesImage(app) && volumesOfWeb(app).length > 0 ? '27' : '30';
}

/**
 * The claims of the app, except existing ones. They are applied with the first pods that mount them: a claim that
 * waits for its first pod would keep Argo CD from creating that pod.
 */
export class AppVolumesChart extends ThreewallChart {
  constructor(scope: Construct, config: Config) {
    super(scope, waveOf(config.app), 'app-volumes', config.name);
    for (const [name, { size, accessMode, storageClassName, claimName }] of Object.entries(config.app.volumes)) {
      if (claimName) continue;
      new k8s.KubePersistentVolumeClaim(this, name, {
        metadata: metadataOf('app', config, claimOf(name, config.app)),
        spec: {
          accessModes: [accessMode],
          storageClassName,
          resources: { requests: { storage: k8s.Quantity.fromString(size) } },
          volumeMode: 'Filesystem',
        },
      });
    }
  }
}
