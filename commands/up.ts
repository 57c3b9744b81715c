import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { namespaceOf, runsPrometheus } from '../charts/topology';
import type { Config } from '../config';
import { command, type Environment, environment, manifestFiles, UsageError } from './environment';
import { ClusterError, get, kubectl } from './kubectl';
import { waitForTiers } from './progress';
import { pruneConfigMaps } from './prune';
import { ensureSecrets } from './secrets';

const run = promisify(execFile);

/** Native preStop sleep and stable topology spread need it. */
const OLDEST_MINOR = 30;

/** Everything that would go wrong later, asked before anything is changed. */
async function checkCluster(config: Config): Promise<void> {
  const { serverVersion } = JSON.parse(await kubectl(['version', '-o', 'json', '--request-timeout=10s'])) as {
    serverVersion: { minor: string; gitVersion: string };
  };
  if (Number.parseInt(serverVersion.minor, 10) < OLDEST_MINOR) {
    throw new ClusterError(
      `the cluster runs Kubernetes ${serverVersion.gitVersion}; 1.${OLDEST_MINOR} or newer is needed`,
    );
  }
  const cilium =
    (await kubectl(['get', 'crd', 'ciliumnetworkpolicies.cilium.io', '--ignore-not-found', '-o', 'name'])).trim() !==
    '';
  const setting = config.cluster.networkPolicies;
  if (setting === 'cilium' && !cilium) {
    throw new UsageError(
      'cluster.networkPolicies is "cilium", but this cluster has no CiliumNetworkPolicy; set it to "kubernetes" and run `npm run synth`',
    );
  }
  if (setting === 'kubernetes' && cilium) {
    throw new UsageError(
      'cluster.networkPolicies is "kubernetes", but this cluster runs Cilium, which matches API server and kubelets by no address; set it to "cilium" and run `npm run synth`',
    );
  }
}

/** The manifests must be what the configuration says: nobody should apply yesterday's. */
async function checkManifests({ name, manifests }: Environment): Promise<void> {
  const out = await mkdtemp(join(tmpdir(), 'threewall-'));
  try {
    await run(process.execPath, ['--import', 'tsx', 'main.ts'], {
      env: { ...process.env, CDK8S_OUTDIR: join(out, 'dist') },
    });
    if ((await textOf(join(out, 'dist', name))) !== (await textOf(manifests))) {
      throw new UsageError(
        `dist/${name} is not what config/ and charts/ say; run \`npm run synth\` and look at the difference`,
      );
    }
  } finally {
    await rm(out, { recursive: true });
  }
}

async function textOf(folder: string): Promise<string> {
  const files = (await readdir(folder)).sort();
  return JSON.stringify(
    await Promise.all(files.map(async (file) => [file, await readFile(join(folder, file), 'utf8')])),
  );
}

/** How a person reaches what was brought up. */
async function directions(config: Config): Promise<string> {
  const service = await get<{ status: { loadBalancer: { ingress?: { ip?: string; hostname?: string }[] } } }>(
    'service',
    'load-balancer',
    config.name,
  );
  const ingress = service?.status.loadBalancer.ingress?.[0];
  const address = ingress?.ip ?? ingress?.hostname;
  const authority = `kubectl get secret ${config.secrets.siteTls} -n ${config.name} -o 'jsonpath={.data.ca\\.crt}' | base64 -d > ca.crt`;
  const monitoring = runsPrometheus(config.monitoring)
    ? [
        `Prometheus      kubectl port-forward -n ${namespaceOf('monitoring-service', config)} service/monitoring-service 9090`,
      ]
    : [];
  const site = address
    ? [
        `address         ${address} (point ${config.domain} there)`,
        `try it          ${authority}`,
        `                curl --cacert ca.crt --resolve ${config.domain}:443:${address} https://${config.domain}/`,
      ]
    : [
        'address         the cluster has given the load-balancer Service none yet; meanwhile:',
        `try it          kubectl port-forward -n ${config.name} service/load-balancer 8443:443`,
        `                ${authority}`,
        `                curl --cacert ca.crt --connect-to ${config.domain}:443:127.0.0.1:8443 https://${config.domain}/`,
      ];
  return ['', `${config.name} is up: https://${config.domain}/`, ...site, ...monitoring].join('\n');
}

if (process.argv[1]?.endsWith('up.ts')) {
  await command({ timeout: { type: 'string', default: '600' } }, async (name, { timeout }) => {
    const seconds = Number(timeout);
    if (!(seconds > 0)) throw new UsageError(`--timeout: must be a number of seconds, got "${timeout}"`);
    const chosen = environment(name);
    await checkManifests(chosen);
    await checkCluster(chosen.config);
    await ensureSecrets(chosen);
    for (const file of manifestFiles(chosen))
      await kubectl(['apply', '--server-side', '--force-conflicts', '-f', file]);
    console.log(`applied dist/${chosen.name}`);
    await waitForTiers(chosen.config, seconds);
    await pruneConfigMaps(chosen.config);
    console.log(await directions(chosen.config));
  });
}
