import { constants } from 'node:http2';
import { putLoad, putLoads, type Runner } from '../../commands/bench/load';
import type { Client, Load } from '../../commands/bench/load/load';
import { Network } from '../../commands/bench/load/network';
import { HERE, webServer } from '../support/loopback';

/** Some packets long. */
const BODY = 'x'.repeat(5000);
const REQUESTS = 15;
const CLIENTS: readonly Client[] = ['http/1.1', 'http/2', 'full handshake', 'resumption'];
const isKept = (client: Client): boolean => client === 'http/1.1' || client === 'http/2';

/** Ends after REQUESTS, however busy the machine is. */
const loadOf = (port: number, more: Partial<Load> = {}): Load => ({
  ...{ host: '127.0.0.1', port, path: '/static/app.css', name: 'foobar.test', tls: true, proxyHeader: true },
  ...{ connections: 2, streams: 3, seconds: 1, requests: REQUESTS, rate: 30, ...more },
});

test.concurrent('several loads are put on side by side', async () => {
  const order: string[] = [];
  const server = await webServer((request, response) => {
    order.push(request.url);
    response.writeHead(200, { 'content-length': 2 }).end('ok');
  });
  const loads = ['/a', '/b'].map((path) => loadOf(server.port, { path }));
  const measured = await putLoads(HERE, { loads, rounds: 2 });
  server.close();
  expect(measured.map((of) => of.length)).toEqual([2, 2]);
  expect(measured.flat().filter(({ requests }) => requests > 0)).toHaveLength(4);
  // taken in turns they would change places three times
  expect(order.filter((url, n) => n > 0 && url !== order[n - 1]).length).toBeGreaterThan(3);
  expect(order.indexOf('/b')).toBeLessThan(order.lastIndexOf('/a'));
  expect(order.indexOf('/a')).toBeLessThan(order.lastIndexOf('/b'));
});

test.concurrent('several loads get a deadline that all of them can keep', async () => {
  const run = jest.fn<ReturnType<Runner['run']>, Parameters<Runner['run']>>(async () => '[]');
  await putLoads({ run }, { loads: [loadOf(1, { seconds: 2 }), loadOf(1, { seconds: 3 })], rounds: 100 });
  // so many that the spare time does not hide a round that is reckoned too short
  expect(run.mock.calls[0]?.[2]).toBeGreaterThan(100 * (3 + 1));
  expect(run.mock.calls[0]?.[2]).toBe(Math.trunc(run.mock.calls[0]?.[2] ?? 0));
});

test.concurrent.each(CLIENTS)('a load of %s sends the configured requests at the configured rate', async (client) => {
  const server = await webServer((request, response) => {
    const known = request.url === '/static/app.css' && (request.authority || request.headers.host) === 'foobar.test';
    response.writeHead(known ? 200 : 404, { 'content-length': BODY.length }).end(BODY);
  });
  const measured = await putLoad(HERE, loadOf(server.port, { client }));
  const { seen } = server;
  server.close();

  expect(measured).toMatchObject({ requests: REQUESTS, failures: 0 });
  expect(seen.requests).toBeGreaterThanOrEqual(REQUESTS);

  expect([...seen.versions]).toEqual([client === 'http/2' ? '2.0' : '1.1']);
  expect(seen.withoutProxyHeader).toBe(0);
  if (isKept(client)) expect(seen.connections).toBe(2);
  else expect(seen.connections - seen.requests).toBeLessThanOrEqual(2);
  // the first of each place has nothing to resume
  expect(seen.resumed).toBe(client === 'resumption' ? seen.connections - 2 : 0);
  if (client !== 'resumption') expect(measured.resumed).toBe(0);
  else expect(measured.resumed * REQUESTS).toBeGreaterThanOrEqual(REQUESTS - 2);
});

test.concurrent.each(CLIENTS)('a load of %s counts answers other than 200 as failures', async (client) => {
  const server = await webServer((_, response) => response.writeHead(500, { 'content-length': 2 }).end('no'));
  const { requests, failures } = await putLoad(HERE, loadOf(server.port, { client }));
  server.close();
  expect({ requests, failures }).toEqual({ requests: REQUESTS, failures: REQUESTS });
});

test.concurrent.each(CLIENTS)('a load of %s counts connections that break as failures, and goes on', async (client) => {
  const server = await webServer(({ stream, socket }, response, { requests }) => {
    if (requests % 5 === 0) (stream?.session ?? socket).destroy();
    else response.writeHead(200, { 'content-length': 2 }).end('ok');
  });
  const { requests, failures } = await putLoad(HERE, loadOf(server.port, { client }));
  server.close();
  expect(failures).toBeGreaterThan(0);
  expect(requests).toBeGreaterThan(0);
  expect(requests + failures).toBeGreaterThanOrEqual(REQUESTS);
});

test.concurrent('a load of http/2 counts streams that are reset as failures, and keeps the connection', async () => {
  const server = await webServer(({ stream }, response, { requests }) => {
    if (requests % 5 === 0) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else response.writeHead(200, { 'content-length': 2 }).end('ok');
  });
  const { requests, failures } = await putLoad(HERE, loadOf(server.port, { client: 'http/2' }));
  server.close();
  expect(failures).toBeGreaterThan(0);
  expect(failures).toBeLessThan(requests);
  expect(server.seen.connections).toBe(2);
});

test.concurrent.each(CLIENTS.filter(isKept))(
  'kept connections of %s lose no request when the server wants them to end',
  async (client) => {
    const server = await webServer((request, response, { requests }) => {
      if (requests % 5 === 0) {
        if (request.stream) request.stream.session?.goaway(0, request.stream.id);
        else response.setHeader('connection', 'close');
      }
      response.writeHead(200, { 'content-length': BODY.length }).end(BODY);
    });
    const { requests, failures } = await putLoad(HERE, loadOf(server.port, { client }));
    server.close();
    expect({ requests, failures }).toEqual({ requests: REQUESTS, failures: 0 });
    expect(server.seen.connections).toBeGreaterThanOrEqual(requests / 5);
  },
);

test('a load without `proxy` sends no PROXY header', async () => {
  const server = await webServer((_, response) => response.end());
  const network = new Network(loadOf(server.port, { proxyHeader: false }));
  await new Promise((resolve) => network.connect({ protocol: 'http/1.1' }).on('close', resolve));
  server.close();
  expect(server.seen).toMatchObject({ requests: 0, withoutProxyHeader: 1 });
});

test.concurrent('a server that does not speak HTTP/2 ends the program with a message', async () => {
  const server = await webServer((_, response) => response.end());
  const plain = putLoad(HERE, loadOf(server.port, { client: 'http/2', tls: false }));
  await expect(plain).rejects.toMatchObject({ stderr: `127.0.0.1:${server.port} does not speak HTTP/2\n` });
  server.close();
});
