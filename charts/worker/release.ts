import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import type { MountedFiles } from '../app/files';
import { processOf } from '../app/process';
import { ThreewallChart } from '../chart';
import type { Code } from '../code';
import { type ContainerProps, metadataOf } from '../pod';
import { KIND_LABEL, RELEASE } from './kinds';
import { TIER, workerPod } from './pods';

/**
 * The steps before a new version: a Job with the hash of its pod spec in its name, in a wave before the app servers.
 * The same version never runs it twice, a new one always does.
 * @see docs/decisions/app-contract.md
 */
export class ReleaseChart extends ThreewallChart {
  constructor(
    scope: Construct,
    config: Config,
    steps: readonly (readonly string[])[],
    code: Code | undefined,
    files: MountedFiles,
  ) {
    super(scope, '25', RELEASE, config.name);
    const process = processOf(config, code, files, TIER);
    const containers = steps.map(
      (command, i): ContainerProps => ({
        ...process.container(`step-${i + 1}`, { command }),
        terminationMessagePolicy: 'FallbackToLogsOnError',
      }),
    );
    const [last] = containers.slice(-1);
    if (!last) throw new Error('release: no step');
    const template = workerPod(config, {
      kind: RELEASE,
      containers: [...containers.slice(0, -1), last],
      process,
      files,
      stopSeconds: 30,
      ends: true,
    });
    const hash = createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 10);
    const metadata = metadataOf(TIER, config, `${RELEASE}-${hash}`);
    new k8s.KubeJob(this, 'job', {
      metadata: { ...metadata, labels: { ...metadata.labels, [KIND_LABEL]: RELEASE } },
      spec: {
        // it is unknown what a failed step already did: a person decides about a retry
        backoffLimit: 0,
        // a drained or lost node is not the step's failure
        podFailurePolicy: {
          rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
        },
        activeDeadlineSeconds: config.app.releaseSeconds,
        template,
      },
    });
  }
}
