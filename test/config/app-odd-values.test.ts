import { environment } from '../../charts/app/environment';
import { tiers } from '../../charts/topology';
import { APP_USER } from '../../config/app-facts';
import { configFrom, configOf, faultsIn } from '../support/configs';

const IMAGE = 'registry.example/shop:1.4.2';
const faultsOf = (app: object, more: object = {}): readonly string[] =>
  faultsIn(() => configOf({ app: { image: IMAGE, ...app }, ...more }));
const scheduled = (cron: string, timeZone?: string) => ({ schedule: { nightly: { command: ['x'], cron, timeZone } } });
const FASTCGI = { protocol: 'fastcgi', port: 9000, root: '/app/public' };
const REENCRYPT = { tls: { reencrypt: 'app' } };

test.each<[string, object, object, string | RegExp]>([
  [
    'a port of health that nothing is asked at',
    { health: { port: 9001 } },
    {},
    'app.health.port: must be left out without app.health.ready and app.health.live, which it answers, got 9001',
  ],
  [
    'HTTP health at the port of FastCGI',
    { ...FASTCGI, health: { ready: '/ping', port: 9000 } },
    {},
    /^app.health: must be left out with app.protocol "fastcgi", .* a kubelet speaks HTTP/,
  ],
  [
    'metrics at the port of FastCGI',
    { ...FASTCGI, metrics: { port: 9000 } },
    {},
    'app.metrics.port: must differ from app.port with app.protocol "fastcgi", got 9000: the collector speaks HTTP',
  ],
  [
    'health at a port that asks for a certificate, named',
    { health: { ready: '/up', port: 8080 } },
    REENCRYPT,
    /^app.health: must name a plain port of its own .* a kubelet has no certificate/,
  ],
  [
    'metrics at a port that asks for a certificate',
    { metrics: { port: 8080 } },
    REENCRYPT,
    'app.metrics.port: must differ from app.port with tls.reencrypt "app", got 8080: the collector has no certificate for the port of the site',
  ],
  [
    'the user of another tier',
    { user: 10105 },
    {},
    "app.user: must not be 10101 to 10199, the users of the other tiers, got 10105; 10103 is the app's own",
  ],
  [
    'a variable that every process has, by itself',
    { env: { PORT: '$(PORT)' } },
    {},
    'app.env.PORT: must not need itself, got "$(PORT)"; leave it out, as every process has PORT',
  ],
  [
    'a variable of the image',
    { env: { PATH: '/app/bin:$(PATH)' } },
    {},
    'app.env.PATH: must not need itself, got "/app/bin:$(PATH)"; what the image says of PATH cannot be named here, so write the whole value',
  ],
  [
    'a time zone that there is not',
    scheduled('0 3 * * *', 'Europe/Berln'),
    {},
    'app.schedule.nightly.timeZone: must be the name of a time zone, like "Europe/Berlin"; did you mean "Europe/Berlin"?, got "Europe/Berln"',
  ],
  [
    'a time zone in small letters, which Kubernetes does not find',
    scheduled('0 3 * * *', 'asia/tokyo'),
    {},
    'app.schedule.nightly.timeZone: must be the name of a time zone, like "Europe/Berlin"; did you mean "Asia/Tokyo"?, got "asia/tokyo"',
  ],
  [
    'the time zone Local, which Kubernetes refuses',
    scheduled('0 3 * * *', 'Local'),
    {},
    /^app.schedule.nightly.timeZone: must be the name of a time zone/,
  ],
  [
    'hours that no backup has',
    {},
    { backup: { store: { type: 'claim' }, schedule: '99 99 * * *' } },
    /^backup.schedule: .*its minute "99" must be 0 to 59/,
  ],
  [
    'a header larger than the memory of a web server allows',
    {},
    { limits: { headerSize: '1Gi' } },
    'limits.headerSize: must be 1Ki to 256Ki, got "1Gi"',
  ],
  [
    'a size without a unit, once',
    { volumes: { data: { path: '/data', size: '512m', accessMode: 'ReadWriteMany' } } },
    {},
    'app.volumes.data.size: must be a whole number with Ki, Mi, Gi or Ti, like "512Mi", got "512m"',
  ],
  ...['Strict', 'none', 'off', 'self'].map((text): [string, object, object, string] => [
    `a policy "${text}" that forbids nothing`,
    {},
    { web: { contentSecurityPolicy: text } },
    `web.contentSecurityPolicy: must be \`app\`, \`strict\`, or a text that begins with a directive, like "default-src 'self'", got "${text}"`,
  ]),
])('%s is one line', (_, app, more, fault) => {
  expect(faultsOf(app, more)).toEqual([typeof fault === 'string' ? fault : expect.stringMatching(fault)]);
});

test.each([
  'Etc/UTC',
  'UTC',
  'Europe/Berlin',
  'America/Argentina/Buenos_Aires',
  'EST5EDT',
  'Etc/GMT+5',
  'Asia/Calcutta',
])('%s is a time zone', (timeZone) => {
  expect(faultsOf(scheduled('0 3 * * *', timeZone))).toEqual([]);
});

test('backups run on weekdays by name, as schedules of the app do', () => {
  expect(faultsOf({}, { backup: { store: { type: 'claim' }, schedule: '0 3 * * SUN' } })).toEqual([]);
});

test.each([
  "default-src 'self'",
  'sandbox',
  'sandbox allow-scripts',
  'upgrade-insecure-requests;',
  "Frame-Ancestors 'none'",
])('"%s" is a policy', (contentSecurityPolicy) => {
  expect(faultsOf({}, { web: { contentSecurityPolicy } })).toEqual([]);
});

test('every tier has a user that the app may not take', () => {
  const others = Object.values(tiers).flatMap(({ uid }) => (uid === APP_USER ? [] : [uid]));
  expect(others.filter((user) => faultsOf({ user }).length === 0)).toEqual([]);
  expect([33, 999, 1000, APP_USER, 10200].flatMap((user) => faultsOf({ user }))).toEqual([]);
});

test.each(['constructor', 'random.of.mine'])('a Secret of yours may be called %s', (secret) => {
  const config = configOf({ app: { image: IMAGE, env: { KEY: { secret, key: 'a' } } } });
  expect(environment(config)).toContainEqual({ name: 'KEY', valueFrom: { secretKeyRef: { name: secret, key: 'a' } } });
});

describe('YAML', () => {
  test('merge keys are named where they stand', () => {
    expect(faultsIn(() => configFrom('app:\n  <<: &a { image: x }\n  env:\n    <<: &b { A: x }'))).toEqual([
      'app.env: must have no "<<": merge keys are not of YAML 1.2, so write the settings out',
      'app.<<: unknown setting: merge keys are not of YAML 1.2, so write the settings out',
    ]);
  });

  test('an anchor within itself is a fault like another', () => {
    expect(faultsIn(() => configFrom('aliases: &a [*a]'))).toEqual([
      'aliases[0]: must be text, got a value that holds itself',
    ]);
  });

  test('aliases of aliases, which no memory holds when written out, are cut', () => {
    const levels = 'abcdefghijkl'.split('');
    const lists = levels.map((name, i) => `${name}: &${name} [${Array(10).fill(i === 0 ? 'x' : `*${levels[i - 1]}`)}]`);
    const faults = faultsIn(() => configFrom([...lists, `app: { image: ${IMAGE}, args: [*l] }`].join('\n')));
    expect(faults).toContainEqual(expect.stringMatching(/^app\.args\[0\]: must be text, got \[\[\[.*…$/));
  });

  test.each([
    ['.nan', 'NaN'],
    ['-.inf', '-Infinity'],
  ])('%s is called by its name', (typed, got) => {
    expect(faultsIn(() => configFrom(`web: { replicas: ${typed} }`))).toEqual([
      `web.replicas: must be a whole number, 2 to 50, got ${got}`,
    ]);
  });
});
