import { X509Certificate } from 'node:crypto';
import { eventually } from './support/eventually';
import { config, kubectl, readyPods, secretValue } from './support/kubectl';
import { Visitor } from './support/visitor';

interface Whoami {
  readonly app: string;
  readonly web: string;
  readonly client: string;
  readonly writer: { readonly host: string; readonly read_only: number };
  readonly reader: { readonly host: string; readonly read_only: number };
}
interface Message {
  readonly id: number;
  readonly text: string;
  readonly createdAt: string;
}

let visitor: Visitor;
beforeAll(async () => {
  visitor = await Visitor.arrive();
  // a site that has just started, or lost a database, reads at the primary until ten seconds after its replica is ready
  await eventually('all apps read at a replica', 60, async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => visitor.json<Whoami>('/whoami')));
    return answers.every(({ reader }) => reader.read_only === 1);
  });
}, 80_000);

test('a visitor gets the page over https, with its security headers', async () => {
  const answer = await visitor.get('/');
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toMatch('text/html');
  expect(answer.headers['strict-transport-security']).toMatch(`max-age=${config.tls.hsts.maxAge}`);
  expect(answer.headers['content-security-policy']).toMatch("default-src 'self'");
  expect(answer.headers.server).toBe('nginx');
});

test('static files come from the web servers themselves', async () => {
  const answer = await visitor.get('/static/app.css');
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toMatch('text/css');
  expect(answer.headers.etag).toBeDefined();
});

test('plain http is answered with a redirect to https', async () => {
  const answer = await visitor.plain('/some/page?x=1');
  expect(answer.status).toBe(301);
  expect(answer.headers.location).toBe(`https://${config.domain}/some/page?x=1`);
});

test('TLS is ended by the web servers with the certificate of the site, and no load balancer can read a key', async () => {
  const answer = await visitor.get('/healthz');
  const certificate = new X509Certificate(await secretValue(config.name, config.secrets.siteTls, 'tls.crt'));
  expect(answer.certificate?.fingerprint256).toBe(certificate.fingerprint256);
  expect(answer.protocol).toBe('TLSv1.3');
  const deployment = JSON.parse(await kubectl(['get', 'deployment', 'load-balancer', '-n', config.name, '-o', 'json']));
  const { volumes, automountServiceAccountToken } = deployment.spec.template.spec;
  expect(JSON.stringify(volumes)).not.toMatch(/secret/i);
  expect(automountServiceAccountToken).toBe(false);
});

test('a message that was posted is read back, from the primary at once and from the replica soon', async () => {
  const text = `acceptance ${Date.now()}`;
  const posted = await visitor.post('/messages', { text });
  expect(posted.status).toBe(201);
  const message = JSON.parse(posted.body) as Message;
  expect(message).toEqual({ id: expect.any(Number), text, createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) });

  const page = `/messages?after=${message.id - 1}&limit=1`;
  expect(await visitor.json<Message[]>(`${page}&consistent=1`)).toEqual([message]);
  await eventually('the message arrives at the replica', 10, async () => {
    const [read] = await visitor.json<Message[]>(page);
    return read?.text === text;
  });
});

test('fails with a JSON error when a message is empty', async () => {
  const answer = await visitor.post('/messages', { text: ' ' });
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.body)).toEqual({ error: expect.any(String) });
});

test('whoami shows the visitor, a writable primary, and a read-only replica on another pod', async () => {
  const answer = await visitor.get('/whoami');
  const whoami = JSON.parse(answer.body) as Whoami;
  expect(whoami.client).toBe(process.env.THREEWALL_CLIENT_ADDRESS ?? answer.localAddress);
  expect(whoami.writer).toEqual({ host: 'database-0', read_only: 0 });
  expect(whoami.reader).toEqual({ host: 'database-1', read_only: 1 });
  expect((await readyPods('app')).map((pod) => pod.metadata.name)).toContain(whoami.app);
});

test('a forged client address in a header is not believed', async () => {
  const answer = await visitor.getWith('/whoami', { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.9' });
  expect((JSON.parse(answer.body) as Whoami).client).not.toBe('203.0.113.9');
});

test('requests are spread over all web servers', async () => {
  const names = (await readyPods('web')).map((pod) => pod.metadata.name);
  const answered = new Set<string>();
  for (let i = 0; i < 40; i++) answered.add((await visitor.json<Whoami>('/whoami')).web);
  expect([...answered].sort()).toEqual(names);
});
