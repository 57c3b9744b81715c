import type { Config } from './schema';

/** The app's part of an environment. */
export type AppConfig = Config['app'];

/** uid and gid of the app's processes where the environment names none. */
export const APP_USER = 10103;

/** Whether the app is an image of its own; otherwise `images.node` runs `server.mjs` of the code volume. */
export const isOwnImage = ({ image }: AppConfig): boolean => image !== undefined;

/** Seconds for which web servers keep an idle connection to an app server: the sample site's own are 75, gunicorn's 2. */
export const keepAliveSeconds = (app: AppConfig): number => app.keepAliveSeconds ?? (isOwnImage(app) ? 1 : 60);

/** Where pods mount the code volume. */
export const CODE_PATH = '/srv/code';

/** Whether a path is a folder or lies below it. */
export const lies = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** What holds a folder of the app's containers: the code volume, a volume of the app, or the image. */
export type Place = 'code' | 'image' | { readonly volume: string };

/** Where a folder of the app's containers lies. */
export function placeOf(folder: string, { volumes }: AppConfig): Place {
  const mounts: [string, Place][] = [
    [CODE_PATH, 'code'],
    ...Object.entries(volumes).map(([volume, { path }]): [string, Place] => [path, { volume }]),
  ];
  // of two, one inside the other, the inner one hides the outer one's folder
  const [inner] = mounts.filter(([path]) => lies(folder, path)).sort(([a], [b]) => b.length - a.length);
  return inner?.[1] ?? 'image';
}

/** A folder of the app's containers from which web servers serve files. */
export interface ServedFolder {
  /** Path in the configuration. */
  readonly setting: string;
  readonly folder: string;
  readonly place: Place;
}

/** Folders of the app's containers from which web servers serve files: those of `static`, and `root`. */
export const servedFolders = (app: AppConfig): readonly ServedFolder[] =>
  [
    ...Object.entries(app.static).map(([url, folder]) => ({ setting: `app.static["${url}"]`, folder })),
    ...(app.root === undefined ? [] : [{ setting: 'app.root', folder: app.root }]),
  ].map((one) => ({ ...one, place: placeOf(one.folder, app) }));

/**
 * Whether web servers mount folders of the app's image: they then start before the app servers whose pages refer to the
 * files.
 */
export const servesImage = (app: AppConfig): boolean =>
  isOwnImage(app) && servedFolders(app).some(({ place }) => place === 'image');

/** Names of the volumes of the app that hold folders from which web servers serve files. */
export const volumesWithServed = (app: AppConfig): ReadonlySet<string> =>
  new Set(servedFolders(app).flatMap(({ place }) => (typeof place === 'object' ? [place.volume] : [])));

/** Names of the volumes of the app that web servers mount. */
export function volumesOfWeb(app: AppConfig): readonly string[] {
  const served = volumesWithServed(app);
  return Object.keys(app.volumes).filter((name) => app.volumes[name]?.url || served.has(name));
}

/** Name of the claim of a volume of the app. */
export const claimOf = (name: string, { volumes }: AppConfig): string => volumes[name]?.claimName ?? `app-${name}`;

/** Names of the volumes that backups contain. */
export const volumesInBackups = ({ app, backup }: Pick<Config, 'app' | 'backup'>): readonly string[] =>
  backup ? Object.keys(app.volumes).filter((name) => app.volumes[name]?.backup) : [];

/** Whether a pod that mounts the volumes of backups has to be where the app's pod is. */
export const backupsFollowApp = (config: Pick<Config, 'app' | 'backup'>): boolean =>
  volumesInBackups(config).some((name) => config.app.volumes[name]?.accessMode === 'ReadWriteOnce');

/** Whether the app's pod should be where the store of backups is: both are on volumes of one node. */
export const appNearStore = (config: Pick<Config, 'app' | 'backup'>): boolean =>
  backupsFollowApp(config) && config.backup?.store.type === 'claim';

/** Whether pods mount a code volume: always for server.mjs, with an image where one is chosen. */
export const hasCode = (app: AppConfig): boolean => !isOwnImage(app) || app.code.source !== 'bundle';

/** Port and path of the app's metrics, undefined without metrics. */
export const metricsOf = (app: AppConfig): AppConfig['metrics'] =>
  app.metrics ?? (isOwnImage(app) ? undefined : { port: 9464, path: '/metrics' });

/** A folder that the app may write. */
export interface Writable {
  readonly path: string;
  /** Quantity of bytes. */
  readonly size: string;
  /** Whether it is filled from the image. */
  readonly seed: boolean;
}

/** Folders that the app may write, each with its size. */
export const writableOf = (app: AppConfig): readonly Writable[] =>
  app.writable?.map((one) => (typeof one === 'string' ? { path: one, size: '64Mi', seed: false } : one)) ?? [
    { path: '/tmp', size: isOwnImage(app) ? '64Mi' : '16Mi', seed: false },
  ];

/** A file of the repository at a path of the container. */
export interface AppFile {
  readonly path: string;
  /** Path of its source, from the folder of the configuration. */
  readonly file: string;
  /** Whether $(NAME) in it is replaced by a variable. */
  readonly expand: boolean;
}

/** `app.files`, in the order of the configuration. */
export const filesOf = ({ files }: AppConfig): readonly AppFile[] =>
  Object.entries(files).map(([path, source]) =>
    typeof source === 'string' ? { path, file: source, expand: false } : { path, ...source },
  );

/** Whether the tier `worker` exists: release steps, workers or scheduled programs. */
export const hasWorkers = (app: AppConfig): boolean => app.release !== undefined || hasLastingWorkers(app);

/** Whether there are workers: programs that run all the time beside the app servers. */
export const runsWorkers = ({ workers }: AppConfig): boolean => Object.keys(workers).length > 0;

/** Whether there are workers or scheduled programs: pods that stay beside the app servers after a release. */
export const hasLastingWorkers = (app: AppConfig): boolean => runsWorkers(app) || Object.keys(app.schedule).length > 0;

/** Whether a volume can be mounted by one app pod only, so that the old pod must stop before the new one starts. */
export const isSingle = ({ volumes }: AppConfig): boolean =>
  Object.values(volumes).some(({ accessMode }) => accessMode === 'ReadWriteOnce');

/**
 * Most connections of one app pod to one database server: server.mjs has a pool for writer and reader, and both may
 * reach the same server.
 */
export const connectionsOf = (app: AppConfig): number => app.connections * (isOwnImage(app) ? 1 : 2);

/** Every list of words that becomes a command line of the app's image, with its place in the configuration. */
export const commandLinesOf = (app: AppConfig): readonly (readonly [path: string, words: readonly string[]])[] => [
  ...programLines('app', app),
  ...(app.release ?? []).map((step, i) => [`app.release[${i}]`, step] as const),
  ...(['workers', 'schedule'] as const).flatMap((list) =>
    Object.entries(app[list]).flatMap(([name, program]) => programLines(`app.${list}.${name}`, program)),
  ),
];

const programLines = (
  path: string,
  { command, args }: { readonly command?: readonly string[]; readonly args?: readonly string[] },
): (readonly [string, readonly string[]])[] => [
  ...(command ? [[`${path}.command`, command] as const] : []),
  ...(args ? [[`${path}.args`, args] as const] : []),
];

/** Paths of the probes; undefined for a TCP check or no probe. */
export interface Health {
  readonly ready?: string;
  readonly live?: string;
  readonly port?: number;
}

/** Default paths of the probes: the sample site's. */
export function healthOf({ image, health }: AppConfig): Health {
  if (typeof health === 'string') return { ready: health };
  return health ?? (image === undefined ? { ready: '/readyz', live: '/healthz' } : {});
}

/** Warnings about an environment's app, one line each, printed at synth. */
export const noticesOf = (app: AppConfig): string[] =>
  Object.entries(app.volumes).flatMap(([name, { accessMode }]) =>
    accessMode === 'ReadWriteOnce'
      ? [
          `app.volumes.${name} is ReadWriteOnce: one app pod, and visitors get the maintenance page while it is replaced; workers do not mount it`,
        ]
      : [],
  );
