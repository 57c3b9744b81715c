import { selectorOf } from '../../../charts/names';
import { port } from '../../../charts/topology';
import { eventually, sleep } from '../support/eventually';
import { config, kubectl } from '../support/kubectl';
import { Visitor } from '../support/visitor';

const ATTACKERS = `${config.name}-slow-trial`;
const CONNECTIONS = 2000;
const SECONDS = 40;

/**
 * Keeps `argv[3]` connections to `argv[1]`:`argv[2]` for `argv[4]` seconds, opening again what was closed: half send
 * one byte of TLS a second, half end the handshake and send one byte of their request a second. Prints how many the
 * other side kept at once.
 */
const ATTACK = `
const net = require('net'), tls = require('tls');
const [host, port, count, seconds, name] = process.argv.slice(1);
let open = 0, most = 0, lost = 0, over = false;
const attack = (n) => {
  if (over) return;
  const tcp = net.connect({ host, port: Number(port) });
  const socket = n % 2 ? tcp : tls.connect({ socket: tcp, servername: name, rejectUnauthorized: false });
  const text = n % 2 ? Buffer.from('1603010200010001fc0303', 'hex').toString('latin1') : 'GET /whoami HTTP/1.1';
  let said = 0, timer, here = false;
  socket.on(n % 2 ? 'connect' : 'secureConnect', () => {
    here = true;
    most = Math.max(most, ++open);
    timer = setInterval(() => said < text.length && socket.write(Buffer.from(text[said++], 'latin1')), 1000);
  });
  for (const s of new Set([tcp, socket])) s.on('error', () => {});
  tcp.on('close', () => { clearInterval(timer); if (here) open--; lost++; setTimeout(attack, 1000, n); });
};
for (let n = 0; n < Number(count); n++) setTimeout(attack, n * 2, n);
setTimeout(() => { over = true; console.log(JSON.stringify({ most, lost })); process.exit(0); }, Number(seconds) * 1000);
`;

/** The firewall admits no pod to the load balancers: this opens it to one namespace, for the trial. */
const door = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'slow-trial', namespace: config.name },
  spec: {
    podSelector: { matchLabels: selectorOf('load-balancer', config) },
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': ATTACKERS } } }],
        ports: [{ protocol: 'TCP', port: port('load-balancer', 'https') }],
      },
    ],
  },
};

const attacker = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'attacker', namespace: ATTACKERS },
  spec: {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'attacker',
        image: config.images.node,
        imagePullPolicy: config.imagePullPolicy,
        command: ['node', '-e', 'setInterval(() => {}, 1e6)'],
      },
    ],
  },
};

beforeAll(async () => {
  await kubectl(['create', 'namespace', ATTACKERS]);
  for (const object of [door, attacker]) await kubectl(['apply', '-f', '-'], { input: JSON.stringify(object) });
  await kubectl(['wait', 'pod/attacker', '-n', ATTACKERS, '--for=condition=Ready', '--timeout=90s'], { seconds: 100 });
});
afterAll(async () => {
  await kubectl(['delete', 'networkpolicy', 'slow-trial', '-n', config.name, '--ignore-not-found']);
  await kubectl(['delete', 'namespace', ATTACKERS, '--ignore-not-found'], { seconds: 120 });
}, 150_000);

test('2,000 slow connections from one address do not stop another client', async () => {
  const visitor = await Visitor.arrive();
  const address = await kubectl(['get', 'svc', 'load-balancer', '-n', config.name, '-o', 'jsonpath={.spec.clusterIP}']);
  const calm = await latencies(visitor, 5);
  const target = [address, '443', String(CONNECTIONS), String(SECONDS), config.domain];
  let attack: { most: number; lost: number } | undefined;
  const attacking = kubectl(['exec', 'attacker', '-n', ATTACKERS, '--', 'node', '-e', ATTACK, '--', ...target], {
    seconds: SECONDS + 60,
  }).then((text) => {
    attack = JSON.parse(text);
  });
  const attacked = await latencies(visitor, SECONDS - 5);
  await attacking;
  console.log(`calm: ${show(calm)}; attacked: ${show(attacked)}; attacker: ${JSON.stringify(attack)}`);
  expect(attacked.failed).toEqual([]);
  expect(attacked.p99).toBeLessThan(2000);
  expect(attack?.most).toBeGreaterThan(50);
  await eventually('the site is as before', 30, async () => (await visitor.get('/whoami')).status === 200);
}, 240_000);

interface Latencies {
  readonly count: number;
  readonly failed: readonly string[];
  readonly p50: number;
  readonly p99: number;
}

/** Sends requests over new connections, 20 a second; times in milliseconds. */
async function latencies(visitor: Visitor, seconds: number): Promise<Latencies> {
  const times: number[] = [];
  const failed: string[] = [];
  const asks: Promise<void>[] = [];
  for (let n = 0; n < seconds * 20; n++) {
    const started = Date.now();
    const ask = visitor.get('/whoami').then(
      ({ status }) => (status === 200 ? void times.push(Date.now() - started) : void failed.push(String(status))),
      (error: Error) => void failed.push(error.message),
    );
    asks.push(ask);
    await sleep(0.05);
  }
  await Promise.all(asks);
  times.sort((a, b) => a - b);
  const at = (q: number): number => times[Math.floor(q * (times.length - 1))] ?? Number.NaN;
  return { count: times.length, failed, p50: at(0.5), p99: at(0.99) };
}

const show = ({ count, failed, p50, p99 }: Latencies): string =>
  `${count} answered, ${failed.length} failed, p50 ${p50} ms, p99 ${p99} ms`;
