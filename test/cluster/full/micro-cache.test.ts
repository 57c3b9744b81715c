import { port } from '../../../charts/topology';
import { Copy } from '../../../commands/bench/copy';
import { putLoad } from '../../../commands/bench/load';
import type { Load, Measured } from '../../../commands/bench/load/load';
import { type Asked, askWebServer, type Got } from '../support/asker';
import { eventually } from '../support/eventually';
import { config, kubectl } from '../support/kubectl';
import { table } from '../support/table';

/** Messages in the answer that is measured: what a page of them takes. */
const MESSAGES = 100;
const PATH = `/messages?last=${MESSAGES}`;
const ROUNDS = 3;
const SECONDS = 5;

let copy: Copy;
beforeAll(async () => {
  copy = await Copy.start({
    ...config,
    web: { ...config.web, replicas: 2, microCache: { seconds: 5, size: '16Mi' } },
    tls: { ...config.tls, reencrypt: 'none' },
  });
}, 400_000);
afterAll(() => copy?.remove(), 300_000);

const ask = (...requests: readonly Asked[]): Promise<Got[]> => askWebServer(copy, requests);
const cacheOf = ({ headers }: Got): string => headers['x-cache-status'] ?? 'none';
const statuses = async (...requests: readonly Asked[]): Promise<string[]> => (await ask(...requests)).map(cacheOf);

test('responses without visitor data are cached for a second', async () => {
  expect(await statuses({ path: '/?first' }, { path: '/?first' })).toEqual(['MISS', 'HIT']);
  await eventually('it is asked for again', 10, async () => (await statuses({ path: '/?first' }))[0] === 'EXPIRED');
});

test('every answer keeps its security headers and a request id of its own', async () => {
  const [one, other] = await ask({ path: '/?id' }, { path: '/?id' });
  expect(one?.headers['strict-transport-security']).toBeDefined();
  expect(one?.headers['x-request-id']).not.toBe(other?.headers['x-request-id']);
});

test.each<Record<string, string>>([{ Cookie: 'session=1' }, { Cookie: '0' }, { Authorization: 'Bearer 1' }])(
  'a request with %j is not answered from the cache, and its answer is not kept',
  async (headers) => {
    const path = `/?personal=${encodeURIComponent(JSON.stringify(headers))}`;
    expect(await statuses({ path, headers }, { path }, { path, headers })).toEqual(['BYPASS', 'MISS', 'BYPASS']);
  },
);

test('who asks, and what must be fresh, is never kept', async () => {
  const fresh = [{ path: '/whoami' }, { path: '/messages?last=1&consistent=1' }];
  expect(await statuses(...fresh, ...fresh)).toEqual(['MISS', 'MISS', 'MISS', 'MISS']);
});

test(`answers come at least five times as fast as from an app server`, async () => {
  const post = { path: '/messages', method: 'POST', headers: { 'Content-Type': 'application/json' } };
  await ask(
    ...Array.from({ length: MESSAGES }, (_, n) => ({ ...post, body: JSON.stringify({ text: `message ${n}` }) })),
  );
  await eventually('the messages are at the replica', 30, async () => {
    const [got] = await ask({ path: `${PATH}&now=${Date.now()}` });
    return Number(got?.headers['content-length']) > MESSAGES * 50;
  });
  const { loadBalancer, web, app } = await copy.addresses();
  const common = { name: copy.config.domain, path: PATH, connections: 16, seconds: SECONDS };
  const ways: Record<string, Load> = {
    'one app server': { ...common, host: app, port: port('app', 'http', config), tls: false, proxyHeader: false },
    'one web server, not kept': {
      ...{ ...common, host: web, port: port('web', 'https'), tls: true, proxyHeader: true },
      path: `${PATH}&consistent=1`,
    },
    'one web server, kept': { ...common, host: web, port: port('web', 'https'), tls: true, proxyHeader: true },
    'whole path, kept': { ...common, host: loadBalancer, port: 443, tls: true, proxyHeader: false },
  };
  const rounds = new Map<string, Measured[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [way, load] of Object.entries(ways)) {
      const measured = await putLoad(copy, load);
      rounds.set(way, [...(rounds.get(way) ?? []), measured]);
    }
  }
  const median = (way: string): Measured =>
    [...(rounds.get(way) ?? [])].sort((a, b) => a.perSecond - b.perSecond)[Math.floor(ROUNDS / 2)] as Measured;
  const own = median('one app server').perSecond;
  const rows = Object.keys(ways).map((way) => {
    const { perSecond, p50Milliseconds, p99Milliseconds, failures } = median(way);
    return [
      way,
      perSecond.toFixed(0),
      (perSecond / own).toFixed(2),
      p50Milliseconds.toFixed(2),
      p99Milliseconds.toFixed(2),
      String(failures),
    ];
  });
  console.log(table([['way', 'requests/s', "of the app's own", 'p50 ms', 'p99 ms', 'failures'], ...rows]));
  expect(median('one web server, kept').failures).toBe(0);
  expect(median('one web server, kept').perSecond / own).toBeGreaterThanOrEqual(5);
}, 200_000);

describe('an app server with scripted responses', () => {
  /** Counts its requests, answers with the count and with the headers of the query, after a wait. */
  const STUB = `
let count = 0;
const listener = (request, response) => {
  const query = new URL(request.url, 'http://app').searchParams;
  const body = String(++count) + ' '.repeat(Number(query.get('size') ?? 0));
  for (const [name, value] of query) if (/^[A-Z]/.test(name)) response.setHeader(name, value);
  if (query.has('chunked')) response.write(body.slice(0, 1));
  setTimeout(() => response.end(query.has('chunked') ? body.slice(1) : body), Number(query.get('wait') ?? 0));
};
for (const port of [process.env.PORT, process.env.METRICS_PORT]) require('http').createServer(listener).listen(port);
process.on('SIGTERM', () => process.exit(0));`;

  beforeAll(async () => {
    const { name } = copy.config;
    const command = { op: 'replace', path: '/spec/template/spec/containers/0/command', value: ['node', '-e', STUB] };
    const one = { op: 'replace', path: '/spec/replicas', value: 1 };
    await kubectl(['patch', 'deployment/app', '-n', name, '--type=json', '-p', JSON.stringify([command, one])]);
    await kubectl(['rollout', 'status', 'deployment/app', '-n', name, '--timeout=120s'], { seconds: 130 });
    await eventually('web servers reach it', 60, async () =>
      /^\d+$/.test((await ask({ path: '/?chunked' }))[0]?.body ?? ''),
    );
  }, 250_000);

  /** True when the second of two visitors gets what the first got. */
  const isKept = async (query: string, one: object = {}, other: object = one): Promise<boolean> => {
    const path = `/?${query}`;
    const [first, second] = await ask({ path, headers: { ...one } }, { path, headers: { ...other } });
    expect([first?.status, second?.status]).toEqual([200, 200]);
    return first?.body.trim() === second?.body.trim();
  };

  test('that says nothing is kept', async () => {
    expect(await isKept('nothing')).toBe(true);
  });

  test.each([
    'Set-Cookie=session%3D1',
    'Cache-Control=private',
    'Cache-Control=no-store',
    'Cache-Control=no-cache',
    'Cache-Control=max-age%3D0',
    'Vary=*',
    'size=1000000',
    'chunked',
  ])('that says %s is not', async (query) => {
    expect(await isKept(query)).toBe(false);
  });

  test('is kept for each host, and for each value of what it varies by', async () => {
    expect(await isKept('hosts', { Host: 'a.example.org' }, { Host: 'b.example.org' })).toBe(false);
    const [german, french] = [{ 'Accept-Language': 'de' }, { 'Accept-Language': 'fr' }];
    expect(await isKept('Vary=Accept-Language', german, french)).toBe(false);
    expect(await isKept('Vary=Accept-Language&same', german)).toBe(true);
  });

  test('is asked once for what many want at the same time', async () => {
    const many = Array.from({ length: 20 }, () => ({ path: '/?wait=50&many' }));
    const bodies = (await askWebServer(copy, many, true)).map(({ body }) => body);
    expect(new Set(bodies).size).toBe(1);
    expect(bodies[0]).toMatch(/^\d+$/);
  });
});
