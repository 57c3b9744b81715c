import { type AppConfig, CODE_PATH, filesOf, hasCode, isOwnImage, lies, placeOf, writableOf } from './app-facts';

/** Mounted folders of every app pod. */
const OWN_FOLDERS = ['/run/secrets/threewall', '/run/secrets/app-tls'];

/** File systems that the container runtime mounts itself; it starts no container that has something else in them. */
const SYSTEM_FOLDERS = ['/proc', '/sys', '/dev'];

/** Two things at one path: the later would hide the earlier. Below a file there is no path at all. */
export function pathFaults(app: AppConfig): string[] {
  const files = filesOf(app).map(({ path }): [string, string] => [`app.files["${path}"]`, path]);
  const all: [path: string, folder: string][] = [
    ...(hasCode(app) ? [['app.code', CODE_PATH] as [string, string]] : []),
    ...writableOf(app).map(({ path }, i): [string, string] => [`app.writable[${i}]`, path]),
    ...Object.entries(app.volumes).map(([name, { path }]): [string, string] => [`app.volumes.${name}.path`, path]),
    ...files,
  ];
  return all.flatMap(([path, folder], i) => {
    const own = OWN_FOLDERS.find((one) => lies(folder, one));
    const system = SYSTEM_FOLDERS.find((one) => lies(folder, one));
    const other = all.slice(0, i).find(([, earlier]) => earlier === folder)?.[0];
    const file = files.find(([, earlier]) => folder.startsWith(`${earlier}/`))?.[0];
    if (own)
      return [`${path}: must not lie in ${own}, where every app finds its access to the databases, got "${folder}"`];
    if (system) return [`${path}: must not lie in ${system}, which is the kernel's, got "${folder}"`];
    if (file) return [`${path}: must not lie below ${file}, which is a file, got "${folder}"`];
    return other ? [`${path}: must differ from ${other}, got "${folder}" for both`] : [];
  });
}

/** Locations of web servers that are there whatever the app is. */
const OWN_URLS = ['/error-pages/'];

/** Paths of the site that web servers serve: each once, and no mount in another one, which is read-only. */
export function urlFaults(app: AppConfig): string[] {
  const ofVolumes = Object.entries(app.volumes).flatMap(([name, { url }]): [string, string][] =>
    url ? [[`app.volumes.${name}.url`, url]] : [],
  );
  const ofStatic = Object.keys(app.static).map((url): [string, string] => [`app.static["${url}"]`, url]);
  const ofImage = ofStatic.filter(([, url]) => placeOf(app.static[url] ?? '', app) === 'image');
  const own = [...OWN_URLS, ...(isOwnImage(app) ? [] : ['/static/'])];
  const all = [...ofStatic, ...ofVolumes];
  return [
    ...all.flatMap(([path, url], i) => {
      const other = all.slice(0, i).find(([, earlier]) => earlier === url)?.[0];
      if (own.includes(url)) return [`${path}: must not be "${url}", where web servers serve files of their own`];
      return other ? [`${path}: must differ from ${other}, got "${url}" for both`] : [];
    }),
    ...[ofImage, ofVolumes].flatMap((mounts) =>
      mounts.flatMap(([path, url]) => {
        const outer = mounts.find(([, one]) => one !== url && url.startsWith(one));
        return outer
          ? [`${path}: must not lie below ${outer[0]} ("${outer[1]}"), got "${url}": web servers mount that read-only`]
          : [];
      }),
    ),
  ];
}
