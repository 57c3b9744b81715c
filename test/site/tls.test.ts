import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ca, type Certificate, newCa, selfSigned, signedBy } from '../../commands/secrets/certificates';
import { listen } from '../../site/lifecycle';
import { createMutual } from '../../site/tls';

const DAY_MS = 86_400_000;
let dir: string;
let ca: Ca;
let client: Certificate;
let server: Server;
let port: number;
const logged: string[] = [];

const put = ({ certificate, key, ca }: Certificate): void => {
  for (const [name, text] of Object.entries({ 'tls.crt': certificate, 'tls.key': key, 'ca.crt': ca })) {
    writeFileSync(join(dir, name), text);
  }
};

beforeAll(async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'performance'] });
  jest.spyOn(process.stdout, 'write').mockImplementation((line) => logged.push(String(line)) > 0);
  dir = mkdtempSync(join(tmpdir(), 'threewall-tls-'));
  ca = await newCa('shop', DAY_MS);
  client = await signedBy(ca, ['web.shop.svc']);
  put(await signedBy(ca, ['app.shop.svc']));
  server = createMutual(dir, 'web.shop.svc', (_, response) => response.end('hello'));
  port = await listen(server, 0);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  jest.useRealTimers();
  rmSync(dir, { recursive: true });
});

/** Asks over a new connection. @returns body and serial number of the server's certificate */
const ask = (as?: Certificate): Promise<{ body: string; serial: string }> =>
  new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: false, maxCachedSessions: 0 });
    const identity = as ? { cert: as.certificate, key: as.key } : {};
    const options = { port, servername: 'app.shop.svc', ca: ca.certificate, agent, ...identity };
    request(options, (response) => {
      const serial = (response.socket as import('node:tls').TLSSocket).getPeerCertificate().serialNumber;
      response.on('data', (body) => resolve({ body: String(body), serial }));
    })
      .on('error', reject)
      .end();
  });

test('a client whose certificate the CA signed for the right name is answered', async () => {
  expect((await ask(client)).body).toBe('hello');
});

test.each<[string, () => Promise<Certificate | undefined>]>([
  ['without a certificate', async () => undefined],
  ['with a certificate of another CA', () => selfSigned(['web.shop.svc'])],
  ['with a certificate for another name', () => signedBy(ca, ['app.shop.svc'])],
])('fails for a client %s', async (_, certificate) => {
  await expect(ask(await certificate())).rejects.toThrow(/alert|ECONNRESET|socket hang up|EPIPE/i);
});

test('a new certificate counts from the next connection on', async () => {
  const { serial } = await ask(client);
  put(await signedBy(ca, ['app.shop.svc']));
  jest.advanceTimersByTime(2000);
  const next = await ask(client);
  expect(next.body).toBe('hello');
  expect(next.serial).not.toBe(serial);
});

test('a key that is not that of the certificate is named in the log, and the certificate before stays', async () => {
  const { serial } = await ask(client);
  const [one, other] = [await signedBy(ca, ['app.shop.svc']), await signedBy(ca, ['app.shop.svc'])];
  put({ ...one, key: other.key });
  jest.advanceTimersByTime(2000);
  expect(await ask(client)).toEqual({ body: 'hello', serial });
  expect(logged.at(-1)).toMatch('the certificate does not fit, the one before stays');
});
