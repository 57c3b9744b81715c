import { readFileSync } from 'node:fs';
import { readAppFiles } from '../../config/app-files';
import { configOf, faultsIn } from '../support/configs';

const IMAGE = 'registry.example/shop:1.4.2';
const faultsOf = (app: object, more: object = {}): readonly string[] =>
  faultsIn(() => configOf({ app: { image: IMAGE, ...app }, ...more }));
const volume = (more: object = {}) => ({ path: '/data', accessMode: 'ReadWriteMany', ...more });

test.each<[string, object, string]>([
  ['port 80', { port: 80 }, 'app.port: must be 1024 to 65535, got 80'],
  [
    'two volumes at one path',
    { volumes: { one: volume(), two: volume() } },
    'app.volumes.two.path: must differ from app.volumes.one.path, got "/data" for both',
  ],
  [
    'a volume over a writable folder',
    { writable: ['/data'], volumes: { one: volume() } },
    'app.volumes.one.path: must differ from app.writable[0], got "/data" for both',
  ],
  [
    'a volume where the access to the databases lies',
    { volumes: { one: volume({ path: '/run/secrets/threewall/more' }) } },
    'app.volumes.one.path: must not lie in /run/secrets/threewall, where every app finds its access to the databases, got "/run/secrets/threewall/more"',
  ],
  [
    'a path that climbs',
    { writable: ['/app/../etc'] },
    'app.writable[0]: must be an absolute path without "..", a slash at its end, a space, a quote or one of \\ ; : { } $ #, like "/app/uploads", got "/app/../etc"',
  ],
  [
    'a volume of one node with several servers',
    { replicas: 3, volumes: { one: volume({ accessMode: 'ReadWriteOnce' }) } },
    'app.replicas: must be 1 with app.volumes.one.accessMode "ReadWriteOnce", which one node mounts, got 3; or make the volume ReadWriteMany',
  ],
  [
    'a volume of one node and an autoscaler',
    { autoscaling: {}, volumes: { one: volume({ accessMode: 'ReadWriteOnce' }) } },
    'app.autoscaling: must be left out with app.volumes.one.accessMode "ReadWriteOnce", which one node mounts; or make the volume ReadWriteMany',
  ],
  [
    'a volume of one node that web servers would serve',
    { replicas: 1, volumes: { one: volume({ accessMode: 'ReadWriteOnce', url: '/media/' }) } },
    'app.volumes.one.url: must be left out with app.volumes.one.accessMode "ReadWriteOnce", which one node mounts, got "/media/": web servers run on other nodes too',
  ],
  [
    'a variable that does not exist',
    { env: { URL: 'mysql://$(DATABASE_USR)@x' } },
    'app.env.URL: must name variables that exist, got $(DATABASE_USR); did you mean $(DATABASE_USER)?',
  ],
  [
    'a variable that is like nothing',
    { env: { URL: '$(xyzzy)' } },
    'app.env.URL: must name variables that exist, got $(xyzzy); write $$(…) where it stands for itself',
  ],
  [
    'a variable of a command line that does not exist',
    { command: ['run', '--url=$(SITE_ULR)'] },
    'app.command[1]: must name variables that exist, got $(SITE_ULR); did you mean $(SITE_URL)?',
  ],
  [
    'variables that need each other',
    { env: { A: 'x$(B)', B: '$(A)' } },
    'app.env.A: must not need itself, got "x$(B)"; A, B name each other',
  ],
  [
    'an image without a tag',
    { image: 'registry.example/shop' },
    'app.image: must be an image with a tag other than "latest" or with a digest, like "docker.io/library/nginx:1.30.6", got "registry.example/shop"',
  ],
  [
    'a Secret without a key',
    { env: { PASSWORD: { secret: 'mail' } } },
    'app.env.PASSWORD.key: is required with the Secret "mail": the key of it that holds the value',
  ],
  [
    'a key of a value that is made',
    { env: { KEY: { secret: 'random', key: 'x' } } },
    'app.env.KEY.key: must be left out with secret "random", got "x"; its key is the name of the variable',
  ],
  [
    "a Secret of the site's own",
    { env: { PASSWORD: { secret: 'database-users', key: 'root' } } },
    'app.env.PASSWORD.secret: must not be one of the site\'s own Secrets, got "database-users" (secrets.databaseUsers); $(DATABASE_PASSWORD) is the app\'s password',
  ],
  [
    'an hour that no day has',
    { schedule: { nightly: { command: ['x'], cron: '17 25 * * *' } } },
    'app.schedule.nightly.cron: must be a schedule like "17 3 * * *"; its hour "25" must be 0 to 23, "*", a range, a list or a step, got "17 25 * * *"',
  ],
  [
    'a schedule of six fields',
    { schedule: { nightly: { command: ['x'], cron: '0 17 3 * * *' } } },
    'app.schedule.nightly.cron: must be a schedule of five fields, like "17 3 * * *", got "0 17 3 * * *"',
  ],
  [
    'a file below a file',
    { files: { '/app/config': './a', '/app/config/b.yml': './b' } },
    'app.files["/app/config/b.yml"]: must not lie below app.files["/app/config"], which is a file, got "/app/config/b.yml"',
  ],
  [
    'a volume below a file',
    { files: { '/app/config': './a' }, volumes: { data: volume({ path: '/app/config/data' }) } },
    'app.volumes.data.path: must not lie below app.files["/app/config"], which is a file, got "/app/config/data"',
  ],
  [
    'a folder of the kernel',
    { writable: ['/tmp', '/proc/self'] },
    'app.writable[1]: must not lie in /proc, which is the kernel\'s, got "/proc/self"',
  ],
  [
    'a device',
    { files: { '/dev/x': './x' } },
    'app.files["/dev/x"]: must not lie in /dev, which is the kernel\'s, got "/dev/x"',
  ],
  [
    'a variable without a value',
    { env: { TOKEN: null } },
    'app.env.TOKEN: must be text or a number or true or false or a group of settings, got null',
  ],
  [
    'fastcgi without a root',
    { protocol: 'fastcgi' },
    'app.root: is required with app.protocol "fastcgi": the folder that holds the index file, like "/srv/code/public"',
  ],
  ['a root of http', { root: '/app' }, 'app.root: must be left out unless app.protocol is "fastcgi", got "/app"'],
  [
    'kept connections of fastcgi',
    { protocol: 'fastcgi', root: '/app', keepAliveSeconds: 5 },
    'app.keepAliveSeconds: must be left out with app.protocol "fastcgi", got 5; its connections are not kept',
  ],
  [
    'a health path of fastcgi',
    { protocol: 'fastcgi', root: '/app', health: '/up' },
    'app.health: must be left out with app.protocol "fastcgi", got "/up": a kubelet speaks HTTP; or name an HTTP port of its own ({ready, live, port})',
  ],
  [
    'a port twice',
    { peers: [8080] },
    'app.peers[0]: must differ from the other ports of the pod, got 8080, that of app.port',
  ],
  [
    'the port of the router',
    { port: 8405 },
    "app.port: must differ from the other ports of the pod, got 8405, that of the router's health",
  ],
  [
    'one path for both probes',
    { health: { ready: '/up', live: '/up' } },
    'app.health.live: must differ from app.health.ready, got "/up" for both: a database that is away would restart every app pod; leave it out where the app has one path only',
  ],
  [
    'a worker that is another server',
    { workers: { jobs: {} } },
    'app.workers.jobs: must have command or args, got neither; without one it would be another server',
  ],
  [
    'a folder of the code volume without one',
    { static: { '/assets/': '/srv/code/assets' } },
    'app.static["/assets/"]: must be a folder of app.image where app.code is left out, got "/srv/code/assets"',
  ],
  [
    'two things at one path of the site',
    { static: { '/media/': '/app/media' }, volumes: { one: volume({ url: '/media/' }) } },
    'app.volumes.one.url: must differ from app.static["/media/"], got "/media/" for both',
  ],
  [
    'a folder of the site without slashes',
    { static: { assets: '/app/assets' } },
    'app.static: must be the path of a folder below "/" that begins and ends with "/", like "/assets/", got "assets"',
  ],
  [
    'more connections than a database has',
    { replicas: 9, connections: 50, workers: { jobs: { command: ['x'] } } },
    'app.connections: must be at most 19 with 10 app pods (one more while they roll), 2 of workers, schedules and release and 232 connections at one database, got 50; lower it or raise database.resources.limits.memory',
  ],
])('%s is one line', (_, app, fault) => {
  expect(faultsOf(app)).toEqual([fault]);
});

test.each(['* * * * *', '*/5 0-6,22 1 jan-mar sun', '0 0 ? * MON', '59 23 31 12 6'])('"%s" is a schedule', (cron) => {
  expect(faultsOf({ schedule: { nightly: { command: ['x'], cron } } })).toEqual([]);
});
test.each([
  '',
  'daily',
  '@daily',
  '60 * * * *',
  '* * 0 * *',
  '* * * 13 *',
  '* * * * 7',
  '5-1 * * * *',
  '*/0 * * * *',
  '1-2-3 * * * *',
  'a * * * *',
])('"%s" is none', (cron) => {
  expect(faultsOf({ schedule: { nightly: { command: ['x'], cron } } })).toHaveLength(1);
});

test('what a shell or a template writes like a variable stands for itself', () => {
  expect(
    faultsOf({ env: { TEXT: 'costs $$(PRICE)', EMPTY: '$()' }, command: ['sh', '-c', 'echo $(hostname) $HOME'] }),
  ).toEqual([]);
});

test('release is one step, or several', () => {
  const steps = (release: unknown) => configOf({ app: { image: IMAGE, release } }).app.release;
  expect(steps(['bin/migrate', '--all'])).toEqual([['bin/migrate', '--all']]);
  expect(steps([['bin/migrate'], ['bin/seed']])).toEqual([['bin/migrate'], ['bin/seed']]);
});

describe('files', () => {
  const read = (file: unknown) => () =>
    readAppFiles(configOf({ app: { image: IMAGE, files: { '/app/x': file } } }).app, 'test', 'test.yaml');

  test('are read from the folder of the configuration', () => {
    expect(read('./config/app-rules.test.ts')().get('/app/x')).toEqual(readFileSync(__filename));
  });

  test.each([
    ['./missing.yml', 'must be a file, its path seen from test, got "./missing.yml": there is none'],
    ['./config', 'must be a file, its path seen from test, got "./config": it is a folder'],
    [
      { file: './config/app-rules.test.ts', expand: true },
      './config/app-rules.test.ts: must name variables that exist, got $(DATABASE_USR); did you mean $(DATABASE_USER)?',
    ],
  ])('%j is reported', (file, fault) => {
    expect(read(file)).toThrow(fault);
  });
});

test('the sample site speaks no FastCGI, and an unset health is not reported', () => {
  expect(faultsOf({ image: undefined, protocol: 'fastcgi', root: '/srv/code' })).toEqual([
    'app.protocol: must be "http" for the sample site, got "fastcgi"; app.image names an app that speaks it',
  ]);
});
