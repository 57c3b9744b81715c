import { RUN_PATH } from '../../../charts/database/layout';
import { selectorOf } from '../../../charts/topology';
import { list, kubectl as run } from '../../../commands/kubectl';
import { primaryOf } from '../../../commands/restore-ends';
import { jobDone, startJob } from '../../../commands/restore-job';
import { config, type Pod } from './kubectl';

/** How a client speaks to a database as root: inside its pod. */
export const CLIENT = [
  'mysql',
  `--defaults-file=${RUN_PATH}/root.cnf`,
  '--batch',
  '--skip-column-names',
  '--unbuffered',
];

/** The database that can be written to, ready or not. */
export const primary = async (): Promise<string> =>
  primaryOf(
    config.name,
    (await list<Pod>('pods', config.name, selectorOf('database', config))).map(({ metadata }) => metadata.name),
  );

/** Runs SQL in the primary. @returns lines of tab-separated values */
export const sql = async (pod: string, text: string): Promise<string[]> =>
  (await run(['exec', '-i', pod, '-c', 'database', '-n', config.name, '--', ...CLIENT], { input: text }))
    .split('\n')
    .filter((line) => line !== '');

/**
 * Runs a CronJob now and waits for its end.
 * @returns what its containers said, and the seconds it took
 */
export async function runNow(cronJob: string, seconds: number, changed?: Parameters<typeof startJob>[3]) {
  const name = `trial-${cronJob.replace('backup-', '')}-${Date.now()}`;
  const started = Date.now();
  await startJob(config.name, cronJob, name, changed);
  try {
    await jobDone(config.name, name, seconds);
    const log = await run([
      'logs',
      '-n',
      config.name,
      '-l',
      `batch.kubernetes.io/job-name=${name}`,
      '--all-containers',
    ]);
    return { log, seconds: (Date.now() - started) / 1000 };
  } finally {
    await run(['delete', 'job', name, '-n', config.name, '--wait=false']);
  }
}
