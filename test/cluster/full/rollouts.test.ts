import type { Config } from '../../../config';
import { applyTier } from '../support/apply';
import { sleep } from '../support/eventually';
import { config, kubectl, readyPods } from '../support/kubectl';
import { Traffic } from '../support/traffic';
import { Visitor } from '../support/visitor';

/** Requests per second. */
const RATE = Number(process.env.RATE ?? 200);
/** Least number of requests of each trial. */
const REQUESTS = Number(process.env.REQUESTS ?? 20_000);
const PATH = process.env.TRAFFIC_PATH ?? '/whoami';
const TIERS = ['web', 'app', 'load-balancer'] as const;
type Rolled = (typeof TIERS)[number];

let visitor: Visitor;
const rows = ['event | requests | failed | sent again after a refusal | seconds of the event'];
beforeAll(async () => {
  visitor = await Visitor.arrive();
});
afterAll(() => console.log(rows.join('\n')));

const inSite = (args: readonly string[]): Promise<string> => kubectl([...args, '-n', config.name], { seconds: 230 });
const rolled = (tier: string): Promise<string> => inSite(['rollout', 'status', `deployment/${tier}`, '--timeout=220s']);

/** Traffic while something happens: not one request may fail. */
async function survives(name: string, event: () => Promise<unknown>): Promise<void> {
  const traffic = new Traffic(visitor, PATH, RATE);
  const started = Date.now();
  let seconds = 0;
  try {
    await sleep(2);
    await event();
    seconds = Math.round((Date.now() - started) / 1000);
    while (traffic.count < REQUESTS) await sleep(0.1);
  } finally {
    await traffic.stop();
  }
  const tally = await traffic.stop();
  rows.push([name, tally.sent, JSON.stringify(tally.failed), tally.refused, seconds].join(' | '));
  if (tally.examples.length > 0)
    console.log(tally.examples.join('\n'), `\nlongest pause here: ${tally.pause.toFixed(1)} s`);
  expect(tally).toMatchObject({ failed: {}, ok: tally.sent });
}

/** Applies one tier, as a configuration renders it. */
async function apply(tier: Rolled, wanted: Config): Promise<void> {
  await applyTier(tier, wanted);
  await rolled(tier);
}

const CHANGED: Readonly<Record<Rolled, Config>> = {
  web: { ...config, limits: { ...config.limits, bodySize: '2Mi' } },
  app: { ...config, app: { ...config.app, connections: config.app.connections + 1 } },
  'load-balancer': {
    ...config,
    limits: { ...config.limits, connectionsPerClient: config.limits.connectionsPerClient + 1 },
  },
};

describe.each(TIERS)('%s', (tier) => {
  test('a rolling restart fails no request', async () => {
    await survives(`${tier}: rolling restart`, async () => {
      await inSite(['rollout', 'restart', `deployment/${tier}`]);
      await rolled(tier);
    });
  }, 400_000);

  test('a change of its configuration, and back, fails no request', async () => {
    await survives(`${tier}: change of configuration, twice`, async () => {
      try {
        await apply(tier, CHANGED[tier]);
      } finally {
        await apply(tier, config);
      }
    });
  }, 600_000);

  test('the deletion of a pod fails no request', async () => {
    const [pod] = await readyPods(tier);
    await survives(`${tier}: deletion of a pod`, async () => {
      await inSite(['delete', 'pod', pod?.metadata.name ?? '']);
      await rolled(tier);
    });
  }, 400_000);
});

test('more web servers and fewer again fails no request', async () => {
  const { replicas } = config.web;
  await survives(`web: ${replicas} to 10 to ${replicas}`, async () => {
    await inSite(['scale', 'deployment/web', '--replicas=10']);
    await rolled('web');
    await sleep(15);
    await inSite(['scale', 'deployment/web', `--replicas=${replicas}`]);
    await sleep(40);
  });
}, 400_000);

test('the drain of a node of web and app servers fails no request', async () => {
  const balancers = new Set((await readyPods('load-balancer')).map(({ spec }) => spec.nodeName));
  const candidates = (await readyPods('web')).map(({ spec }) => spec.nodeName ?? '');
  const node = candidates.find((name) => !balancers.has(name));
  if (!node) throw new Error('every web server runs beside a load balancer; this trial needs a node more');
  const mine = `app.kubernetes.io/instance=${config.name},app.kubernetes.io/component in (web,app)`;
  await survives(`drain of ${node}`, async () => {
    try {
      await kubectl(['drain', node, `--pod-selector=${mine}`, '--delete-emptydir-data', '--timeout=200s'], {
        seconds: 210,
      });
      await Promise.all([rolled('web'), rolled('app')]);
    } finally {
      await kubectl(['uncordon', node]);
    }
  });
}, 400_000);

// https://github.com/cilium/cilium/issues/27300
test('new DNS servers of the cluster, and then new app and web servers, fail no request', async () => {
  const dns = ['deployment', '-n', 'kube-system', '-l', 'k8s-app=kube-dns'];
  await survives('DNS servers, then app and web: rolling restart', async () => {
    await kubectl(['rollout', 'restart', ...dns]);
    await kubectl(['rollout', 'status', ...dns, '--timeout=220s'], { seconds: 230 });
    for (const tier of ['app', 'web']) {
      await inSite(['rollout', 'restart', `deployment/${tier}`]);
      await rolled(tier);
    }
  });
}, 800_000);
