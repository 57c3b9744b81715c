import { RUN_PATH } from '../../../../charts/database/layout';
import { primaryOf } from './primary';
import type { AppTrial } from './trial';

/** Seconds that a backup may take, and a restore from the command to the last ready server. */
const SECONDS = { backup: 300, restore: 900 } as const;

/**
 * Makes a backup, deletes the app's whole database, and restores the second before.
 * @returns a row of a table
 */
export async function deleteAndRestore(trial: AppTrial): Promise<string> {
  const { database } = trial.config;
  const job = `trial-${Date.now()}`;
  const begun = performance.now();
  await trial.kubectl(['create', 'job', job, '--from=cronjob/backup']);
  await trial.kubectl(['wait', `job/${job}`, '--for=condition=Complete', `--timeout=${SECONDS.backup}s`], 310);
  const backedUp = performance.now();
  const primary = await primaryOf(trial);
  const statement = `SELECT DATE_FORMAT(UTC_TIMESTAMP(), "%Y-%m-%dT%TZ"); DO SLEEP(1); DROP DATABASE \`${database.name}\``;
  const client = `mysql --defaults-file=${RUN_PATH}/root.cnf -BN`;
  const time = (await trial.inPod(primary, `${client} <<'END'\n${statement};\nEND`)).trim();
  const deleted = performance.now();
  await trial.npm('restore', 'development', '--at', time, '--yes', '--timeout', `${SECONDS.restore}s`);
  const seconds = (from: number, to: number): string => `${((to - from) / 1000).toFixed(0)} s`;
  return `backup ${seconds(begun, backedUp)} | database deleted, restored and ready after ${seconds(deleted, performance.now())}`;
}
