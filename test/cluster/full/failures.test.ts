import { execFileSync } from 'node:child_process';
import type { TierName } from '../../../charts/topology';
import { Hammer } from '../support/database/hammer';
import { eventually, sleep } from '../support/eventually';
import { config, kubectl, readyPods } from '../support/kubectl';
import { Traffic } from '../support/traffic';
import { Visitor } from '../support/visitor';

/** Requests per second. */
const RATE = Number(process.env.RATE ?? 200);
const PATH = process.env.TRAFFIC_PATH ?? '/whoami';
/** Commands that lose a node and bring it back; the node's name is their argument. */
const { THREEWALL_LOSE_NODE: LOSE, THREEWALL_RETURN_NODE: RETURN } = process.env;
/** Seconds until Kubernetes marks a silent node as lost, with a margin. */
const LOST_SECONDS = 75;

let visitor: Visitor;
let hammer: Hammer;
const rows = ['event | requests | failed | seconds of failures | sent again | seconds of those'];
beforeAll(async () => {
  visitor = await Visitor.arrive();
  hammer = await Hammer.start();
}, 180_000);
afterAll(async () => {
  console.log(rows.join('\n'));
  await hammer.remove();
}, 180_000);

const allReady = (tier: TierName): Promise<unknown> =>
  eventually(
    `${tier} is whole again`,
    180,
    async () => (await readyPods(tier)).length >= config[tier as 'web'].replicas,
  );

/** What visitors notice of an unannounced failure. */
async function during(name: string, seconds: number, event: () => Promise<unknown>) {
  const traffic = new Traffic(visitor, PATH, RATE, true);
  try {
    await sleep(3);
    await event();
    await sleep(seconds);
  } finally {
    await traffic.stop();
  }
  const tally = await traffic.stop();
  rows.push(
    [name, tally.sent, JSON.stringify(tally.failed), tally.outage, tally.repeated, tally.repeating].join(' | '),
  );
  return tally;
}

test.each([
  ['web', 'nginx'],
  ['app', 'MainThread'],
] as const)(
  'the sudden end of a %s server fails no GET, and has some repeated for a second at most',
  async (tier, command) => {
    const [pod] = await readyPods(tier);
    if (!pod) throw new Error(`no ${tier} server is ready`);
    const tally = await during(`SIGKILL of a ${tier} server`, 20, () => hammer.kill(pod, command));
    await allReady(tier);
    expect(tally.failed).toEqual({});
    expect(tally.repeating).toBeLessThanOrEqual(1);
  },
  400_000,
);

const losing = LOSE && RETURN ? test : test.skip;
if (!(LOSE && RETURN)) console.log('no node is lost: THREEWALL_LOSE_NODE and THREEWALL_RETURN_NODE are not set');

losing(
  'the loss of a node of web and app servers gives at most 5 s of errors',
  async () => {
    const [balancers, apps, webs] = await Promise.all((['load-balancer', 'app', 'web'] as const).map(nodesOf));
    const node =
      [...(apps ?? [])].find((name) => !balancers?.has(name) && webs?.has(name)) ??
      [...(apps ?? [])].find((name) => !balancers?.has(name));
    if (!node) throw new Error('every app server runs beside a load balancer; this trial needs a node more');
    const run = (command = ''): void => void execFileSync('sh', ['-c', `${command} ${node}`], { stdio: 'inherit' });
    try {
      const tally = await during(`loss of ${node}`, LOST_SECONDS, async () => run(LOSE));
      expect(tally.outage).toBeLessThanOrEqual(5);
    } finally {
      run(RETURN);
    }
    await Promise.all([allReady('web'), allReady('app')]);
  },
  600_000,
);

const nodesOf = async (tier: TierName): Promise<Set<string>> =>
  new Set((await readyPods(tier)).map(({ spec }) => spec.nodeName ?? ''));

test('all web servers vanish from DNS and come back: the site is back with them, and a new one has visitors within 15 s', async () => {
  const { replicas } = config.web;
  const scale = (count: number) => kubectl(['scale', 'deployment/web', `--replicas=${count}`, '-n', config.name]);
  try {
    await scale(0);
    await eventually('no web server is left', 120, async () => (await readyPods('web')).length === 0);
    await scale(replicas);
    await allReady('web');
    await eventually('the site answers', 30, async () => (await visitor.get('/healthz')).status === 200);

    const known = new Set((await readyPods('web')).map(({ metadata }) => metadata.name));
    await scale(replicas + 1);
    const fresh = await eventually('a web server more', 60, async () =>
      (await readyPods('web')).map(({ metadata }) => metadata.name).find((name) => !known.has(name)),
    );
    const ready = Date.now();
    await eventually('it has visitors', 15, async () => (await visitor.json<{ web: string }>('/whoami')).web === fresh);
    rows.push(
      `a new web server has its first visitor ${((Date.now() - ready) / 1000).toFixed(1)} s after it was ready`,
    );
  } finally {
    await scale(replicas);
    await allReady('web');
  }
}, 500_000);
