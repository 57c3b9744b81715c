import { CODE_PATH, isOwnImage } from '../../config/app-facts';
import { bytes } from '../../config/fields';
import type { Config, Resources } from '../../config/schema';
import type * as k8s from '../../imports/k8s';
import type { Code } from '../code';
import type { ContainerProps } from '../pod';
import { CERTIFICATE_KEYS, secretVolume } from '../secret';
import { environment, SECRETS_PATH, TLS_PATH } from './environment';
import type { MountedFiles } from './files';
import { lastingFolders, seeders, withRoom, writableFolders } from './volumes';

/** What every process of the app gets: server, worker, scheduled program and release step. */
export interface Process {
  /** A container of the app's image. */
  readonly container: (name: string, program: Program) => ContainerProps;
  /** Init containers before it, in this order, without the router. */
  readonly initContainers: readonly ContainerProps[];
  /** The volumes of its mounts, and `router` with the router's configuration from the ConfigMap of this name. */
  readonly volumes: (router: string) => readonly k8s.Volume[];
}

/** What a container runs. */
export interface Program {
  /** @default - the image's entry point; `server.mjs` where there is no image */
  readonly command?: readonly string[];
  /** @default - the image's own */
  readonly args?: readonly string[];
  /** @default - the resources of an app server */
  readonly resources?: Resources;
}

/**
 * The processes of the app: image, environment, files, folders.
 * @param tier `worker` where they run beside the app servers
 */
export function processOf(
  config: Config,
  code: Code | undefined,
  files: MountedFiles,
  tier: 'app' | 'worker',
): Process {
  const { app, images, secrets, tls } = config;
  const beside = tier === 'worker';
  const image = app.image ?? images.node;
  const serves = tls.reencrypt === 'app' && !beside;
  const writable = writableFolders(app);
  const lasting = lastingFolders(app, beside);
  const mounts: k8s.VolumeMount[] = [
    ...(code ? [{ name: 'code', mountPath: CODE_PATH, readOnly: true }] : []),
    { name: 'database', mountPath: SECRETS_PATH, readOnly: true },
    ...(serves ? [{ name: 'tls', mountPath: TLS_PATH, readOnly: true }] : []),
    ...lasting.mounts,
    ...files.mounts,
    ...writable.mounts,
  ];
  const ownProgram = isOwnImage(app)
    ? {}
    : {
        command: ['node', `--max-http-header-size=${headerBytes(config)}`, `${CODE_PATH}/server.mjs`],
        workingDir: CODE_PATH,
      };
  return {
    container: (name, { command, args, resources = app.resources }) => ({
      name,
      image,
      ...ownProgram,
      ...(command ? { command: [...command] } : {}),
      ...(args ? { args: [...args] } : {}),
      resources: withRoom(resources, app),
      env: environment(config, files.expanded),
      volumeMounts: mounts,
    }),
    initContainers: [...seeders(config, image), ...files.initContainers],
    volumes: (router) => [
      ...(code ? [code.volume] : []),
      { name: 'router', configMap: { name: router } },
      { name: 'database', projected: { defaultMode: 0o440, sources: databaseAccess(config) } },
      ...(serves ? [secretVolume('tls', secrets.appTls, ['ca.crt', ...CERTIFICATE_KEYS])] : []),
      ...lasting.volumes,
      ...files.volumes,
      ...writable.volumes,
    ],
  };
}

/** What the web servers add to a request's header, in bytes at most. */
const ADDED_HEADER = 4096;

/**
 * Longest request header in bytes: what web servers let through plus what they add. Above it Node answers a bare 431.
 */
const headerBytes = ({ limits }: Config): number => 4 * bytes(limits.headerSize) + ADDED_HEADER;

/** The app's password and the CA, no other key of either Secret. */
const databaseAccess = ({ secrets }: Config): k8s.VolumeProjection[] => [
  { secret: { name: secrets.databaseUsers, items: [{ key: 'app', path: 'password' }] } },
  { secret: { name: secrets.databaseTls, items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
];
