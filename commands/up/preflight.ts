import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { namespaceOf } from '../../charts/names';
import type { Config } from '../../config';
import { enforcementOf } from '../cluster/enforcement';
import { factsOf } from '../cluster/facts';
import { ClusterError, get } from '../cluster/kubectl';
import { UsageError } from '../command';
import type { Environment } from '../environment';
import { factFaults } from './fact-faults';

const run = promisify(execFile);

/**
 * Checks everything that would fail later, before anything is changed.
 * @throws ClusterError when the cluster does not answer or enforces no NetworkPolicy, UsageError when the configuration
 * describes another cluster
 */
export async function checkCluster(config: Config): Promise<void> {
  const faults = factFaults(config, await factsOf(config.cluster.dns));
  if (faults.length > 0) {
    throw new UsageError(
      `the configuration describes another cluster; correct it and run \`npm run synth\` (\`npm run -s detect\` prints a section \`cluster\` that fits)\n${faults.map((f) => `  ${f}`).join('\n')}`,
    );
  }
  if (await get('namespace', namespaceOf('app', config))) return;
  // before the first pod of a site: whether firewalls work here
  const enforcement = await enforcementOf(config);
  if (enforcement.result === 'ignored') {
    throw new ClusterError(
      'the network of this cluster does not enforce NetworkPolicies (a pod that none lets out reached the API server), so all three firewalls would be paper; install one that does, like Cilium or Calico',
    );
  }
  if (enforcement.result === 'unknown') {
    console.warn(`whether the network enforces NetworkPolicies is unknown: ${enforcement.why}`);
  }
}

/**
 * The manifests must match the configuration, so that outdated ones are not applied. @throws UsageError naming the
 * files
 */
export async function checkManifests({ name, manifests }: Environment): Promise<void> {
  const out = await mkdtemp(join(tmpdir(), 'threewall-'));
  try {
    await run(process.execPath, ['--import', 'tsx', 'main.ts'], {
      env: { ...process.env, CDK8S_OUTDIR: join(out, 'dist') },
    }).catch((error: { stderr?: string; message: string }) => {
      throw new UsageError(`npm run synth fails:\n${(error.stderr || error.message).trim()}`);
    });
    const [fresh, present] = [await textsOf(join(out, 'dist', name)), await textsOf(manifests)];
    const stale = [...new Set([...fresh.keys(), ...present.keys()])]
      .filter((file) => fresh.get(file) !== present.get(file))
      .sort();
    if (stale.length > 0) {
      throw new UsageError(
        `dist/${name} is not what config/ and charts/ say (${stale.join(', ')}); run \`npm run synth\` and look at the difference`,
      );
    }
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

async function textsOf(folder: string): Promise<Map<string, string>> {
  const files = await readdir(folder);
  return new Map(
    await Promise.all(
      files.map(async (file): Promise<[string, string]> => [file, await readFile(join(folder, file), 'utf8')]),
    ),
  );
}
