import type { Config } from '../../config/schema';
import type { MountedFiles } from '../app/files';
import type { Process } from '../app/process';
import { hostAliases, routerContainer } from '../app/router';
import { apartFrom, type ContainerProps, hardenedPod } from '../pod';
import { untilItsEnd } from '../scale-down';
import { KIND_LABEL } from './kinds';

/** The tier of everything that runs beside the app servers. */
export const TIER = 'worker';

/** The specific part of a worker's pod. */
export interface WorkerPod {
  /** Value of `KIND_LABEL`. */
  readonly kind: string;
  /** The last one decides when the pod is done; the others run before it, one after another. */
  readonly containers: readonly [...ContainerProps[], ContainerProps];
  readonly process: Process;
  readonly files: MountedFiles;
  /** Time between TERM and KILL, in seconds. */
  readonly stopSeconds: number;
  /** Whether it runs to its end. */
  readonly ends: boolean;
}

/** A pod of the tier: no ports, the databases through its own router. */
export function workerPod(config: Config, { kind, containers, process, files, stopSeconds, ends }: WorkerPod) {
  const router = files.workerRouter;
  if (router === undefined) throw new Error('worker: no configuration of its router');
  const template = hardenedPod({
    tier: TIER,
    config,
    placement: config.app.placement,
    pods: config.app.pods,
    labels: { [KIND_LABEL]: kind },
    spread: !ends,
    affinity: ends ? undefined : { podAntiAffinity: apartFrom(TIER, [], config) },
    terminationGracePeriodSeconds: stopSeconds,
    hostAliases: hostAliases(config),
    initContainers: [routerContainer(TIER, config, 'router'), ...process.initContainers, ...containers.slice(0, -1)],
    containers: containers.slice(-1),
    volumes: process.volumes(router),
  });
  return ends ? untilItsEnd(template) : template;
}
