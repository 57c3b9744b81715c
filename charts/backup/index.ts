import type { Construct } from 'constructs';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { files, ThreewallChart } from '../chart';
import { metadataOf } from '../pod';
import { commonSh } from './common-sh';
import { dumpSh } from './dump-sh';
import { logsSh } from './logs-sh';
import { CLAIM, endingPod, type WithBackup, withAgent, withMysql } from './pods';
import { scratchSh } from './scratch-sh';

const TIER = 'backup';
const HOURS = 3600;

/** True where the environment has backups. */
export const hasBackup = (config: Config): config is WithBackup => config.backup !== undefined;

/** Full backups, shipment of binary logs, and the drill that restores what they made. See docs/decisions/backup.md. */
export class BackupChart extends ThreewallChart {
  constructor(scope: Construct, config: WithBackup, agent: string) {
    super(scope, '60', TIER, config.name);
    const { store, resources, scratchResources } = config.backup;
    const { backup } = config;
    const conf = files(this, TIER, config, TIER, {
      'agent.mjs': agent,
      'common.sh': commonSh(config),
      'dump.sh': dumpSh(),
      'logs.sh': logsSh(),
      'scratch.sh': scratchSh(),
    }).name;

    if (store.type === 'claim') this.claim(config, store.storage);
    const dump = [withMysql('dump', 'dump.sh', resources, config), withAgent('agent', 'backup', config)];
    this.cronJob(config, 'backup', backup.schedule, 6 * HOURS, endingPod(config, conf, false, { main: dump }));
    const fetch = [withAgent('plan', 'plan', config), withMysql('fetch', 'logs.sh', resources, config)];
    const ship = endingPod(config, conf, false, { init: fetch, main: [withAgent('agent', 'ship', config)] });
    this.cronJob(config, 'backup-binlogs', `*/${backup.binlogIntervalMinutes} * * * *`, HOURS / 2, ship);
    const scratch = [withMysql('scratch', 'scratch.sh', scratchResources, config), withAgent('agent', 'drill', config)];
    this.cronJob(
      config,
      'backup-drill',
      backup.drillSchedule,
      6 * HOURS,
      endingPod(config, conf, true, { main: scratch }),
    );
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

  private cronJob(
    config: Config,
    name: string,
    schedule: string,
    deadline: number,
    template: k8s.PodTemplateSpec,
  ): void {
    new k8s.KubeCronJob(this, `job-${name}`, {
      metadata: metadataOf(TIER, config, name),
      spec: {
        schedule,
        timeZone: 'Etc/UTC',
        concurrencyPolicy: 'Forbid',
        // after an outage once, and not for each time that was missed
        startingDeadlineSeconds: 600,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 2,
        jobTemplate: {
          metadata: metadataOf(TIER, config, name),
          spec: { backoffLimit: 1, activeDeadlineSeconds: deadline, ttlSecondsAfterFinished: 24 * HOURS, template },
        },
      },
    });
  }
}
