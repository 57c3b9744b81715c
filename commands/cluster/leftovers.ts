import { ownerLabels } from '../../charts/names';
import type { Config } from '../../config';
import { namespacesOf } from '../../config/namespaces';
import type { Manifest } from '../../reachability/manifest';
import { type PodStatus, troubleOf } from './diagnosis';
import { kubectl, list } from './kubectl';
import { jobLabel } from './workloads';

/** Kinds that may refer to a ConfigMap: pods, workloads, and revisions for rollbacks. */
const USERS = 'pods,deployments,replicasets,statefulsets,daemonsets,controllerrevisions,cronjobs.batch,jobs.batch';

interface FileMap {
  readonly metadata: { readonly name: string };
  readonly immutable?: boolean;
}

/**
 * Names of the immutable ConfigMaps that no object refers to any more.
 * @param users all objects of the namespace that may refer to one, as text
 * @param current ConfigMaps of the present manifests, which are always kept
 */
export const unusedOf = (maps: readonly FileMap[], users: string, current: ReadonlySet<string>): string[] =>
  maps
    .filter(({ immutable, metadata: { name } }) => immutable && !current.has(name) && !users.includes(`"${name}"`))
    .map(({ metadata }) => metadata.name);

/**
 * Deletes files (immutable ConfigMaps) of earlier versions that no pod, no Job and no revision of a workload refers to: a Job
 * that is tried again and a rollback to any kept revision find theirs.
 */
export async function removeUnusedFiles(config: Config, objects: readonly Manifest[]): Promise<void> {
  const current = new Set(objects.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name));
  for (const namespace of namespacesOf(config)) {
    const maps = await list<FileMap>('configmaps', namespace, ownerLabels(config));
    // read after the ConfigMaps: what a new pod refers to is among the users, or too new to be among the maps
    const users = await kubectl(['get', USERS, '-n', namespace, '-o', 'json']);
    const unused = unusedOf(maps, users, current);
    if (unused.length === 0) continue;
    await kubectl(['delete', 'configmap', '-n', namespace, ...unused, '--ignore-not-found']);
    const s = unused.length > 1 ? 's' : '';
    console.log(`removed ${unused.length} ConfigMap${s} of earlier versions that nothing uses from ${namespace}`);
  }
}

interface Templated {
  readonly spec: {
    readonly initContainers?: readonly { readonly name: string; readonly image: string }[];
    readonly containers: readonly { readonly name: string; readonly image: string }[];
  };
}

/** A CronJob. */
export interface CronJob {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly jobTemplate: { readonly spec: { readonly template: Templated } } };
}

/** A Job. */
export interface Job {
  readonly metadata: {
    readonly name: string;
    readonly ownerReferences?: readonly { readonly uid: string; readonly controller?: boolean }[];
  };
  readonly spec: { readonly template: Templated };
}

const imagesOf = ({ spec }: Templated): string[] =>
  [...(spec.initContainers ?? []), ...spec.containers].map(({ name, image }) => `${name} ${image}`).sort();

/**
 * Names of the Jobs of CronJobs that wait for an image which their CronJob no longer has. A CronJob with
 * `concurrencyPolicy: Forbid` starts no other one until its time is up: a day for backups.
 * @param pods all pods of the namespace
 */
export const stuckOf = (jobs: readonly Job[], cronJobs: readonly CronJob[], pods: readonly PodStatus[]): string[] =>
  jobs
    .filter(({ metadata, spec }) => {
      const owner = metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
      const cronJob = cronJobs.find((one) => one.metadata.uid === owner);
      if (!cronJob) return false;
      const now = imagesOf(cronJob.spec.jobTemplate.spec.template);
      if (imagesOf(spec.template).join() === now.join()) return false;
      const [label = '', name] = Object.entries(jobLabel(metadata.name))[0] ?? [];
      const own = pods.filter((pod) => pod.metadata.labels?.[label] === name);
      return own.some((pod) => pod.status.phase === 'Pending' && troubleOf(pod)?.kind === 'image');
    })
    .map(({ metadata }) => metadata.name);

/** Deletes such Jobs; their CronJobs start the next one when it is due. */
export async function removeStuckJobs(config: Config): Promise<void> {
  const labels = ownerLabels(config);
  for (const namespace of namespacesOf(config)) {
    const [jobs, cronJobs] = await Promise.all([
      list<Job>('jobs.batch', namespace, labels),
      list<CronJob>('cronjobs.batch', namespace, labels),
    ]);
    const stuck = jobs.length > 0 ? stuckOf(jobs, cronJobs, await list<PodStatus>('pods', namespace, labels)) : [];
    for (const name of stuck) {
      await kubectl(['delete', 'job', name, '-n', namespace, '--ignore-not-found', '--wait=false']);
      console.log(`removed Job ${name}, which waits for an image of an earlier version, from ${namespace}`);
    }
  }
}
