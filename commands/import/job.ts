import type { Config } from '../../config';
import { ClusterError, kubectl } from '../cluster/kubectl';
import { follow, logOf, podOfJob, running } from '../restore/job';
import { dropApplier } from './applier';
import { belongingsOf, IMPORT, jobOf, type Plan } from './objects';
import type { Receiver } from './upload';

/** Prints what a Job says. */
export const log = (line: string): void => console.log(`  ${line}`);

/** Makes a Job with all that it owns. @returns its name */
export async function create(config: Config, plan: Plan): Promise<string> {
  const text = await kubectl(['create', '-o', 'json', '-f', '-'], { input: JSON.stringify(jobOf(plan, config)) });
  const { uid } = (JSON.parse(text) as { metadata: { uid: string } }).metadata;
  const items = belongingsOf(plan, config, uid);
  await kubectl(['create', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
  return plan.name;
}

/** Removes a Job. Rules of the firewall go first. */
export async function remove({ name }: Config, job: string): Promise<void> {
  await kubectl(['delete', 'networkpolicy', job, `${job}-database`, '-n', name, '--ignore-not-found']);
  await kubectl(['delete', 'job', job, '-n', name, '--ignore-not-found', '--wait=false']);
}

/** Removes a Job that loads, and the account with which it followed an old server. */
export async function end(config: Config, job: string): Promise<void> {
  await remove(config, job);
  // where no database takes this now, it expires
  await dropApplier(config).catch(() => undefined);
}

/** The pod, once it waits for the dump. */
export async function receiverOf({ name }: Config, job: string): Promise<Receiver> {
  await follow(name, job, 600, /waits for the dump/, () => undefined);
  const pod = await podOfJob(name, job);
  if (!pod) throw new ClusterError(`job ${job} has no pod any more; run the same command again`);
  return { namespace: name, pod };
}

/** Whether a Job loads already what was sent. */
export async function isReleased({ name }: Config, job: string): Promise<boolean> {
  return /\[threewall\] loads/.test(await logOf(name, job).catch(() => ''));
}

/** Waits for a Job, or until it says so much, and prints what it says. One that has failed is removed. @param seconds how long at most */
export async function reach(config: Config, seconds: number, job: string, ready: RegExp): Promise<void> {
  const { name } = config;
  try {
    await follow(name, job, seconds, ready, log);
  } catch (error) {
    const left = await running(name, IMPORT).catch(() => undefined);
    // an answer of the API server that did not come ends no import
    if (!left || left.some((one) => one.name === job)) {
      throw new ClusterError(`${(error as Error).message}\n  job ${job} goes on: run the same command again`);
    }
    await end(config, job);
    throw error;
  }
}

/** Waits for the end of a Job, and removes it. @returns exit code */
export async function finish(config: Config, seconds: number, job: string): Promise<number> {
  await reach(config, seconds, job, /\[threewall\] import complete/);
  await end(config, job);
  return 0;
}
