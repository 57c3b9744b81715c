import type { Construct } from 'constructs';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import type { MountedFiles } from '../app/files';
import { type Process, processOf } from '../app/process';
import { ThreewallChart } from '../chart';
import type { Code } from '../code';
import { disruptionBudget } from '../disruption-budget';
import { selectorOf } from '../names';
import { metadataOf, rollout } from '../pod';
import { KIND_LABEL } from './kinds';
import { TIER, workerPod } from './pods';

const HOURS = 3600;

/**
 * Queue workers and scheduled programs: the app's image beside the app servers, with connections to the databases only.
 */
export class WorkerChart extends ThreewallChart {
  constructor(scope: Construct, config: Config, code: Code | undefined, files: MountedFiles) {
    super(scope, '30', TIER, config.name);
    const process = processOf(config, code, files, TIER);
    for (const name of Object.keys(config.app.workers)) this.worker(name, config, process, files);
    for (const name of Object.keys(config.app.schedule)) this.scheduled(name, config, process, files);
  }

  private worker(name: string, config: Config, process: Process, files: MountedFiles): void {
    const { replicas, stopSeconds, ...program } = settingsOf(config.app.workers, name);
    const object = `worker-${name}`;
    const labels = { [KIND_LABEL]: object };
    new k8s.KubeDeployment(this, object, {
      metadata: metadataOf(TIER, config, object),
      spec: {
        replicas,
        selector: { matchLabels: { ...selectorOf(TIER, config), ...labels } },
        ...rollout,
        template: workerPod(config, {
          kind: object,
          containers: [process.container(TIER, program)],
          process,
          files,
          stopSeconds,
          ends: false,
        }),
      },
    });
    disruptionBudget(this, TIER, config, replicas, { name: object, labels });
  }

  private scheduled(name: string, config: Config, process: Process, files: MountedFiles): void {
    const { cron, timeZone, seconds, ...program } = settingsOf(config.app.schedule, name);
    const object = `schedule-${name}`;
    const metadata = metadataOf(TIER, config, object);
    const template = workerPod(config, {
      kind: object,
      containers: [{ ...process.container(TIER, program), terminationMessagePolicy: 'FallbackToLogsOnError' }],
      process,
      files,
      stopSeconds: 30,
      ends: true,
    });
    new k8s.KubeCronJob(this, object, {
      metadata,
      spec: {
        schedule: cron,
        timeZone,
        concurrencyPolicy: 'Forbid',
        // once after an outage, not for each missed time
        startingDeadlineSeconds: 600,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 2,
        jobTemplate: {
          metadata,
          // it is unknown what a failed program already did: no retry before its next time
          spec: { backoffLimit: 0, activeDeadlineSeconds: seconds, ttlSecondsAfterFinished: 24 * HOURS, template },
        },
      },
    });
  }
}

function settingsOf<T>(all: Readonly<Record<string, T>>, name: string): T {
  const found = all[name];
  if (found === undefined) throw new Error(`worker: no settings of "${name}"`);
  return found;
}
