import { basename } from 'node:path';
import { namespacesOf } from '../charts/names';
import { applierOf, insteadOf } from './applier';
import { keepReplicas } from './autoscaler';
import { ClusterError, clusterName, kubectl, list } from './cluster/kubectl';
import { workloadsOf } from './cluster/workloads';
import {
  command,
  type Environment,
  environment,
  type Manifest,
  manifestFiles,
  objectsIn,
  objectsOf,
  seconds,
  UsageError,
} from './environment';
import { ensureSecrets } from './secrets';
import { checkIssuer, waitForCertificate } from './up/cert-manager';
import { checkDatabase } from './up/database-preflight';
import { directions, loadBalancerAddress } from './up/next-steps';
import { checkCluster, checkManifests } from './up/preflight';
import { restartFailed, waitForTiers } from './up/progress';
import { prune } from './up/prune';
import { releaseOf, removeEarlierReleases, retryRelease, waitForRelease } from './up/release';
import { stagesOf } from './up/stages';

const USAGE = `usage: npm run up -- ENVIRONMENT [--timeout 10m]

Checks cluster and manifests, creates missing Secrets, applies dist/ENVIRONMENT, waits until every tier is ready.
Release steps of the app run once for each version, before its pods; where one fails, the earlier version goes on.
Running it again goes on where it stopped.

--timeout  how long to wait for the tiers, like 10m or 90s (default 10m)

exit code: 0 the site is up, 1 the cluster has trouble, 2 the input is wrong`;

/**
 * Applies manifests, in the order of the files' names. `--force-conflicts`: what somebody changed by hand, with
 * `kubectl scale` or `edit`, becomes again what the reviewed manifests say.
 */
async function apply(files: readonly string[]): Promise<void> {
  const args = ['apply', '--server-side', '--force-conflicts', ...files.flatMap((file) => ['-f', file])];
  await kubectl(args, { seconds: 180, warnings: true });
}

/** Applies every manifest, stage by stage: release steps are done before the app of their version is there. */
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

/** The pods that are there, by uid. */
async function presentPods({ config }: Environment): Promise<Set<string>> {
  const namespaces = namespacesOf(config);
  const pods = await Promise.all(namespaces.map((one) => list<{ metadata: { uid: string } }>('pods', one)));
  return new Set(pods.flat().map(({ metadata }) => metadata.uid));
}

async function up(chosen: Environment, timeout: number): Promise<void> {
  const { config } = chosen;
  await checkCluster(config);
  console.log(`cluster: ${await clusterName()}`);
  const applier = await applierOf(config);
  if (applier) throw new UsageError(insteadOf('up', applier, chosen.name));
  await checkManifests(chosen);
  await checkDatabase(config);
  await checkIssuer(config);
  const secrets = await ensureSecrets(chosen);
  const objects = objectsOf(chosen);
  const workloads = workloadsOf(objects, config);
  const before = await presentPods(chosen);
  await keepReplicas(objects);
  try {
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

if (basename(process.argv[1] ?? '') === 'up.ts') {
  void command({ text: USAGE, options: { timeout: { type: 'string', default: '10m' } } }, async (name, values) => {
    const timeout = seconds(values.timeout, '--timeout');
    await up(environment(name), timeout);
  });
}
