import { X509Certificate } from 'node:crypto';
import { selfSigned } from '../../../commands/secrets/certificates';
import { eventually, sleep } from '../support/eventually';
import { config, kubectl, readyPods } from '../support/kubectl';
import { Traffic } from '../support/traffic';
import { Visitor } from '../support/visitor';

/** Requests per second. */
const RATE = Number(process.env.RATE ?? 200);
/** The contract in seconds, including up to 90 s until the kubelet updates a mounted Secret. */
const SECONDS = 90;

type Data = Readonly<Record<string, string>>;
let before: Data;
beforeAll(async () => {
  before = (
    JSON.parse(await kubectl(['get', 'secret', config.secrets.siteTls, '-n', config.name, '-o', 'json'])) as {
      data: Data;
    }
  ).data;
});
afterAll(() => put());

/** Restores the Secret, except for `changes` (base64). */
const put = (changes: Data = {}): Promise<string> => {
  const metadata = { name: config.secrets.siteTls, namespace: config.name };
  const wanted = { apiVersion: 'v1', kind: 'Secret', metadata, data: { ...before, ...changes } };
  const manager = ['--server-side', '--force-conflicts', '--field-manager=certificate-trial'];
  return kubectl(['apply', ...manager, '-f', '-'], { input: JSON.stringify(wanted) });
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const decoded = (key: string): string => Buffer.from(before[key] ?? '', 'base64').toString();

/** Waits until every web server shows the certificate to new connections. @returns seconds */
async function shownByAll(visitor: Visitor, fingerprint: string): Promise<number> {
  const started = Date.now();
  const names = (await readyPods('web')).map(({ metadata }) => metadata.name);
  const shown = new Map<string, string | undefined>();
  await eventually(`the web servers ${names.join(', ')} show ${fingerprint}`, SECONDS, async () => {
    for (const _ of names) {
      const { body, certificate } = await visitor.get('/whoami');
      shown.set((JSON.parse(body) as { web: string }).web, certificate?.fingerprint256);
    }
    return names.every((name) => shown.get(name) === fingerprint);
  });
  return (Date.now() - started) / 1000;
}

test('a new certificate reaches every web server within 90 s and fails no request', async () => {
  const fresh = await selfSigned([config.domain]);
  // visitors trust the next CA before it signs for the site
  const cas = { 'ca.crt': base64(`${decoded('ca.crt')}\n${fresh.ca}`) };
  await put(cas);
  const visitor = await Visitor.arrive();
  const restarts = await restartsOfWeb();

  const traffic = new Traffic(visitor, '/whoami', RATE);
  let seconds = 0;
  try {
    await put({ ...cas, 'tls.crt': base64(fresh.certificate), 'tls.key': base64(fresh.key) });
    seconds = await shownByAll(visitor, new X509Certificate(fresh.certificate).fingerprint256);
    while (traffic.count < RATE * 100) await sleep(0.1);
  } finally {
    await traffic.stop();
  }
  const tally = await traffic.stop();
  console.log(`rotation: every web server after ${seconds.toFixed(0)} s; ${JSON.stringify(tally)}`);
  expect(tally).toMatchObject({ failed: {}, ok: tally.sent });
  expect(await restartsOfWeb()).toEqual(restarts);
}, 400_000);

test('a key that does not belong to the certificate is refused, and the certificate before stays', async () => {
  await put();
  const visitor = await Visitor.arrive();
  const shown = new X509Certificate(decoded('tls.crt')).fingerprint256;
  await shownByAll(visitor, shown);
  const other = await selfSigned([config.domain]);
  await put({ 'tls.key': base64(other.key) });
  for (const { metadata } of await readyPods('web')) {
    await eventually(`${metadata.name} says that the Secret does not fit`, 120, async () =>
      (await kubectl(['logs', metadata.name, '-n', config.name, '--since=120s'])).includes('does not fit'),
    );
  }
  await sleep(3);
  for (let n = 0; n < 10; n++) {
    const { status, certificate } = await visitor.get('/whoami');
    expect([status, certificate?.fingerprint256]).toEqual([200, shown]);
  }
}, 400_000);

const restartsOfWeb = async (): Promise<string[]> => (await readyPods('web')).map(({ metadata }) => metadata.uid);
