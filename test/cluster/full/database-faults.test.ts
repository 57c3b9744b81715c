import { TrialClient } from '../support/database/client';
import { cutting, deletion, type Fault, killing, nodeLoss } from '../support/database/faults';
import { Hammer } from '../support/database/hammer';
import { databasePod } from '../support/database/places';
import { percentile } from '../support/database/summary';
import { allWell, inDetail, type Outcome, report, trial } from '../support/database/trial';
import { config } from '../support/kubectl';

/** Trials of each fault. */
const TRIALS = Number(process.env.TRIALS ?? 3);
const MINUTE = 60_000;
/** Seconds without a primary at a planned switchover and after a failure; a group detects one after five. */
const AIM = { planned: 2, failure: 8 } as const;
/** Span of failed reads in seconds; for a cut-off replica, until the routers have noticed. */
const AIM_READS = { primary: 1, replica: 2 } as const;
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
  await hammer?.restore();
  await hammer?.remove();
}, 3 * MINUTE);

/** Several trials of a fault; then their results are checked. */
async function trials(
  fault: Fault,
  choose?: (primary: string) => Promise<string>,
  prepare?: () => Promise<void>,
): Promise<Outcome[]> {
  const these: Outcome[] = [];
  for (let n = 0; n < TRIALS; n++) {
    await prepare?.();
    const outcome = await trial(client, fault, choose);
    these.push(outcome);
    outcomes.push(outcome);
    console.log(inDetail(outcome));
  }
  return these;
}

/** Moves the primary, as a deletion does, until it runs on another node than the client. */
async function apartFromClient(): Promise<void> {
  const kept = (await client.pod()).spec.nodeName;
  for (;;) {
    const primary = await databasePod(await allWell(client));
    if (primary.spec.nodeName !== kept) return;
    const since = Date.now();
    await deletion.strike(primary);
    await allWell(client, { servers: [primary.metadata.name], since });
  }
}

/** What must hold whatever happens. */
function nothingLost(these: readonly Outcome[]): void {
  expect(these.map(({ lost, twoAtOnce }) => ({ lost, twoAtOnce }))).toEqual(
    these.map(() => ({ lost: 0, twoAtOnce: 0 })),
  );
}

function keepsUp(these: readonly Outcome[], seconds: number, readSeconds: number = AIM_READS.primary): void {
  if (!isGroup) return;
  const p95 = (values: number[]): number => percentile(values, 0.95);
  expect(p95(these.map(({ writeOutage }) => writeOutage))).toBeLessThanOrEqual(seconds);
  expect(Math.max(...these.map(({ readSpan }) => readSpan))).toBeLessThanOrEqual(readSeconds);
}

describe('the primary', () => {
  test(
    'is deleted: nothing acknowledged is lost',
    async () => {
      const these = await trials(deletion);
      nothingLost(these);
      keepsUp(these, AIM.planned);
    },
    TRIALS * 5 * MINUTE,
  );

  test(
    'is killed: nothing acknowledged is lost',
    async () => {
      const these = await trials(killing(hammer));
      nothingLost(these);
      keepsUp(these, AIM.failure);
    },
    TRIALS * 5 * MINUTE,
  );

  test(
    'is cut off from the network: nothing acknowledged is lost, and it accepts no write meanwhile',
    async () => {
      const these = await trials(cutting(hammer, 'all'));
      nothingLost(these);
      keepsUp(these, AIM.failure);
    },
    TRIALS * 5 * MINUTE,
  );

  if (isGroup)
    test(
      'is cut off from its group, while clients still reach it: never are there two primaries',
      async () => {
        const these = await trials(cutting(hammer, 'group'));
        nothingLost(these);
        keepsUp(these, AIM.failure);
      },
      TRIALS * 5 * MINUTE,
    );

  const loss = nodeLoss();
  if (!loss) console.log('no trial of a lost node: THREEWALL_LOSE_NODE and THREEWALL_RETURN_NODE name no commands');
  else
    test(
      'is lost with its node: nothing acknowledged is lost',
      async () => {
        const these = await trials(loss, undefined, apartFromClient);
        nothingLost(these);
        keepsUp(these, AIM.failure);
      },
      TRIALS * 8 * MINUTE,
    );
});

describe('a replica', () => {
  const other = async (primary: string): Promise<string> => (primary === 'database-1' ? 'database-0' : 'database-1');
  if (isGroup)
    test(
      'is cut off from the network: nothing acknowledged is lost, and reads go on',
      async () => {
        const these = await trials(cutting(hammer, 'all'), other);
        nothingLost(these);
        keepsUp(these, AIM.failure, AIM_READS.replica);
      },
      TRIALS * 5 * MINUTE,
    );

  test.each([['is deleted'], ['is killed']])(
    '%s: nothing acknowledged is lost',
    async (how) => {
      const these = await trials(how === 'is deleted' ? deletion : killing(hammer), other);
      nothingLost(these);
      keepsUp(these, AIM.planned);
    },
    TRIALS * 5 * MINUTE,
  );
});
