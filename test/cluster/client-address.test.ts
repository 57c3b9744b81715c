import { connect } from 'node:net';
import { port } from '../../charts/topology';
import { config, readyPods } from './support/kubectl';
import { StandIns, type Who } from './support/standins';
import { Visitor } from './support/visitor';

interface Whoami {
  readonly client: string;
  readonly 'x-forwarded-for': string;
  readonly forwarded: string;
}

/** A documentation address, which no host has. @see https://www.rfc-editor.org/rfc/rfc5737 */
const FORGED = '203.0.113.9';

/** Header of the PROXY protocol, version 2: a TCP connection from 203.0.113.9:4660 to 203.0.113.10:443. */
const PROXY_HEADER = '0d0a0d0a000d0a515549540a2111000ccb007109cb00710a123401bb';

/**
 * Reads {host, port, name, proxy, groups} from stdin; sends the PROXY header, then GET /whoami over TLS; prints the answer's
 * body, "blocked" or what went wrong.
 */
const ASK = `
const { host, port, name, proxy, groups } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const tell = (text) => { console.log(text); process.exit(0); };
const tcp = require('net').connect({ host, port });
setTimeout(() => tell(tcp.connecting ? 'blocked' : 'no answer'), 4000);
tcp.on('error', (e) => tell(e.code));
tcp.on('connect', () => {
  tcp.write(Buffer.from(proxy, 'hex'));
  const tls = require('tls').connect({ socket: tcp, servername: name, rejectUnauthorized: false, ecdhCurve: groups });
  let text = '';
  tls.on('error', (e) => tell(e.code));
  tls.on('secureConnect', () => tls.write('GET /whoami HTTP/1.1\\r\\nHost: ' + name + '\\r\\nConnection: close\\r\\n\\r\\n'));
  tls.on('data', (data) => { text += data; });
  tls.on('end', () => tell(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)));
});`;

let visitor: Visitor;
let standIns: StandIns;
let web: string;
beforeAll(async () => {
  visitor = await Visitor.arrive();
  standIns = await StandIns.start(
    [port('web', 'https')],
    ['load-balancer', 'web', 'app', 'monitoring', 'stranger', 'foreigner'],
  );
  web = (await readyPods('web'))[0]?.status.podIP ?? '';
}, 150_000);
afterAll(() => StandIns.removeAll(), 150_000);

const askFrom = async (who: Who, more: object = {}): Promise<string> =>
  (
    await standIns.run(who, ASK, {
      ...{ host: web, port: port('web', 'https'), name: config.domain, proxy: PROXY_HEADER, groups: 'X25519' },
      ...more,
    })
  ).trim();

test("the visitor's own address arrives at the app in every header that tells it", async () => {
  const { body, localAddress } = await visitor.get('/whoami');
  const address = process.env.THREEWALL_CLIENT_ADDRESS ?? localAddress;
  expect(JSON.parse(body)).toMatchObject({
    client: address,
    'x-forwarded-for': address,
    forwarded: `for=${address};proto=https`,
  });
});

test.each(['X-Forwarded-For', 'X-Real-IP', 'Forwarded'])('%s of a visitor is thrown away', async (name) => {
  const value = name === 'Forwarded' ? `for=${FORGED}` : FORGED;
  const { body } = await visitor.getWith('/whoami', { [name]: value });
  expect(body).not.toMatch(FORGED);
});

test('a PROXY header of a visitor is no TLS, and the load balancer hangs up', async () => {
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connect(443, visitor.address, () => socket.write(Buffer.from(PROXY_HEADER, 'hex')));
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
  expect(answer).toBe('');
}, 30_000);

test('who comes as the load balancer is believed: so the following are refused for who they are', async () => {
  expect((JSON.parse(await askFrom('load-balancer')) as Whoami).client).toBe(FORGED);
});

test('no other pod with a PROXY header reaches a web server, whatever it comes as', async () => {
  const others: readonly Who[] = ['web', 'app', 'monitoring', 'stranger', 'foreigner'];
  const outcomes = await Promise.all(others.map(async (who) => `${who}: ${await askFrom(who)}`));
  expect(outcomes).toEqual(others.map((who) => `${who}: blocked`));
});

test('a connection without a PROXY header is refused, also to the load balancer', async () => {
  expect(await askFrom('load-balancer', { proxy: '' })).toMatch(/ECONNRESET|no answer/);
});

test('keys are exchanged post-quantum with clients that support it', async () => {
  expect((JSON.parse(await askFrom('load-balancer', { groups: 'X25519MLKEM768' })) as Whoami).client).toBe(FORGED);
});
