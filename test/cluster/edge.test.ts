import { connect as connectHttp2, constants } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { bytes } from '../../config/fields';
import { eventually } from './support/eventually';
import { config } from './support/kubectl';
import { type Answer, Visitor } from './support/visitor';

const { limits } = config;
/** Seconds that a closed connection may be late. */
const LATE = 5;

let visitor: Visitor;
beforeAll(async () => {
  visitor = await Visitor.arrive();
});

const long = (length: number): string => 'a'.repeat(length);
const error = ({ body }: Answer): string => (JSON.parse(body) as { error: string }).error;

describe('every answer has the headers that protect a visitor', () => {
  test.each([
    ['the page', '/'],
    ['JSON', '/whoami'],
    ['a file', '/static/app.css'],
    ['an error about a file', '/static/nothing'],
    ['an error of an app server', '/nothing'],
    ['a refusal', `/?${long(bytes(limits.headerSize))}`],
  ])('%s', async (_, path) => {
    const { headers } = await visitor.get(path);
    expect(headers['strict-transport-security']).toMatch(`max-age=${config.tls.hsts.maxAge}`);
    expect(headers['content-security-policy']).toMatch("frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('strict-origin-when-cross-origin');
    expect(headers.server).toBe('nginx');
  });
});

describe('what the web servers refuse by themselves', () => {
  test.each<[string, number, () => Promise<Answer>]>([
    ['a file that is not there', 404, () => visitor.get('/static/nothing')],
    ['an error page requested directly', 404, () => visitor.get('/error-pages/500.html')],
    ['a method that no file takes', 405, () => visitor.post('/static/app.css', {})],
    ['a body that is too large', 413, () => visitor.post('/messages', { text: long(bytes(limits.bodySize)) })],
    ['an address that is too long', 414, () => visitor.get(`/?${long(bytes(limits.headerSize))}`)],
    ['a header that is too large', 431, () => visitor.getWith('/', { 'x-long': long(bytes(limits.headerSize)) })],
  ])('%s gets %d, in JSON and without a version', async (_, status, ask) => {
    const answer = await ask();
    expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/json']);
    expect(error(answer)).not.toMatch(/nginx|\d\.\d/);
  });

  test('a browser gets a page in the style of the site', async () => {
    const { status, headers, body } = await visitor.getWith('/static/nothing', { accept: 'text/html,*/*' });
    expect([status, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    expect(body).toMatch('/static/app.css');
    expect(body).not.toMatch(/nginx/);
  });
});

/** A connection over TLS that says `text` and no more. @returns what came back, and after how many seconds it ended */
const silent = (text: string): Promise<{ answer: string; seconds: number }> =>
  new Promise((resolve) => {
    const started = Date.now();
    let answer = '';
    const socket: TLSSocket = connectTls(
      { host: visitor.address, port: 443, servername: config.domain, ca: visitor.ca, ALPNProtocols: ['http/1.1'] },
      () => socket.write(text),
    );
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ answer, seconds: (Date.now() - started) / 1000 }));
  });

test('a client that falls silent in header or body is closed in time', async () => {
  const head = `POST /messages HTTP/1.1\r\nHost: ${config.domain}\r\n`;
  const [inHeader, inBody] = await Promise.all([
    silent(head),
    silent(`${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`),
  ]);
  for (const [{ seconds, answer }, wanted] of [
    [inHeader, limits.headerSeconds],
    [inBody, limits.bodySeconds],
  ] as const) {
    expect(seconds).toBeGreaterThan(wanted - 1);
    expect(seconds).toBeLessThan(wanted + LATE);
    expect(answer).not.toMatch('HTTP/1.1 2');
  }
}, 90_000);

test('plain http where TLS is spoken is closed and no web server is bothered', async () => {
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connectTcp(443, visitor.address, () =>
      socket.write(`GET / HTTP/1.1\r\nHost: ${config.domain}\r\n\r\n`),
    );
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
  expect(answer).toBe('');
}, 30_000);

test('a client that asks too often gets 429 with Retry-After', async () => {
  const connected = () => connectHttp2(`https://${visitor.address}`, { ca: visitor.ca, servername: config.domain });
  let session = connected();
  const statuses = new Map<number, number>();
  let retryAfter: unknown;
  const ask = (): Promise<void> =>
    new Promise((resolve, reject) => {
      if (session.closed || session.destroyed) session = connected();
      const stream = session.request({
        ':method': 'HEAD',
        ':path': '/static/favicon.svg',
        ':authority': config.domain,
      });
      stream.on('response', (headers) => {
        const status = Number(headers[constants.HTTP2_HEADER_STATUS]);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status === 429) retryAfter = headers['retry-after'];
      });
      // a connection that has had its requests ends, and refuses those that it has not read: ask again
      // https://www.rfc-editor.org/rfc/rfc9113#section-8.7
      stream.on('error', (error) => (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM ? resolve() : reject(error)));
      stream.on('close', resolve);
      stream.resume();
    });
  const workers = Array.from({ length: 50 }, async () => {
    while ((statuses.get(429) ?? 0) === 0 && (statuses.get(200) ?? 0) < limits.requestsPerSecondPerClient * 20)
      await ask();
  });
  await Promise.all(workers);
  session.close();
  expect([...statuses.keys()].sort()).toEqual([200, 429]);
  expect(retryAfter).toBe('1');
  await eventually(
    'the client is welcome again',
    10,
    async () => (await visitor.get('/static/app.css')).status === 200,
  );
}, 60_000);
