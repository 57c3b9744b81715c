import type { Construct } from 'constructs';
import { filesOf, hasWorkers } from '../../config/app-facts';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { type Files, files, ThreewallChart } from '../chart';
import type { ContainerProps } from '../pod';
import { scriptFiles } from '../scripts';
import { environmentNamedIn } from './environment';
import { routerCfg } from './router-cfg';

/** Contents of `app.files` by their path in the container. */
export type FileContents = ReadonlyMap<string, Uint8Array>;

/** How pods of the app's image mount `app.files`. */
export interface MountedFiles {
  /** Texts in which $(NAME) is replaced when a pod starts. */
  readonly expanded: readonly string[];
  readonly volumes: readonly k8s.Volume[];
  readonly mounts: readonly k8s.VolumeMount[];
  /** Init container that writes the expanded files before anything else starts. */
  readonly initContainers: readonly ContainerProps[];
  /** Name of the ConfigMap of the router beside workers. @default - there are none */
  readonly workerRouter?: string;
}

/** The value for an environment without files and workers. */
export const NO_FILES: MountedFiles = { expanded: [], volumes: [], mounts: [], initContainers: [] };

const SOURCE = '/run/threewall/files';
const TARGET = '/run/threewall/expanded';
const EXPAND = 'expand.awk';

/** The files of an environment; a separate chart if there are any. */
export const appFiles = (scope: Construct, config: Config, contents: FileContents): MountedFiles =>
  filesOf(config.app).length > 0 || hasWorkers(config.app) ? new AppFilesChart(scope, config, contents) : NO_FILES;

/**
 * Files of the repository for every pod of the app's image, and the router's configuration for workers. Applied first,
 * because release steps need them before the app starts.
 */
class AppFilesChart extends ThreewallChart implements MountedFiles {
  readonly expanded: readonly string[];
  readonly volumes: readonly k8s.Volume[];
  readonly mounts: readonly k8s.VolumeMount[];
  readonly initContainers: readonly ContainerProps[];
  readonly workerRouter?: string;

  constructor(scope: Construct, config: Config, contents: FileContents) {
    super(scope, '20', 'app-files', config.name);
    const all = filesOf(config.app);
    const changed = all.filter(({ expand }) => expand).map(({ path }) => path);
    this.expanded = changed.map((path) => Buffer.from(contentOf(path, contents)).toString());
    const map = all.length > 0 ? this.map(config, contents, changed.length > 0) : undefined;
    this.mounts = all.map(({ path, expand }) => ({
      name: expand ? 'files-expanded' : 'files',
      mountPath: path,
      subPath: map && keyOf(path, map),
      readOnly: true,
    }));
    this.volumes = map ? volumesOf(map, changed.length > 0) : [];
    this.initContainers =
      map && changed.length > 0
        ? [
            this.expander(
              config,
              changed.map((path) => keyOf(path, map)),
            ),
          ]
        : [];
    if (hasWorkers(config.app)) {
      this.workerRouter = files(this, 'worker', config, 'worker-router', {
        'router.cfg': routerCfg(config, 'worker'),
      }).name;
    }
  }

  private map(config: Config, contents: FileContents, expands: boolean): Files {
    const script = expands ? scriptFiles('charts/app/scripts') : {};
    const all = Object.fromEntries(filesOf(config.app).map(({ path }) => [path, contentOf(path, contents)]));
    return files(
      this,
      'app',
      config,
      'app-files',
      { ...all, ...script },
      'put large files of app.files into the image',
    );
  }

  /** The router's image is used by the pod anyway and contains awk. */
  private expander(config: Config, keys: readonly string[]): ContainerProps {
    return {
      name: 'files',
      image: config.images.haproxy,
      command: ['awk', '-v', `to=${TARGET}`, '-f', `${SOURCE}/${EXPAND}`, ...keys.map((key) => `${SOURCE}/${key}`)],
      resources: config.app.router.resources,
      env: environmentNamedIn(config, this.expanded),
      volumeMounts: [
        { name: 'files', mountPath: SOURCE, readOnly: true },
        { name: 'files-expanded', mountPath: TARGET },
      ],
      terminationMessagePolicy: 'FallbackToLogsOnError',
    };
  }
}

const volumesOf = ({ name }: Files, expands: boolean): k8s.Volume[] => [
  { name: 'files', configMap: { name } },
  ...(expands
    ? // in memory: they may contain secrets
      [{ name: 'files-expanded', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('1Mi') } }]
    : []),
];

const keyOf = (path: string, { items }: Files): string => {
  const found = items.find((item) => item.path === path);
  if (!found) throw new Error(`app.files["${path}"]: it is in no ConfigMap`);
  return found.key;
};

function contentOf(path: string, contents: FileContents): Uint8Array {
  const found = contents.get(path);
  if (!found) throw new Error(`app.files["${path}"]: its content was not read`);
  return found;
}
