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
    const { log } = await runNow('backup', 240);
    expect(log).toMatch(/backup of [-0-9: ]+ is stored: \d+ bytes/);
    const drill = await runNow('backup-drill', 400);
    expect(drill.log).toMatch(/drill: the backup of .* give what the database held at .*: [1-9]\d* tables, \d+ rows/);

    const prometheus = await Prometheus.connect();
    try {
      const metrics = [
        'backup_last_success_timestamp_seconds',
        'backup_binlog_last_shipped_timestamp_seconds',
        'restore_drill_last_success_timestamp_seconds',
      ];
      for (const metric of metrics) {
        await eventually(`${metric} arrives from ${namespaceOf('backup', config)}`, 60, async () => {
          return (await prometheus.value(`max(${metric})`)) >= Math.floor(begun) - 5;
        });
      }
    } finally {
      prometheus.close();
    }
  },
  900_000,
);
