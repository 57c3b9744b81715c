import type { Construct } from 'constructs';
import { cronJob, NEVER } from './jobs';
import { backupPod, type WithBackup, withMysql, withRestic } from './pods';

/** CronJob that stores the app's volumes. */
const VOLUMES = 'backup-volumes';

/** CronJob that restores of volumes are started from, one container a Job; it never runs by itself. */
export const RESTORE_VOLUMES = 'backup-volumes-restore';

/**
 * Backups of the app's volumes. Its files are often readable to the app's user alone, and no pod may have the capability to
 * read them nevertheless: so these pods run as that user.
 */
export function volumeBackups(scope: Construct, config: WithBackup, conf: string): void {
  const report = withMysql('report', ['report.sh'], 'nothing', config.backup.resources, config);
  const store = withRestic('store', ['volumes-store.sh'], config, { volumes: 'read' });
  const backup = { init: [store], main: [report], volumes: 'read' } as const;
  cronJob(scope, config, VOLUMES, config.backup.volumesSchedule, backupPod(config, conf, backup));
  const steps = [
    withRestic('fetch', ['volumes-fetch.sh'], config, { volumes: 'write' }),
    withRestic('swap', ['volumes-swap.sh'], config, { volumes: 'write', repository: false }),
  ];
  const restore = { init: [], main: steps, volumes: 'write' } as const;
  cronJob(scope, config, RESTORE_VOLUMES, NEVER, backupPod(config, conf, restore));
}
