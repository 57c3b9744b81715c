import { RESTORE_VOLUMES } from '../../charts/backup/volumes';
import type { Config } from '../../config';
import { refuseTwo } from './begin';
import type { Labelled } from './change';
import { ensureJob, follow, jobDone } from './job';

/** Renames only: minutes where a volume has a hundred thousand files beside each other. */
const SWAP_SECONDS = 3600;
/** A swap that was begun is to come to its end, whatever becomes of its pod or of the command. */
const SWAP_RETRIES = 6;

/** Brings the volumes as they were beside what is there, while the site goes on. Once more with the same id goes on. */
export async function fetchVolumes(
  { name: namespace }: Config,
  id: string,
  change: Labelled,
  seconds: number,
  log: (line: string) => void,
): Promise<void> {
  const job = `restore-volumes-${id}`;
  const env = { ...change.env, RESTORE_ID: id };
  await ensureJob(namespace, RESTORE_VOLUMES, job, { ...change, env, only: 'fetch' });
  await refuseTwo(namespace, id, change.labels);
  console.log(`job ${job} restores the volumes beside what is there`);
  await follow(namespace, job, seconds, /restored: the volumes of/, log);
  await jobDone(namespace, job, seconds);
}

/**
 * Swaps what is prepared with what is there, or what an earlier restore kept, on every volume.
 * @throws UsageError when nothing is kept of `of`
 */
export async function swapVolumes(
  { name: namespace }: Config,
  id: string,
  step: { readonly take: true } | { readonly back: string },
  labels: Readonly<Record<string, string>> = {},
): Promise<void> {
  const job = `restore-swap-${id}`;
  const [name, of] = 'back' in step ? ['back', step.back] : ['take', ''];
  const env = { RESTORE_ID: id, RESTORE_STEP: name, RESTORE_OF: of };
  const change = { env, labels, only: 'swap', retries: SWAP_RETRIES };
  await ensureJob(namespace, RESTORE_VOLUMES, job, change);
  await jobDone(namespace, job, SWAP_SECONDS);
}

/** Removes what restores have kept on the volumes. */
export async function dropKeptVolumes({ name: namespace }: Config): Promise<void> {
  const job = `restore-drop-${Date.now()}`;
  await ensureJob(namespace, RESTORE_VOLUMES, job, { env: { RESTORE_STEP: 'drop' }, only: 'swap' });
  await jobDone(namespace, job, SWAP_SECONDS);
}
