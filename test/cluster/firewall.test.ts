import { connect, createServer, type Server } from 'node:net';
import { flows } from '../../charts/flows';
import { selectorOf } from '../../charts/names';
import { isTier, type Place, portsOf, type TierName, tiers, tiersOf } from '../../charts/topology';
import { type Cluster, clusterOf } from '../../reachability/cluster';
import { connection, type Endpoint, type Pod as OfflinePod } from '../../reachability/engine';
import { readManifests } from '../support/manifests';
import { eventually } from './support/eventually';
import { config, ENVIRONMENT, kubectl, readyPods } from './support/kubectl';
import { type Outcome, StandIns, type Who } from './support/standins';
import { table } from './support/table';
import { Visitor } from './support/visitor';

const TIERS = tiersOf(config);
const WHO: readonly Who[] = [...TIERS, 'stranger', 'foreigner'];
const CLOSED = 9;
/** Every port of the whiteboard and one that no tier has. */
const PORTS = [...new Set(TIERS.flatMap((tier) => Object.values(portsOf(tier, config)))), CLOSED].sort((a, b) => a - b);

/** What the manifests permit, computed from their YAML alone. */
const offline: Cluster = clusterOf(readManifests(`dist/${ENVIRONMENT}`));
const unlabelled = (namespace: string): OfflinePod => ({
  kind: 'pod',
  name: 'unlabelled',
  namespace,
  labels: {},
  ports: [],
});
const endpoint = (who: Who): OfflinePod =>
  who === 'foreigner'
    ? unlabelled(`${config.name}-firewall-trial`)
    : who === 'stranger'
      ? unlabelled(config.name)
      : (offline.pods.find((pod) => isOf(pod, who)) ?? unlabelled('missing'));
const isOf = (pod: OfflinePod, tier: TierName): boolean =>
  Object.entries(selectorOf(tier, config)).every(([label, value]) => pod.labels[label] === value);
const permitted = (from: Endpoint, to: Endpoint, port: number): boolean =>
  connection(from, to, offline).has('TCP', port);

let standIns: StandIns;
let visitor: Visitor;
/** A server on the machine that runs the tests, in the role of the internet. */
let outside: Server;

beforeAll(async () => {
  visitor = await Visitor.arrive();
  outside = createServer((socket) => socket.on('error', () => undefined).end('hello')).listen(0);
  standIns = await StandIns.start(PORTS);
}, 240_000);
afterAll(async () => {
  outside.close();
  await StandIns.removeAll();
}, 180_000);

/** Tries every connection between stand-ins. @returns the open ones and the differences from the manifests */
async function matrix(): Promise<{ rows: string[][]; differences: string[] }> {
  const differences: string[] = [];
  const rows = await Promise.all(
    WHO.map(async (from) => {
      // one's own address is reached without a firewall between
      const targets = WHO.filter((to) => to !== from).flatMap((to) => PORTS.map((port) => [to, port] as const));
      const outcomes = await standIns.connect(
        from,
        targets.map(([to, port]) => [standIns.addressOf(to), port]),
      );
      const open = new Map<Who, number[]>();
      targets.forEach(([to, port], i) => {
        const isOpen = outcomes[i] === 'open';
        if (isOpen) open.set(to, [...(open.get(to) ?? []), port]);
        if (isOpen !== permitted(endpoint(from), endpoint(to), port))
          differences.push(`${from} -> ${to}:${port} is ${outcomes[i]}`);
      });
      return [from, ...WHO.map((to) => (from === to ? '=' : (open.get(to) ?? []).join(' ') || '.'))];
    }),
  );
  return { rows, differences };
}

test('the matrix of all connections is the one computed from the manifests', async () => {
  const { rows, differences } = await matrix();
  console.log(table([['from \\ to', ...WHO], ...rows]));
  expect(differences).toEqual([]);
});

test('every permitted flow ends at a server that listens, and every other port of every server is out of reach', async () => {
  const targets = (
    await Promise.all(
      // backups are jobs: they listen nowhere, and none may be running now
      TIERS.filter((tier) => tier !== 'backup').map(async (tier) => {
        const pods = await readyPods(tier);
        if (pods.length === 0) throw new Error(`no pod of ${tier} is ready`);
        return pods.flatMap(({ status }) => PORTS.map((port) => ({ tier, host: status.podIP ?? '', port })));
      }),
    )
  ).flat();
  // group communication is opened for the other topology; nothing listens there in this one
  const listens = (tier: TierName, port: number): boolean =>
    tier !== 'database' || port !== tiers.database.ports.group || config.database.topology === 'group';
  const wrong = await Promise.all(
    WHO.map(async (from) => {
      const outcomes = await standIns.connect(
        from,
        targets.map(({ host, port }) => [host, port]),
      );
      return targets.flatMap(({ tier, port, host }, i) => {
        const expected = permitted(endpoint(from), endpoint(tier), port) && listens(tier, port);
        return (outcomes[i] === 'open') === expected ? [] : [`${from} -> ${tier} ${host}:${port} is ${outcomes[i]}`];
      });
    }),
  );
  expect(wrong.flat()).toEqual([]);
});

test('a visitor reaches the load balancer and nothing behind it', async () => {
  if ((await reach(standIns.addressOf('foreigner'), CLOSED)) !== 'open') {
    console.warn('pod addresses are not routed to this machine: the foreigner stands for the visitor in the matrix');
    return;
  }
  const internet: Endpoint = { kind: 'outside', name: 'visitor', address: '198.51.100.7' };
  for (const who of WHO.filter((w) => w !== 'foreigner')) {
    const outcomes = await Promise.all(PORTS.map((port) => reach(standIns.addressOf(who), port)));
    const open = PORTS.filter((_, i) => outcomes[i] === 'open');
    expect({ who, open }).toEqual({ who, open: PORTS.filter((port) => permitted(internet, endpoint(who), port)) });
  }
});

test('no tier reaches the outside beyond its declared flows', async () => {
  const { localAddress } = await visitor.get('/healthz');
  const address = outside.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const places: readonly (readonly [name: string, place: Place, host: string, port: number])[] = [
    ['internet', 'internet', localAddress, port],
    ['API server', 'kubernetes-api', ...(await apiServer())],
    ['kubelet', 'kubelet', await nodeAddress(), 10250],
    ['metadata', 'internet', '169.254.169.254', 80],
  ];
  const targets = places.map(([, , host, number]) => [host, number] as const);
  // without a firewall the first three answer: what is blocked below, the firewalls block
  expect((await standIns.connect('foreigner', targets)).slice(0, 3)).toEqual(['open', 'open', 'open']);
  const wrong: string[] = [];
  const rows = await Promise.all(
    [...TIERS, 'stranger' as const].map(async (who) => {
      const outcomes = await standIns.connect(who, targets);
      places.forEach(([name, place, , number], i) => {
        const expected = name !== 'metadata' && who !== 'stranger' && declared(who, place, number);
        if ((outcomes[i] === 'open') !== expected) wrong.push(`${who} -> ${name} is ${outcomes[i]}`);
      });
      return [who, ...outcomes.map((outcome) => (outcome === 'open' ? 'open' : '.'))];
    }),
  );
  console.log(table([['from \\ to', ...places.map(([name]) => name)], ...rows]));
  expect(wrong).toEqual([]);
});

test('fails when a policy opens a hole: the matrix shows exactly that one', async () => {
  const hole = (direction: 'Ingress' | 'Egress', tier: TierName, peer: TierName) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `hole-${direction.toLowerCase()}`, namespace: config.name },
    spec: {
      podSelector: { matchLabels: endpoint(tier).labels },
      policyTypes: [direction],
      [direction.toLowerCase()]: [
        {
          [direction === 'Ingress' ? 'from' : 'to']: [{ podSelector: { matchLabels: endpoint(peer).labels } }],
          ports: [{ port: tiers.database.ports.mysql }],
        },
      ],
    },
  });
  const holes = [hole('Egress', 'web', 'database'), hole('Ingress', 'database', 'web')];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: holes });
  await kubectl(['apply', '-f', '-'], { input });
  try {
    await eventually('the hole is open', 30, async () => {
      const [outcome] = await standIns.connect('web', [[standIns.addressOf('database'), tiers.database.ports.mysql]]);
      return outcome === 'open';
    });
    expect((await matrix()).differences).toEqual([`web -> database:${tiers.database.ports.mysql} is open`]);
  } finally {
    await kubectl(['delete', '-f', '-', '--ignore-not-found'], { input });
  }
});

const declared = (from: Place, to: Place, port: number): boolean =>
  flows(config).some((f) => f.from === from && f.to === to && !isTier(f.to) && f.ports.some((p) => p.port === port));

async function apiServer(): Promise<[host: string, port: number]> {
  const args = ['get', 'endpointslices', '-n', 'default', '-l', 'kubernetes.io/service-name=kubernetes', '-o', 'json'];
  const [slice] = JSON.parse(await kubectl(args)).items;
  return [slice.endpoints[0].addresses[0], slice.ports[0].port];
}

interface Node {
  readonly status: { readonly addresses: readonly { readonly type: string; readonly address: string }[] };
}

async function nodeAddress(): Promise<string> {
  const [node] = (JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])) as { items: Node[] }).items;
  return node?.status.addresses.find(({ type }) => type === 'InternalIP')?.address ?? '';
}

const reach = (host: string, port: number): Promise<Outcome> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (outcome: Outcome): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket
      .on('connect', () => end('open'))
      .on('timeout', () => end('blocked'))
      .on('error', () => end('refused'));
  });
