import { namespacesOf } from '../../config/namespaces';
import type { Manifest } from '../../reachability/manifest';
import { applierOf, insteadOf } from '../cluster/applier';
import { ClusterError, clusterName, kubectl, list } from '../cluster/kubectl';
import { workloadsOf } from '../cluster/workloads';
import { UsageError } from '../command';
import { type Environment, environment, manifestFiles, objectsIn, objectsOf } from '../environment';
import { ensureSecrets } from '../secrets/ensure';
import { keepReplicas } from './autoscaler';
import { checkIssuer, waitForCertificate } from './cert-manager';
import { grow } from './grow';
import { directions, loadBalancerAddress } from './next-steps';
import { checkCluster, checkManifests } from './preflight';
import { restartFailed, waitForTiers } from './progress';
import { prune } from './prune';
import { releaseOf, removeEarlierReleases, retryRelease, waitForRelease } from './release';
import { stagesOf } from './stages';
import { checkStored } from './stored';

/**
 * Applies manifests, in the order of the files' names. `--force-conflicts`: manual changes, with
 * `kubectl scale` or `edit`, are reset to the reviewed manifests.
 */
async function apply(files: readonly string[]): Promise<void> {
  const args = ['apply', '--server-side', '--force-conflicts', ...files.flatMap((file) => ['-f', file])];
  await kubectl(args, { seconds: 180, warnings: true });
}

/** Applies every manifest, stage by stage: release steps finish before the app of their version starts. */
async function applyAll(chosen: Environment, objects: readonly Manifest[], timeout: number): Promise<void> {
  const { config } = chosen;
  const stages = stagesOf(manifestFiles(chosen));
  for (const [i, stage] of stages.entries()) {
    const own = stage.flatMap(objectsIn);
    const steps = releaseOf(own);
    if (steps) await retryRelease(steps, config);
    await apply(stage);
    if (steps) await waitForRelease(steps, config, timeout);
    if (i === stages.length - 1 || steps) continue;
    await waitForCertificate(config, timeout);
    await waitForTiers(
      workloadsOf(own, config).filter(({ tier }) => tier === 'web'),
      timeout,
      config,
    );
  }
  console.log(`applied ${objects.length} objects of dist/${chosen.name}`);
}

/** Uids of the existing pods. */
async function presentPods({ config }: Environment): Promise<Set<string>> {
  const namespaces = namespacesOf(config);
  const pods = await Promise.all(namespaces.map((one) => list<{ metadata: { uid: string } }>('pods', one)));
  return new Set(pods.flat().map(({ metadata }) => metadata.uid));
}

/**
 * Brings an environment up, or updates it to its manifests.
 * @param timeout how long its tiers may take, in seconds
 */
export async function up(name: string | undefined, timeout: number): Promise<void> {
  const chosen = environment(name);
  const { config } = chosen;
  await checkCluster(config);
  console.log(`cluster: ${await clusterName()}`);
  const applier = await applierOf(config);
  if (applier) throw new UsageError(insteadOf('up', applier, chosen.name));
  await checkManifests(chosen);
  const growth = await checkStored(config);
  await checkIssuer(config);
  const secrets = await ensureSecrets(chosen);
  const objects = objectsOf(chosen);
  const workloads = workloadsOf(objects, config);
  const before = await presentPods(chosen);
  await keepReplicas(objects);
  try {
    await grow(config, growth, timeout);
    await applyAll(chosen, objects, timeout);
    if (before.size > 0) await restartFailed(workloads, before);
    await waitForCertificate(config, timeout);
    await waitForTiers(workloads, timeout, config);
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    throw new ClusterError(`${error.message}\n\nWhen it is corrected, run \`npm run up -- ${chosen.name}\` again.`);
  }
  await removeEarlierReleases(config, objects);
  await prune(config, objects);
  console.log(directions(config, await loadBalancerAddress(config), secrets));
}
