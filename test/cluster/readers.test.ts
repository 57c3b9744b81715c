import { TrialClient } from './support/database/client';
import { deletion } from './support/database/faults';
import { longestBurst } from './support/database/summary';
import { inDetail, trial } from './support/database/trial';

let client: TrialClient;
beforeAll(async () => {
  client = await TrialClient.start();
}, 180_000);
afterAll(async () => {
  await client?.clear();
  await client?.remove();
}, 180_000);

test('database-replica answers while the only replica restarts, from the primary', async () => {
  const outcome = await trial(client, deletion, async () => 'database-1');
  console.log(inDetail(outcome));
  expect(outcome.lost).toBe(0);
  expect(outcome.reads).toBeGreaterThan(500);
  // twice a moment: when it leaves, and when it is back and catches up
  expect(longestBurst(outcome.journal.failedReads)).toBeLessThanOrEqual(1);
  expect(outcome.failedReads).toBeLessThan(0.01 * outcome.reads);
}, 300_000);
