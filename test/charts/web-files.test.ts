import { nginxConf } from '../../charts/web/nginx-conf';
import { configOf, faultsIn } from '../support/configs';
import { synthesize } from '../support/manifests';

const IMAGE = 'registry.example/portal:2.0.1';
const php = (root: string, more: object = {}) => ({
  app: { image: IMAGE, protocol: 'fastcgi', port: 9000, root, ...more },
});
const html = (more: object = {}) => ({
  volumes: { html: { path: '/var/www/html', accessMode: 'ReadWriteMany', ...more } },
});

// biome-ignore lint/suspicious/noExplicitAny: manifests, read at many depths
type Node = any;
/** The mounts of a web server, each with what is mounted, and the wave of its file. */
function mountsOf(config: object): string[] {
  const pod = (synthesize(configOf(config)) as Node[]).find(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'web',
  ).spec.template.spec;
  const source = (name: string): string => {
    const { image, persistentVolumeClaim: claim } = pod.volumes.find((volume: Node) => volume.name === name);
    return image?.reference ?? (claim ? `${claim.claimName}${claim.readOnly ? ', read-only' : ''}` : '');
  };
  return pod.containers[0].volumeMounts
    .filter(({ mountPath }: Node) => mountPath.startsWith('/srv/app'))
    .map(({ name, mountPath, subPath, readOnly }: Node) =>
      [mountPath, source(name), subPath, readOnly && 'read-only'].filter(Boolean).join(' '),
    );
}

test.each<[string, object, string, string[]]>([
  [
    'the image',
    php('/app/public'),
    '/srv/app/image/app/public',
    [`/srv/app/image/app/public ${IMAGE} app/public read-only`],
  ],
  [
    'a volume',
    php('/var/www/html', html()),
    '/srv/app/claims/html',
    ['/srv/app/claims/html app-html, read-only read-only'],
  ],
  [
    'a folder of a volume',
    php('/var/www/html/web', html()),
    '/srv/app/claims/html/web',
    ['/srv/app/claims/html app-html, read-only read-only'],
  ],
  [
    'the inner one of two volumes',
    php('/var/www/html/web', {
      volumes: {
        web: { path: '/var/www/html/web', accessMode: 'ReadWriteMany', claimName: 'mine' },
        outer: { path: '/var/www', accessMode: 'ReadWriteMany' },
      },
    }),
    '/srv/app/claims/web',
    ['/srv/app/claims/web mine, read-only read-only'],
  ],
  [
    'the image beside a volume whose name begins alike',
    php('/var/www/html', { volumes: { data: { path: '/var/www/html-data', accessMode: 'ReadWriteMany' } } }),
    '/srv/app/image/var/www/html',
    [`/srv/app/image/var/www/html ${IMAGE} var/www/html read-only`],
  ],
])('the root of PHP lies in %s', (_, config, root, mounts) => {
  expect(nginxConf(configOf(config))).toContain(`root ${root};`);
  expect(mountsOf(config)).toEqual(mounts);
});

test('a volume with a URL that holds the root as well is mounted for both', () => {
  expect(mountsOf(php('/var/www/html', html({ url: '/files/' })))).toEqual([
    '/srv/app/volumes/files app-html, read-only read-only',
    '/srv/app/claims/html app-html, read-only read-only',
  ]);
});

test('static files in a volume are treated as what visitors upload', () => {
  const config = {
    app: {
      image: IMAGE,
      static: { '/assets/': '/data/assets' },
      volumes: { data: { path: '/data', accessMode: 'ReadWriteMany' } },
    },
  };
  const conf = nginxConf(configOf(config));
  expect(conf).toMatch(
    /location \^~ \/assets\/ \{\n +alias \/srv\/app\/claims\/data\/assets\/;\n.*\n.*\n +add_header Content-Sec/,
  );
  expect(conf).toContain('location ^~ /assets/.threewall/ {');
  expect(mountsOf(config)).toEqual(['/srv/app/claims/data app-data, read-only read-only']);
});

test.each<[string, string, string, string]>([
  ['a volume in the code', '/srv/code/media', '/srv/code/media/x', '/srv/app/claims/data/x'],
  ['the code beside such a volume', '/srv/code/media', '/srv/code/mediaplayer', '/srv/code/mediaplayer'],
  ['the code in a volume', '/srv', '/srv/code/x', '/srv/code/x'],
  ['a volume around the code', '/srv', '/srv/x', '/srv/app/claims/data/x'],
])('static files are served from where the app sees them: %s', (_, volume, folder, place) => {
  const conf = nginxConf(
    configOf({
      app: { static: { '/a/': folder }, volumes: { data: { path: volume, accessMode: 'ReadWriteMany' } } },
    }),
  );
  expect(conf).toContain(`alias ${place}/;`);
});

test.each<[string, object, string]>([
  [
    'a root that only the app sees',
    php('/var/www/html', { writable: ['/var/www/html'] }),
    'app.root: must not lie in app.writable, got "/var/www/html", which only the app\'s own pod sees; with a volume at "/var/www/html" web servers see its files',
  ],
  [
    'a root below a folder that only the app sees',
    php('/var/www/html/web', { writable: ['/tmp', { path: '/var/www' }] }),
    'app.root: must not lie in app.writable, got "/var/www/html/web", which only the app\'s own pod sees; with a volume at "/var/www" web servers see its files',
  ],
  [
    'a root on one node alone',
    php('/var/www/html', { replicas: 1, ...html({ accessMode: 'ReadWriteOnce' }) }),
    'app.root: must not lie in a volume with app.volumes.html.accessMode "ReadWriteOnce", which one node mounts, got "/var/www/html": web servers run on other nodes too',
  ],
  [
    'static files on one node alone',
    {
      app: {
        image: IMAGE,
        replicas: 1,
        static: { '/a/': '/var/www/html/a' },
        ...html({ accessMode: 'ReadWriteOnce' }),
      },
    },
    'app.static["/a/"]: must not lie in a volume with app.volumes.html.accessMode "ReadWriteOnce", which one node mounts, got "/var/www/html/a": web servers run on other nodes too',
  ],
  [
    'static files on one node alone, in the code',
    {
      app: {
        replicas: 1,
        static: { '/a/': '/srv/code/media' },
        volumes: { media: { path: '/srv/code/media', accessMode: 'ReadWriteOnce' } },
      },
    },
    'app.static["/a/"]: must not lie in a volume with app.volumes.media.accessMode "ReadWriteOnce", which one node mounts, got "/srv/code/media": web servers run on other nodes too',
  ],
  [
    'earlier images of static files in a volume',
    {
      app: {
        image: IMAGE,
        keep: ['registry.example/portal:2.0.0'],
        static: { '/a/': '/var/www/html/a' },
        ...html(),
      },
    },
    'app.keep: must be left out without a folder of the image in app.static, got a list; only such folders are kept',
  ],
])('%s is refused', (_, config, fault) => {
  expect(faultsIn(() => configOf(config))).toEqual([fault]);
});

test('a root that is filled from the image is the image', () => {
  expect(mountsOf(php('/app/public', { writable: [{ path: '/app', seed: true }] }))).toEqual([
    `/srv/app/image/app/public ${IMAGE} app/public read-only`,
  ]);
});
