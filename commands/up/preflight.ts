import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Config } from '../../config';
import { contains } from '../../config/fields';
import { ClusterError, get, kubectl, list, serverVersion } from '../cluster/kubectl';
import { type Environment, UsageError } from '../environment';

const run = promisify(execFile);

/** Native preStop sleep and stable topology spread need it. @see https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/ */
const OLDEST_MINOR = 30;

/** What a cluster tells about itself, as far as the configuration says the same. */
export interface Facts {
  /** It has the kind CiliumNetworkPolicy. */
  readonly cilium: boolean;
  /** It has the kind Certificate of cert-manager. */
  readonly certManager: boolean;
  /** IPv4 addresses and ports of the API server's own endpoints. */
  readonly apiServer: readonly { readonly address: string; readonly port: number }[];
  /** Address of the Service `kubernetes`. */
  readonly serviceAddress: string;
  /** How many pods bear the labels of the cluster DNS. @default - it may not be asked */
  readonly dnsPods?: number;
}

/** One line for each setting of `cluster` that is not what the cluster says. A wrong one shuts a firewall where nobody looks. */
export function factFaults({ cluster, tls }: Pick<Config, 'cluster' | 'tls'>, facts: Facts): string[] {
  const ports = [...new Set(facts.apiServer.map(({ port }) => port))];
  const outside = facts.apiServer.filter(
    ({ address }) => !cluster.nodeCidrs.some((range) => contains(range, `${address}/32`)),
  );
  const service = facts.serviceAddress;
  return [
    ...(cluster.networkPolicies === 'cilium' && !facts.cilium
      ? [
          'cluster.networkPolicies: is "cilium", but the cluster has no CiliumNetworkPolicy, so the monitoring client would not reach API server and kubelets; set it to "kubernetes"',
        ]
      : []),
    ...(cluster.networkPolicies === 'kubernetes' && facts.cilium
      ? [
          'cluster.networkPolicies: is "kubernetes", but the cluster runs Cilium, whose ipBlocks never match API server and kubelets, so the monitoring client would not reach them; set it to "cilium"',
        ]
      : []),
    ...(tls.certificate.source === 'cert-manager' && !facts.certManager
      ? [
          'tls.certificate.source: is "cert-manager", but the cluster does not have it; install it (https://cert-manager.io/docs/installation/) and make the issuer, or set it to "secret"',
        ]
      : []),
    ...(ports.length > 0 && !ports.includes(cluster.apiServerPort)
      ? [`cluster.apiServerPort: is ${cluster.apiServerPort}, but the API server listens on ${ports.join(', ')}`]
      : []),
    ...(cluster.networkPolicies === 'kubernetes' && outside.length > 0
      ? [`cluster.nodeCidrs: holds no range with the API server's ${outside.map(({ address }) => address).join(', ')}`]
      : []),
    ...(isV4(service) && !cluster.serviceCidrs.some((range) => contains(range, `${service}/32`))
      ? [`cluster.serviceCidrs: holds no range with ${service}, the address of the Service kubernetes`]
      : []),
    ...(facts.dnsPods === 0
      ? [
          `cluster.dns: no pod in ${cluster.dns.namespace} bears ${JSON.stringify(cluster.dns.podLabels)}, so no pod would find a name; see \`kubectl get pods -A -l k8s-app --show-labels\``,
        ]
      : []),
  ];
}

const isV4 = (address: string): boolean => /^\d+(\.\d+){3}$/.test(address);

/**
 * Everything that would go wrong later, asked before anything is changed.
 * @throws ClusterError when the cluster does not answer or is too old, UsageError when the configuration describes another
 */
export async function checkCluster(config: Config): Promise<void> {
  const version = await serverVersion();
  if (version.major === '1' && Number.parseInt(version.minor, 10) < OLDEST_MINOR) {
    throw new ClusterError(
      `the cluster runs Kubernetes ${version.gitVersion}; 1.${OLDEST_MINOR} or newer is needed, upgrade it`,
    );
  }
  const faults = factFaults(config, await factsOf(config));
  if (faults.length > 0) {
    throw new UsageError(
      `the configuration describes another cluster; correct it and run \`npm run synth\`\n${faults.map((f) => `  ${f}`).join('\n')}`,
    );
  }
}

interface EndpointSlice {
  readonly addressType: string;
  readonly endpoints?: readonly { readonly addresses: readonly string[] }[];
  readonly ports?: readonly { readonly port?: number }[];
}

async function factsOf({ cluster: { dns } }: Config): Promise<Facts> {
  const [kinds, certificates, slices, service, dnsPods] = await Promise.all([
    kubectl(['api-resources', '--api-group=cilium.io', '-o', 'name']),
    kubectl(['api-resources', '--api-group=cert-manager.io', '-o', 'name']),
    // an account that may not look there is not kept from deploying
    list<EndpointSlice>('endpointslices', 'default', { 'kubernetes.io/service-name': 'kubernetes' }).catch(() => []),
    get<{ spec: { clusterIP: string } }>('service', 'kubernetes', 'default').catch(() => undefined),
    list('pods', dns.namespace, dns.podLabels).catch(() => undefined),
  ]);
  return {
    cilium: kinds.includes('ciliumnetworkpolicies.cilium.io'),
    certManager: certificates.includes('certificates.cert-manager.io'),
    apiServer: slices.flatMap(({ addressType, endpoints = [], ports = [] }) =>
      addressType === 'IPv4'
        ? endpoints.flatMap(({ addresses }) =>
            addresses.flatMap((address) => ports.flatMap(({ port }) => (port ? [{ address, port }] : []))),
          )
        : [],
    ),
    serviceAddress: service?.spec.clusterIP ?? '',
    dnsPods: dnsPods?.length,
  };
}

/** The manifests must be what the configuration says: nobody should apply yesterday's. @throws UsageError naming the files */
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
