import type { Construct } from 'constructs';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { metadataOf } from '../pod';
import { untilItsEnd } from '../scale-down';
import { REFUSED } from './places';

const TIER = 'backup';
const DAY = 24 * 3600;

/** A schedule that never comes, for Jobs that commands start: the 31st of February. */
export const NEVER = '0 0 31 2 *';

/** A CronJob whose runs never overlap. With the schedule `NEVER` it is suspended. */
export function cronJob(
  scope: Construct,
  config: Config,
  name: string,
  schedule: string,
  template: k8s.PodTemplateSpec,
): void {
  new k8s.KubeCronJob(scope, `job-${name}`, {
    metadata: metadataOf(TIER, config, name),
    spec: {
      schedule,
      suspend: schedule === NEVER ? true : undefined,
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      // after an outage once, and not for each time that was missed
      startingDeadlineSeconds: 600,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 2,
      jobTemplate: {
        metadata: metadataOf(TIER, config, name),
        spec: {
          backoffLimit: 1,
          // what was refused once is refused again
          podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [REFUSED] } }] },
          activeDeadlineSeconds: DAY,
          ttlSecondsAfterFinished: DAY,
          template: untilItsEnd(template),
        },
      },
    },
  });
}
