import { RUN_PATH } from '../../../../charts/database/layout';
import { volumesInBackups } from '../../../../config/app-facts';
import { runNow } from '../backups';
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
  const backup = await runNow('backup', SECONDS.backup, trial.config.name);
  if (volumesInBackups(trial.config).length > 0) await runNow('backup-volumes', SECONDS.backup, trial.config.name);
  const primary = await primaryOf(trial);
  const statement = `SELECT DATE_FORMAT(UTC_TIMESTAMP(), "%Y-%m-%dT%TZ"); DO SLEEP(1); DROP DATABASE \`${database.name}\``;
  const client = `mysql --defaults-file=${RUN_PATH}/root.cnf -BN`;
  const time = (await trial.inPod(primary, `${client} <<'END'\n${statement};\nEND`)).trim();
  const deleted = performance.now();
  await trial.npm('restore', 'development', '--at', time, '--yes', '--timeout', `${SECONDS.restore}s`);
  const seconds = (performance.now() - deleted) / 1000;
  return `backup ${backup.seconds.toFixed(0)} s | database deleted, restored and ready after ${seconds.toFixed(0)} s`;
}
