import {
  type AppConfig,
  CODE_PATH,
  claimOf,
  isOwnImage,
  placeOf,
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
  const place = placeOf(folder, app);
  if (place === 'code') return folder;
  if (place === 'image') return `${ROOT}/image${folder}`;
  return claimAt(place.volume) + folder.slice(app.volumes[place.volume]?.path.length);
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
      .filter(([, folder]) => placeOf(folder, app) === 'image')
      .flatMap(([url, folder]) =>
        images.map((one) => ({ image: one.image, folder, at: `${ROOT}/${one.place}${url.slice(0, -1)}` })),
      ),
    ...(root !== undefined && placeOf(root, app) === 'image' ? [{ image, folder: root, at: seen(root, app) }] : []),
  ];
}

/** Volumes and mounts of a web server for the app's files, all read-only. */
export function ownFolders({ app, imagePullPolicy }: Config): {
  readonly volumes: readonly k8s.Volume[];
  readonly mounts: readonly k8s.VolumeMount[];
} {
  const folders = imageFolders(app);
  const images = [...new Set(folders.map(({ image }) => image))];
  const withServed = volumesWithServed(app);
  const mounted = volumesOfWeb(app);
  return {
    volumes: [
      ...images.map((reference, i) => ({ name: `image-${i}`, image: { reference, pullPolicy: imagePullPolicy } })),
      ...mounted.map((name) => ({
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
      ...mounted.flatMap((name) => {
        const { url } = app.volumes[name] ?? {};
        const at = [
          ...(url ? [`${ROOT}/volumes${url.slice(0, -1)}`] : []),
          ...(withServed.has(name) ? [claimAt(name)] : []),
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
      const place = placeOf(folder, app);
      if (place === 'image') {
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
      const files = `alias ${seen(folder, app)}/`;
      return place === 'code'
        ? [`location ^~ ${url} {`, `  ${files};`, '  expires 1h;', '  etag on;', '}']
        : uploadLines(url, files);
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
