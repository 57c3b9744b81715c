import type { Config } from '../../../config';
import { bytes } from '../../../config/fields';
import { applyTier } from '../support/apply';
import { TrialClient } from '../support/database/client';
import { Hammer } from '../support/database/hammer';
import { databasePods, NAMESPACE } from '../support/database/places';
import { longestBurst } from '../support/database/summary';
import { allWell, inDetail, type Outcome, report, underTraffic } from '../support/database/trial';
import { config, kubectl } from '../support/kubectl';

const MINUTE = 60_000;
/** Seconds without a primary at a planned switchover, and within which reads may fail. */
const AIM = { planned: 2, reads: 1 } as const;
const isGroup = config.database.topology === 'group';

let client: TrialClient;
let hammer: Hammer;
const outcomes: Outcome[] = [];
beforeAll(async () => {
  hammer = await Hammer.start();
  client = await TrialClient.start();
}, 3 * MINUTE);
afterAll(async () => {
  if (outcomes.length > 0) console.log(report(outcomes));
  await client?.clear();
  await client?.remove();
  await hammer?.remove();
}, 3 * MINUTE);

const names = async (): Promise<string[]> => (await databasePods()).map(({ metadata }) => metadata.name);
const rolled = (): Promise<string> =>
  kubectl(['rollout', 'status', 'statefulset/database', '-n', NAMESPACE, '--timeout=400s'], { seconds: 410 });

/** All servers start anew, one after the other. */
async function rolling(name: string, change: () => Promise<unknown>): Promise<Outcome> {
  const outcome = await underTraffic(client, name, async () => {
    const since = Date.now();
    await change();
    await rolled();
    await allWell(client, { servers: await names(), since });
    return { recovery: (Date.now() - since) / 1000 };
  });
  outcomes.push(outcome);
  console.log(inDetail(outcome));
  expect(outcome).toMatchObject({ lost: 0, twoAtOnce: 0 });
  return outcome;
}

const keepsUp = ({ writeOutage, journal }: Outcome): void => {
  if (!isGroup) return;
  expect(writeOutage).toBeLessThanOrEqual(AIM.planned);
  expect(longestBurst(journal.failedReads)).toBeLessThanOrEqual(AIM.reads);
};

test(
  'a rolling restart moves the primary and loses nothing',
  async () => {
    keepsUp(
      await rolling('rolling restart', () => kubectl(['rollout', 'restart', 'statefulset/database', '-n', NAMESPACE])),
    );
  },
  12 * MINUTE,
);

test(
  'a change of my.cnf rolls all servers and loses nothing',
  async () => {
    const { limits } = config.database.resources;
    const larger: Config = {
      ...config,
      database: {
        ...config.database,
        resources: {
          ...config.database.resources,
          limits: { ...limits, memory: `${mebibytes(limits.memory) + 64}Mi` },
        },
      },
    };
    try {
      keepsUp(await rolling('change of my.cnf', () => applyTier('database', larger)));
    } finally {
      await applyTier('database', config);
      await rolled();
    }
  },
  20 * MINUTE,
);

test(
  'after all servers were killed at once they come back alone, and nothing acknowledged is lost',
  async () => {
    const outcome = await underTraffic(client, 'all killed at once', async () => {
      const since = Date.now();
      await Promise.all((await databasePods()).map((pod) => hammer.kill(pod)));
      await allWell(client, { servers: await names(), since });
      return { recovery: (Date.now() - since) / 1000 };
    });
    outcomes.push(outcome);
    expect(outcome).toMatchObject({ lost: 0, twoAtOnce: 0 });
  },
  10 * MINUTE,
);

test(
  'after all pods were deleted by force they come back alone, and nothing acknowledged is lost',
  async () => {
    const outcome = await underTraffic(client, 'all pods deleted by force', async () => {
      const since = Date.now();
      const force = ['--grace-period=0', '--force', '--wait=false'];
      await kubectl(['delete', 'pod', '-n', NAMESPACE, ...force, ...(await names())]);
      await allWell(client, { servers: await names(), since });
      return { recovery: (Date.now() - since) / 1000 };
    });
    outcomes.push(outcome);
    expect(outcome).toMatchObject({ lost: 0, twoAtOnce: 0 });
  },
  10 * MINUTE,
);

const mebibytes = (quantity: string): number => Math.floor(bytes(quantity) / 2 ** 20);
