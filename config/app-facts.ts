import type { Config } from './schema';

/** The app's part of an environment. */
export type AppConfig = Config['app'];

/** uid and gid of the app's processes where the environment names none. */
export const APP_USER = 10103;

/** Whether the app is an image of its own; otherwise `images.node` runs `server.mjs` of the code volume. */
export const isOwnImage = ({ image }: AppConfig): boolean => image !== undefined;

/** Where pods mount the code volume. */
export const CODE_PATH = '/srv/code';

/** Whether a folder lies in the code volume. */
export const isCode = (folder: string): boolean => folder === CODE_PATH || folder.startsWith(`${CODE_PATH}/`);

/** Whether web servers mount folders of the app's image: they then come up before the app servers whose pages name the files. */
export const servesImage = ({ image, static: folders, root }: AppConfig): boolean =>
  image !== undefined && [...Object.values(folders), ...(root ? [root] : [])].some((folder) => !isCode(folder));

/** Name of the claim of a volume of the app. */
export const claimOf = (name: string, { volumes }: AppConfig): string => volumes[name]?.claimName ?? `app-${name}`;

/** Whether pods mount a code volume: always for server.mjs, with an image where one is chosen. */
export const hasCode = (app: AppConfig): boolean => !isOwnImage(app) || app.code.source !== 'bundle';

/** Where the app offers metrics, undefined where it has none. */
export const metricsOf = (app: AppConfig): AppConfig['metrics'] =>
  app.metrics ?? (isOwnImage(app) ? undefined : { port: 9464, path: '/metrics' });

/** A folder that the app may write. */
export interface Writable {
  readonly path: string;
  /** Quantity of bytes. */
  readonly size: string;
  /** Whether it begins with what the image has there. */
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
  /** Whether $(NAME) in it stands for a variable. */
  readonly expand: boolean;
}

/** Files that the app gets, in the order of the configuration. */
export const filesOf = ({ files }: AppConfig): readonly AppFile[] =>
  Object.entries(files).map(([path, source]) =>
    typeof source === 'string' ? { path, file: source, expand: false } : { path, ...source },
  );

/** Whether the tier `worker` exists: release steps, workers or scheduled programs. */
export const hasWorkers = (app: AppConfig): boolean => app.release !== undefined || hasLastingWorkers(app);

/** Whether there are workers or scheduled programs: what stays beside the app servers when a release is done. */
export const hasLastingWorkers = ({ workers, schedule }: AppConfig): boolean =>
  Object.keys(workers).length > 0 || Object.keys(schedule).length > 0;

/** Whether a volume can be in one app pod only, so that the old pod must go before the new one comes. */
export const isSingle = ({ volumes }: AppConfig): boolean =>
  Object.values(volumes).some(({ accessMode }) => accessMode === 'ReadWriteOnce');

/** Most connections of one app pod to one database server: server.mjs has a pool for each side, and both may end there. */
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

/** Paths of the probes; undefined where only the port is tried, or nothing. */
export interface Health {
  readonly ready?: string;
  readonly live?: string;
  readonly port?: number;
}

/** What probes ask: the sample site answers both of its own. */
export function healthOf({ image, health }: AppConfig): Health {
  if (typeof health === 'string') return { ready: health };
  return health ?? (image === undefined ? { ready: '/readyz', live: '/healthz' } : {});
}

/** What an environment should know about its app though nothing is wrong: one line each, said at synth. */
export const noticesOf = (app: AppConfig): string[] =>
  Object.entries(app.volumes).flatMap(([name, { accessMode }]) =>
    accessMode === 'ReadWriteOnce'
      ? [
          `app.volumes.${name} is ReadWriteOnce: one app pod, and visitors get the maintenance page while it is replaced; workers do not mount it`,
        ]
      : [],
  );
