import { X509Certificate } from 'node:crypto';
import { nameInTls, selectorOf } from '../../../charts/names';
import { port } from '../../../charts/topology';
import { Copy } from '../../../commands/bench/copy';
import { putLoad } from '../../../commands/bench/load';
import type { Load } from '../../../commands/bench/load/load';
import { list } from '../../../commands/cluster/kubectl';
import { type Certificate, selfSigned, signedBy } from '../../../commands/secrets/certificates';
import { askWebServer } from '../support/asker';
import { eventually } from '../support/eventually';
import { config, kubectl, type Pod, secretValue } from '../support/kubectl';

/** The contract for a new certificate in seconds, most of which the kubelet takes. */
const SECONDS = 90;
/** Requests per second while certificates change. */
const RATE = 100;

/** Reads {host, port, name, tls, cert, key} from argv, asks for /whoami, prints {status, serial} or {error}. */
const ASK = `
const { host, port, name, tls, ...identity } = JSON.parse(process.argv[1]);
const tell = (what) => { console.log(JSON.stringify(what)); process.exit(0); };
const options = { host, port, path: '/whoami', servername: name, rejectUnauthorized: false, agent: false, timeout: 5000, ...identity };
const asked = require(tls ? 'https' : 'http').get(options, (response) => {
  tell({ status: response.statusCode, serial: tls ? response.socket.getPeerCertificate().serialNumber : undefined });
});
asked.on('timeout', () => tell({ error: 'timeout' }));
asked.on('error', (error) => tell({ error: error.code }));`;

interface Answer {
  readonly status?: number;
  readonly serial?: string;
  readonly error?: string;
}

let copy: Copy;
let name: string;
beforeAll(async () => {
  copy = await Copy.start({ ...config, tls: { ...config.tls, reencrypt: 'app' } });
  name = copy.config.name;
}, 400_000);
afterAll(() => copy?.remove(), 300_000);

const pods = (tier: 'web' | 'app'): Promise<Pod[]> => list<Pod>('pods', name, selectorOf(tier, copy.config));

/** Sends a request to an app server without the web servers, from a pod that the firewall admits. */
async function askApp(more: object = {}, host?: string): Promise<Answer> {
  const { app } = await copy.addresses();
  const argument = {
    host: host ?? app,
    port: port('app', 'http', config),
    name: nameInTls('app', copy.config),
    tls: true,
    ...more,
  };
  return JSON.parse(await copy.run(ASK, argument, 30)) as Answer;
}

const identity = async (secret: string): Promise<{ cert: string; key: string }> => ({
  cert: await secretValue(name, secret, 'tls.crt'),
  key: await secretValue(name, secret, 'tls.key'),
});
const of = ({ certificate, key }: Certificate): { cert: string; key: string } => ({ cert: certificate, key });

test('web servers reach app servers, and visitors notice nothing', async () => {
  const [got] = await askWebServer(copy, [{ path: '/whoami' }]);
  expect(got?.status).toBe(200);
});

test('the certificate of the web servers opens, and an app server shows its own', async () => {
  const serial = new X509Certificate(await secretValue(name, 'app-tls', 'tls.crt')).serialNumber;
  expect(await askApp(await identity('web-client-tls'))).toEqual({ status: 200, serial });
});

test.each<[string, () => Promise<object>]>([
  ['plain http', async () => ({ tls: false })],
  ['TLS without a certificate', async () => ({})],
  ['a certificate that another CA made', async () => of(await selfSigned([nameInTls('web', copy.config)]))],
  ['a certificate of the CA for another name', () => identity('app-tls')],
])('%s is refused', async (_, more) => {
  const answer = await askApp(await more());
  expect(answer.error).toMatch(/^(ECONNRESET|EPIPE|EPROTO|HPE_INVALID_CONSTANT|ERR_SSL_\w+)$/);
});

test(`new certificates of both sides count within ${SECONDS} s, without a restart or a failed request`, async () => {
  const before = [...(await pods('web')), ...(await pods('app'))].map(restartsOf);
  const ca = {
    certificate: await secretValue(name, 'internal-ca', 'tls.crt'),
    key: await secretValue(name, 'internal-ca', 'tls.key'),
  };
  const { web } = await copy.addresses();
  const load: Load = {
    ...{
      host: web,
      port: port('web', 'https'),
      path: '/whoami',
      name: copy.config.domain,
      tls: true,
      proxyHeader: true,
    },
    ...{ connections: 8, seconds: SECONDS + 20, rate: RATE },
  };
  const loading = putLoad(copy, load);
  const started = Date.now();
  const app = await signedBy(ca, [nameInTls('app', copy.config)]);
  const client = await signedBy(ca, [nameInTls('web', copy.config)]);
  await put('app-tls', app);
  await put('web-client-tls', client);

  const serial = new X509Certificate(app.certificate).serialNumber;
  for (const { status } of await pods('app')) {
    await eventually(
      `the app server ${status.podIP} shows the new certificate`,
      left(started),
      async () => (await askApp(of(client), status.podIP)).serial === serial,
    );
  }
  for (const { metadata } of await pods('web')) {
    await eventually(`${metadata.name} has taken its new certificate`, left(started), async () => {
      const log = await kubectl(['logs', metadata.name, '-n', name]);
      return (log.match(/certificate client: \S+ taken/g) ?? []).length === 2;
    });
  }
  const seconds = (Date.now() - started) / 1000;
  const measured = await loading;
  console.log(`both sides after ${seconds.toFixed(0)} s; ${JSON.stringify(measured)}`);
  expect(measured).toMatchObject({ failures: 0 });
  expect(measured.requests).toBeGreaterThan(RATE * SECONDS * 0.8);
  expect([...(await pods('web')), ...(await pods('app'))].map(restartsOf)).toEqual(before);
}, 300_000);

const left = (started: number): number => SECONDS - (Date.now() - started) / 1000;

const restartsOf = ({ metadata, status }: Pod): string =>
  `${metadata.uid} ${JSON.stringify((status as { containerStatuses?: { restartCount: number }[] }).containerStatuses?.map((c) => c.restartCount))}`;

/** Updates the certificate of a Secret, as a renewal does. */
function put(secret: string, { certificate, key }: Certificate): Promise<string> {
  const [crt, pem] = [certificate, key].map((text) => Buffer.from(text).toString('base64'));
  const data = { 'tls.crt': crt, 'tls.key': pem };
  const wanted = { apiVersion: 'v1', kind: 'Secret', metadata: { name: secret, namespace: name }, data };
  const manager = ['--server-side', '--force-conflicts', '--field-manager=certificate-trial'];
  return kubectl(['apply', ...manager, '-f', '-'], { input: JSON.stringify(wanted) });
}
