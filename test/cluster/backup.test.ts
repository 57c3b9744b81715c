import { namespaceOf } from '../../charts/names';
import { runNow } from './support/backups';
import { eventually } from './support/eventually';
import { config, ENVIRONMENT } from './support/kubectl';
import { Prometheus } from './support/prometheus';

if (!config.backup) console.log(`${ENVIRONMENT} has no backup section: nothing of it is tried`);
const given = config.backup ? test : test.skip;

given(
  'a backup made now is restored by the drill, and the monitoring knows of both',
  async () => {
    const begun = Date.now() / 1000;
    const { log } = await runNow('backup', 60);
    expect(log).toMatch(/backup \d{8}T\d{6}Z: \d+ tables/);
    await runNow('backup-binlogs', 60);
    const drill = await runNow('backup-drill', 90);
    expect(drill.log).toContain('restored and as recorded');

    const prometheus = await Prometheus.connect();
    try {
      const figures = [
        'backup_last_success_timestamp_seconds',
        'backup_binlog_last_shipped_timestamp_seconds',
        'restore_drill_last_success_timestamp_seconds',
      ];
      for (const figure of figures) {
        await eventually(`${figure} arrives from ${namespaceOf('backup', config)}`, 60, async () => {
          return (await prometheus.value(`max(${figure})`)) >= Math.floor(begun) - 5;
        });
      }
    } finally {
      prometheus.close();
    }
  },
  300_000,
);
