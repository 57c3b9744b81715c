import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config';
import { ClusterError } from '../cluster/kubectl';
import { adopt, allReady, asRoot, databasePods, primaryOf, restored, type State, stateOf } from './databases';
import { rate } from './rate';

const POLL_MS = 2000;
/** For a database that restarts: recovery of a server that was shut down cleanly, and its way back into the group. */
const RESTART_SECONDS = 900;

/** The restored server that databases clone. */
export interface Donor {
  readonly address: string;
  readonly password: string;
  /** What a clone takes, in MiB. */
  readonly size: number;
}

/** Every database clones the restored server beside its data, while the site goes on. One that has done so is left alone. */
export async function cloneAll(config: Config, id: string, donor: Donor, log: (line: string) => void): Promise<void> {
  // a donor serves one after the other
  for (const pod of await databasePods(config)) {
    if (['complete', 'adopted'].includes((await stateOf(config.name, pod, id)).step)) continue;
    await restored(config.name, pod, ['clone', id, donor.address, String(donor.size)], `${donor.password}\n`);
    const progress = rate();
    let state: State = { step: 'clones', rest: '' };
    while (state.step !== 'complete') {
      await sleep(POLL_MS);
      state = await stateOf(config.name, pod, id);
      if (state.step === 'failed' || state.step === 'none') {
        throw new ClusterError(
          `${pod} could not clone the restored server: ${state.rest || 'its server restarted'}; nothing of the site was changed, run the same command again`,
        );
      }
      const [done = 0, all = 0] = state.rest.split(' ').map(Number);
      const line = progress(done, all);
      if (state.step === 'clones' && line) log(`${pod}: ${line}`);
    }
    log(`${pod} holds a clone`);
  }
}

/**
 * All databases take what they cloned. With a fixed primary that one first: a replica with restored data would otherwise
 * follow the data that are to be replaced. Members of a group all at once, so that none elects another primary in between.
 */
export async function adoptAll(config: Config, id: string): Promise<void> {
  const { name: namespace } = config;
  const pods = await databasePods(config);
  const states = await Promise.all(pods.map((pod) => stateOf(namespace, pod, id)));
  const lacking = pods.filter((_, i) => !['complete', 'adopted'].includes(states[i]?.step ?? 'none'));
  if (lacking.length > 0) {
    throw new ClusterError(
      `${lacking.join(', ')}: no complete clone; nothing of the site was changed, run the same command again`,
    );
  }
  if (config.database.topology === 'group') {
    // a group's name belongs to a line of transactions: who misses the restore cannot join those that took it
    await adopt(namespace, pods, id);
  } else {
    const [primary = '', ...replicas] = pods;
    await adopt(namespace, [primary], id);
    await adopted(namespace, primary, id);
    await adopt(namespace, replicas, id);
  }
  for (const pod of pods) await adopted(namespace, pod, id);
  await eventually(`${pods.length} databases are ready`, () => allReady(config, pods.length));
  await primaryOf(namespace, pods);
}

const adopted = (namespace: string, pod: string, id: string): Promise<void> =>
  eventually(`${pod} has its restored data`, async () => {
    if ((await stateOf(namespace, pod, id)).step !== 'adopted') return false;
    return (await asRoot(namespace, pod, 'SELECT 1;').catch(() => '')).trim() === '1';
  });

async function eventually(what: string, reached: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + RESTART_SECONDS * 1000;
  while (!(await reached())) {
    if (Date.now() > deadline) {
      throw new ClusterError(
        `not within ${RESTART_SECONDS} s: ${what}; look at its log and run the same command again, it goes on from here`,
      );
    }
    await sleep(POLL_MS);
  }
}
