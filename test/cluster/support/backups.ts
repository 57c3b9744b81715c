import { execFile } from 'node:child_process';
import { RUN_PATH } from '../../../charts/database/layout';
import { selectorOf } from '../../../charts/names';
import { list, kubectl as run } from '../../../commands/cluster/kubectl';
import { primaryOf } from '../../../commands/restore/databases';
import { jobDone, logOf, startJob } from '../../../commands/restore/job';
import { config, ENVIRONMENT, type Pod } from './kubectl';

/** Arguments of a client of the database as root, inside its pod. */
export const CLIENT = [
  'mysql',
  `--defaults-file=${RUN_PATH}/root.cnf`,
  '--batch',
  '--skip-column-names',
  '--unbuffered',
  '--default-character-set=utf8mb4',
];

/** The database that can be written to, ready or not. */
export const primary = async (): Promise<string> =>
  primaryOf(
    config.name,
    (await list<Pod>('pods', config.name, selectorOf('database', config))).map(({ metadata }) => metadata.name),
  );

/** Runs SQL in the primary. @returns lines of tab-separated values */
export const sql = async (pod: string, text: string): Promise<string[]> =>
  (await run(['exec', '-i', pod, '-c', 'database', '-n', config.name, '--', ...CLIENT], { input: text, seconds: 900 }))
    .split('\n')
    .filter((line) => line !== '');

/**
 * Runs a CronJob now and waits for its end.
 * @param namespace of the CronJob. @default - that of the site under test
 * @returns its containers' output, and its duration in seconds
 */
export async function runNow(cronJob: string, seconds: number, namespace = config.name) {
  const name = `trial-${cronJob.replace('backup-', '')}-${Date.now()}`;
  const started = Date.now();
  await startJob(namespace, cronJob, name);
  try {
    await jobDone(namespace, name, seconds);
    const log = await logOf(namespace, name);
    return { log, seconds: (Date.now() - started) / 1000 };
  } finally {
    await run(['delete', 'job', name, '-n', namespace, '--wait=false']);
  }
}

/** Removes what restores have kept on the volumes of the databases. */
export const dropKept = (): Promise<{ code: number; text: string }> => restore(300, '--drop-kept', '--yes');

/** Runs the command as a user does. @param seconds deadline */
export const restore = (seconds: number, ...args: readonly string[]): Promise<{ code: number; text: string }> =>
  new Promise((resolve) => {
    const all = ['--import', 'tsx', 'commands/restore.ts', ENVIRONMENT, ...args];
    execFile(process.execPath, all, { timeout: seconds * 1000 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, text: stdout + stderr }),
    );
  });

/** Waits for the full backup that a restore begins when it is done, and removes the restore's Jobs. @param text what it said */
export async function endRestore(text: string): Promise<void> {
  const [, suffix] = /job restore-(\w+) restores/.exec(text) ?? [];
  if (!suffix) return;
  try {
    if (text.includes('makes a new full backup')) await jobDone(config.name, `restore-backup-${suffix}`, 300);
  } finally {
    const jobs = (await run(['get', 'jobs', '-n', config.name, '-o', 'name'])).split('\n');
    const its = jobs.filter((job) => job.includes(suffix));
    await run(['delete', ...its, '-n', config.name, '--ignore-not-found', '--wait=false']);
  }
}
