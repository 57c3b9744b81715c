import {
  type AppConfig,
  CODE_PATH,
  claimOf,
  isCode,
  isOfImage,
  isOwnImage,
  volumeOf,
  volumesOfWeb,
  volumesWithServed,
} from '../../config/app-facts';
import type { Config } from '../../config/schema';
import type * as k8s from '../../imports/k8s';
import { places } from '../backup/places';

/** Folder below which web servers mount folders of the app's image, of earlier images, and volumes of the app. */
const ROOT = '/srv/app';
const CURRENT = 'current';

/** Name of the location that passes requests to the app. */
export const ASK_APP = '@app';

/** Path in a web server of a volume of the app. */
const claimAt = (name: string): string => `${ROOT}/claims/${name}`;

/** Path in a web server of a folder of the app's containers. */
function seen(folder: string, app: AppConfig): string {
  if (isCode(folder)) return folder;
  const volume = volumeOf(folder, app);
  return volume === undefined
    ? `${ROOT}/image${folder}`
    : claimAt(volume) + folder.slice(app.volumes[volume]?.path.length);
}

/** Path in a web server of a fastcgi app's files. */
export const rootSeen = (app: AppConfig): string => seen(app.root ?? CODE_PATH, app);

/** Folders by the image that contains them, each with its mount path below `ROOT`. */
function imageFolders(app: AppConfig): { readonly image: string; readonly folder: string; readonly at: string }[] {
  const { image, root } = app;
  if (image === undefined) return [];
  const images = [image, ...app.keep].map((one, i) => ({ image: one, place: i === 0 ? CURRENT : `keep-${i}` }));
  return [
    ...Object.entries(app.static)
      .filter(([, folder]) => isOfImage(folder, app))
      .flatMap(([url, folder]) =>
        images.map((one) => ({ image: one.image, folder, at: `${ROOT}/${one.place}${url.slice(0, -1)}` })),
      ),
    ...(root !== undefined && isOfImage(root, app) ? [{ image, folder: root, at: seen(root, app) }] : []),
  ];
}

/** Volumes and mounts of a web server for the app's files, all read-only. */
export function ownFolders({ app, imagePullPolicy }: Config): {
  readonly volumes: readonly k8s.Volume[];
  readonly mounts: readonly k8s.VolumeMount[];
} {
  const folders = imageFolders(app);
  const images = [...new Set(folders.map(({ image }) => image))];
  const served = volumesOfWeb(app);
  return {
    volumes: [
      ...images.map((reference, i) => ({ name: `image-${i}`, image: { reference, pullPolicy: imagePullPolicy } })),
      ...served.map((name) => ({
        name: `volume-${name}`,
        persistentVolumeClaim: { claimName: claimOf(name, app), readOnly: true },
      })),
    ],
    mounts: [
      ...folders.map(({ image, folder, at }) => ({
        name: `image-${images.indexOf(image)}`,
        mountPath: at,
        // only the served folder of the image
        subPath: folder.slice(1),
        readOnly: true,
      })),
      ...served.flatMap((name) => {
        const { url } = app.volumes[name] ?? {};
        const at = [
          ...(url ? [`${ROOT}/volumes${url.slice(0, -1)}`] : []),
          ...(volumesWithServed(app).includes(name) ? [claimAt(name)] : []),
        ];
        return at.map((mountPath) => ({ name: `volume-${name}`, mountPath, readOnly: true }));
      }),
    ],
  };
}

/** Uploaded documents get a Content-Security-Policy; images and similar files need none. */
export const uploadMaps = ({ app }: Config): string[] =>
  volumesOfWeb(app).length > 0
    ? ['map $sent_http_content_type $upload_policy {', '  default "";', '  "~*(html|xml|svg)" sandbox;', '}']
    : [];

/** Locations of files that web servers serve; everything else goes to the app. */
export function ownFileLines(config: Config): string[] {
  const { app } = config;
  const { keep } = app;
  const fromImage = [CURRENT, ...keep.map((_, i) => `keep-${i + 1}`)].map((place) => `/${place}$uri`).join(' ');
  return [
    ...(isOwnImage(app) ? [] : [`location /static/ {`, `  root ${CODE_PATH};`, '  expires 1h;', '  etag on;', '}']),
    ...Object.entries(app.static).flatMap(([url, folder]) => {
      if (isOfImage(folder, app)) {
        return [
          `location ^~ ${url} {`,
          `  root ${ROOT};`,
          // a file that no image contains may be known to the app; otherwise the app's own 404 page answers
          `  try_files ${fromImage} ${ASK_APP};`,
          '  expires 1h;',
          '  etag on;',
          '}',
        ];
      }
      const place = `alias ${seen(folder, app)}/`;
      return isCode(folder)
        ? [`location ^~ ${url} {`, `  ${place};`, '  expires 1h;', '  etag on;', '}']
        : uploadLines(url, place);
    }),
    ...Object.values(app.volumes).flatMap(({ url }) => (url ? uploadLines(url, `root ${ROOT}/volumes`) : [])),
  ];
}

/** Locations of a folder that the app writes. */
const uploadLines = (url: string, place: string): string[] => [
  // of a restore
  `location ^~ ${url}${places.kept}/ {`,
  '  return 404;',
  '}',
  `location ^~ ${url} {`,
  `  ${place};`,
  '  # what visitors upload is no page of the site: no script in it runs',
  '  add_header_inherit merge;',
  '  add_header Content-Security-Policy $upload_policy always;',
  '  expires 1h;',
  '  etag on;',
  '}',
];
