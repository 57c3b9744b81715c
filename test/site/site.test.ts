import { Agent, createServer, request, type Server } from 'node:http';
import { listen } from '../../site/lifecycle';
import { createListener, createRoutes } from '../../site/site';
import { fakeStore } from './fake-store';

const counted: unknown[][] = [];
const lines: Record<string, unknown>[] = [];
const store = fakeStore();
let stopping = false;
let server: Server;
let base: string;

beforeAll(async () => {
  jest.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(JSON.parse(String(line))) > 0);
  const routes = createRoutes({
    store,
    podName: 'app-0',
    siteName: '<Foo> & "Bar"',
    staticVersion: 'v1',
    stopping: () => stopping,
  });
  const request = (...call: unknown[]) => counted.push(call);
  server = createServer(createListener(routes, { request }, () => stopping));
  base = `http://127.0.0.1:${await listen(server, 0)}`;
});
beforeEach(() => {
  store.trouble = undefined;
  store.messages.length = 0;
  stopping = false;
  counted.length = 0;
  lines.length = 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const post = (body: string | Buffer<ArrayBuffer>, type = 'application/json') =>
  fetch(`${base}/messages`, { method: 'POST', body, headers: { 'Content-Type': type } });
const logged = async () => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return lines;
};

test('a message is stored, answered with 201, and read again', async () => {
  const answer = await post('{"text":" hello "}');
  expect(answer.status).toBe(201);
  expect(await answer.json()).toEqual({ id: 1, text: 'hello', createdAt: '2026-01-02T03:04:05.678Z' });
  const read = await fetch(`${base}/messages?after=0&consistent=1`);
  expect(read.headers.get('x-database')).toBe('writer');
  expect(await read.json()).toHaveLength(1);
});

test('the page has no script and no style of its own, and its title is escaped', async () => {
  const html = await (await fetch(base)).text();
  expect(html).toContain('<title>&#60;Foo&#62; &#38; &#34;Bar&#34;</title>');
  expect(html).toContain('src="/static/app.js?v=v1"');
  expect(html).not.toMatch(/<style|<script(?! src=)|\sstyle=|\son\w+=/);
});

test('whoami names all that took part, and a lost side does not hide the others', async () => {
  const headers = { 'X-Real-IP': '203.0.113.9', 'X-Web-Server': 'web-1', Forwarded: 'for=203.0.113.9;proto=https' };
  expect(await (await fetch(`${base}/whoami`, { headers })).json()).toEqual({
    app: 'app-0',
    web: 'web-1',
    client: '203.0.113.9',
    'x-forwarded-for': null,
    forwarded: 'for=203.0.113.9;proto=https',
    writer: { host: 'database-0', read_only: 0 },
    reader: { error: 'lost' },
  });
});

test('headers that are not well formed are not believed', async () => {
  const headers = { 'X-Real-IP': '1.2.3.4, 5.6.7.8', 'X-Web-Server': '<b>', 'X-Request-Id': '{}' };
  const answer = await fetch(`${base}/whoami`, { headers });
  expect(await answer.json()).toMatchObject({ web: null, client: null });
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('a request leaves one line without its query and one count by route', async () => {
  await fetch(`${base}/nothing?secret=1`, {
    headers: { 'X-Request-Id': 'abc-1', 'X-Connection-Id': 'c-1', Cookie: 'secret=2' },
  });
  expect(await logged()).toEqual([
    expect.objectContaining({
      request_id: 'abc-1',
      connection_id: 'c-1',
      method: 'GET',
      path: '/nothing',
      status: 404,
      client: '127.0.0.1',
    }),
  ]);
  expect(JSON.stringify(lines)).not.toContain('secret');
  expect(counted).toEqual([['GET', 'none', 404, expect.any(Number)]]);
});

test('a probe that succeeds leaves no line', async () => {
  await fetch(`${base}/healthz`);
  expect(await logged()).toEqual([]);
});

test('fails with 503 and Retry-After when the database is lost, while /healthz stays well', async () => {
  store.trouble = 'unreachable';
  for (const answer of [await post('{"text":"a"}'), await fetch(`${base}/messages`), await fetch(`${base}/readyz`)]) {
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(await answer.json()).toEqual({ error: expect.not.stringContaining('internal') });
  }
  expect((await fetch(`${base}/healthz`)).status).toBe(200);
  expect((await logged())[0]).toMatchObject({ error: expect.stringContaining('db-0.internal said no') });
});

test('after SIGTERM /readyz is 503, and answers close their connection', async () => {
  expect((await fetch(`${base}/readyz`)).status).toBe(200);
  stopping = true;
  const answer = await fetch(`${base}/readyz`);
  expect([answer.status, answer.headers.get('connection')]).toEqual([503, 'close']);
});

test.each([
  ['no JSON', 400, '{', 'application/json'],
  ['bytes that are not UTF-8', 400, Buffer.from([0x22, 0xff, 0x22]), 'application/json; charset=utf-8'],
  ['a form', 415, 'text=a', 'application/x-www-form-urlencoded'],
  ['more than 16 KiB', 413, `{"text":"${'a'.repeat(17_000)}"}`, 'application/json'],
])('fails for a body of %s with %i', async (_, status, body, type) => {
  const answer = await post(body as string, type);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toEqual({ error: expect.any(String) });
  expect(store.messages).toEqual([]);
});

test.each([
  ['that is too large', 'application/json'],
  ['of another type', 'image/png'],
])('a body %s is read to its end, so that no web server loses a connection over it', async (_, type) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (method: string, path: string, body = '') =>
    new Promise<{ status: number | undefined; reused: boolean }>((resolve, reject) => {
      const options = { agent, method, headers: { 'Content-Type': type } };
      const asked = request(base + path, options, (answer) => {
        answer.on('end', () => resolve({ status: answer.statusCode, reused: asked.reusedSocket }));
        answer.resume();
      });
      asked.on('error', reject);
      asked.end(body);
    });
  const refused = await ask('POST', '/messages', 'a'.repeat(1_000_000));
  expect([413, 415]).toContain(refused.status);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await ask('GET', '/healthz')).toEqual({ status: 200, reused: true });
  agent.destroy();
});

test('fails with 405 and Allow for another method', async () => {
  const answer = await fetch(`${base}/messages`, { method: 'DELETE' });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
});

test.each([
  ['/', 'max-age=0, s-maxage=1'],
  ['/messages', 'max-age=0, s-maxage=1'],
  ['/messages?consistent=1', 'no-store'],
  ['/whoami', 'no-store'],
  ['/nothing', 'no-store'],
])('who may keep an answer of %s: "%s"', async (path, value) => {
  expect((await fetch(base + path)).headers.get('cache-control')).toBe(value);
});
