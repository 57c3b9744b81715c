import type { Construct } from 'constructs';
import { volumesInBackups } from '../../config/app-facts';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { files, ThreewallChart } from '../chart';
import { selectorOf } from '../names';
import { containerPorts, metadataOf, rollout } from '../pod';
import { scriptFiles } from '../scripts';
import { cronJob, NEVER } from './jobs';
import { places } from './places';
import { backupPod, CLAIM, KIND_LABEL, passwd, type WithBackup, withMysql, withRestic } from './pods';
import { backupSettings } from './settings';
import { volumeBackups } from './volumes';

const TIER = 'backup';
const HOURS = 3600;
/** How a database alters events; a restored server does it the same way. */
const ALTERING = scriptFiles('charts/database/scripts')['altering.sh'] as string;

/** CronJob that a restore is started from; it never runs by itself. */
export const RESTORE = 'backup-restore';

/** True where the environment has backups. */
export const hasBackup = (config: Config): config is WithBackup => config.backup !== undefined;

/** Full backups, the stream of binary logs, the drill that restores what they made, and the app's volumes. See docs/decisions/backup.md. */
export class BackupChart extends ThreewallChart {
  constructor(scope: Construct, config: WithBackup) {
    super(scope, '60', TIER, config.name);
    const { store, resources, scratchResources, schedule, drillSchedule } = config.backup;
    const conf = files(this, TIER, config, TIER, {
      ...scriptFiles('charts/backup/scripts'),
      'altering.sh': ALTERING,
      'settings.sh': backupSettings(config),
      // of a restore from another environment as well, whose store may be one of SSH
      passwd: passwd(config),
    }).name;
    const report = withMysql('report', ['report.sh'], 'nothing', resources, config);

    if (store.type === 'claim') this.claim(config, store.storage);
    const backup = [
      withMysql('clone', ['clone.sh'], 'account', scratchResources, config),
      withRestic('store', ['store.sh'], config),
    ];
    cronJob(this, config, TIER, schedule, backupPod(config, conf, { init: backup, main: [report] }));
    const drill = [
      withMysql('sums', ['sums.sh'], 'account', resources, config),
      { ...withRestic('fetch', ['fetch.sh'], config), env: [{ name: 'RESTORE_CHECK', value: '1' }] },
      withMysql('verify', ['scratch.sh', 'drill'], 'nothing', scratchResources, config),
      withRestic('record', ['record.sh'], config),
    ];
    cronJob(this, config, 'backup-drill', drillSchedule, backupPod(config, conf, { init: drill, main: [report] }));
    const restored = {
      ...withMysql('scratch', ['scratch.sh', 'restore'], 'certificate', scratchResources, config),
      ports: containerPorts(TIER, config, ['mysql']),
    };
    const fetch = [withRestic('fetch', ['fetch.sh'], config)];
    cronJob(this, config, RESTORE, NEVER, backupPod(config, conf, { init: fetch, main: [restored] }));
    if (volumesInBackups(config).length > 0) volumeBackups(this, config, conf);
    this.stream(config, conf);
  }

  private claim(config: Config, { size, storageClassName }: Config['database']['storage']): void {
    new k8s.KubePersistentVolumeClaim(this, 'claim', {
      metadata: metadataOf(TIER, config, CLAIM),
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName,
        resources: { requests: { storage: k8s.Quantity.fromString(size) } },
        volumeMode: 'Filesystem',
      },
    });
  }

  /** The one pod that follows the primary's binary logs. */
  private stream(config: WithBackup, conf: string): void {
    const { resources } = config.backup;
    const probes = (works: string, done: string): { livenessProbe: k8s.Probe; readinessProbe: k8s.Probe } => ({
      // hours of silence, not a busy node on which a probe itself is slow
      livenessProbe: {
        ...younger(works, HOURS),
        periodSeconds: 60,
        initialDelaySeconds: 60,
        timeoutSeconds: 30,
        failureThreshold: 5,
      },
      readinessProbe: { ...younger(done, 120), periodSeconds: 10 },
    });
    const ofStream = { [KIND_LABEL]: 'binlogs' };
    const pod = backupPod(config, conf, {
      labels: ofStream,
      init: [withRestic('resume', ['resume.sh'], config)],
      main: [
        { ...withMysql('stream', ['stream.sh'], 'account', resources, config), ...probes('streams', 'shipped') },
        { ...withRestic('ship', ['ship.sh'], config), ...probes('ships', 'waits') },
      ],
    });
    new k8s.KubeDeployment(this, 'stream', {
      metadata: metadataOf(TIER, config, 'backup-binlogs'),
      spec: {
        replicas: 1,
        ...rollout,
        // never two: only one may write to the repository of logs
        strategy: { type: 'Recreate' },
        selector: { matchLabels: { ...selectorOf(TIER, config), ...ofStream } },
        template: pod,
      },
    });
  }
}

/** Succeeds while a file of the scratch volume was touched within so many seconds. */
const younger = (file: string, seconds: number): k8s.Probe => ({
  exec: { command: ['sh', '-c', `[ $(($(date +%s) - $(stat -c %Y ${places.work}/${file}))) -lt ${seconds} ]`] },
  timeoutSeconds: 5,
});
