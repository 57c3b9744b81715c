import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, YamlOutputType } from 'cdk8s';
import { dump } from 'js-yaml';
import { programs } from '../../bundle/programs';
import { threewall } from '../../charts';
import type { ThreewallChart } from '../../charts/chart';
import { selectorOf } from '../../charts/names';
import { NODE } from '../../charts/placing';
import { port } from '../../charts/topology';
import type { Config } from '../../config';
import { readAppFiles } from '../../config/app-files';
import { namespacesOf } from '../../config/namespaces';
import { ClusterError, kubectl, list } from '../cluster/kubectl';
import type { Environment } from '../environment';
import { ensureSecrets } from '../secrets/ensure';
import type { Addresses } from './cases';

/** Label of the pod that makes the load. */
const LOAD = { 'threewall.dev/bench': 'load' };
/** Tiers on a request's path, from the outside inwards. */
export const WAY = ['load-balancer', 'web', 'app'] as const;
/** The wave of monitoring and backups, which no request needs. */
const BESIDE = 60;

/** A copy of an environment in separate namespaces, without limits per client. */
export class Copy {
  private constructor(readonly config: Config) {}

  /** Starts the copy of `config` and a pod beside it that may connect to load balancers, web and app servers. */
  static async start(original: Config): Promise<Copy> {
    const unlimited = {
      connectionsPerClient: 1e5,
      connectionsPerSecondPerClient: 1e5,
      requestsPerSecondPerClient: 1e5,
      requestsAtOncePerClient: 65_535,
    };
    const config: Config = {
      ...original,
      name: `${original.name}-bench`,
      backup: undefined,
      // results are comparable only with a fixed number of servers
      web: { ...original.web, autoscaling: undefined },
      app: { ...original.app, autoscaling: undefined },
      limits: { ...original.limits, ...unlimited },
      // an issuer of cert-manager may not exist in the copy's namespace
      tls: { ...original.tls, certificate: { source: 'secret' } },
      secrets: { ...original.secrets, create: true },
    };
    const manifests = await mkdtemp(join(tmpdir(), 'threewall-bench-'));
    try {
      const app = new App({
        outdir: manifests,
        outputFileExtension: '.yaml',
        yamlOutputType: YamlOutputType.FILE_PER_CHART,
      });
      threewall(app, config, programs, readAppFiles(config.app, 'config', config.name));
      app.synth();
      const copy: Environment = { name: config.name, config, manifests };
      await ensureSecrets(copy);
      const needed = (app.charts as ThreewallChart[]).filter(({ wave }) => wave < BESIDE);
      for (const id of needed.map(({ node }) => node.id).sort()) {
        await kubectl(['apply', '--server-side', '--force-conflicts', '-f', join(manifests, `${id}.yaml`)]);
      }
    } finally {
      await rm(manifests, { recursive: true });
    }
    for (const name of WAY) await waitFor(config, ['rollout', 'status', `deployment/${name}`]);
    await kubectl(['apply', '-f', '-'], {
      input: [loadPod(config), ...wayForLoad(config)].map((o) => dump(o)).join('---\n'),
    });
    await waitFor(config, ['wait', '--for=condition=Ready', 'pod/bench']);
    return new Copy(config);
  }

  /** Removes everything that `start` made. */
  async remove(): Promise<void> {
    await kubectl(['delete', 'namespace', ...namespacesOf(this.config), '--ignore-not-found'], { seconds: 240 });
  }

  /** Scales to one web server and one app server, so that every path ends at the same servers. */
  async leaveOne(): Promise<void> {
    await kubectl(['scale', 'deployment/web', 'deployment/app', '-n', this.config.name, '--replicas=1']);
    await this.untilAlone('web');
    await this.untilAlone('app');
  }

  /** Limits the web server that `leaveOne` left to `cpu`. */
  async holdWebServer(cpu: string): Promise<void> {
    const web = ['deployment/web', '-n', this.config.name];
    await kubectl(['set', 'resources', ...web, `--requests=cpu=${cpu}`, `--limits=cpu=${cpu}`]);
    await waitFor(this.config, ['rollout', 'status', 'deployment/web']);
    await this.untilAlone('web');
  }

  /** Runs a program of Node in the load's pod. */
  run(program: string, argument: unknown, seconds: number): Promise<string> {
    const args = ['exec', 'bench', '-n', this.config.name, '--', 'node', '-e', program, '--', JSON.stringify(argument)];
    return kubectl(args, { seconds });
  }

  /** Address of the first pod of a tier, and of the load balancer's Service inside the cluster. */
  async addresses(): Promise<Addresses> {
    const service = await kubectl([
      'get',
      'service',
      'load-balancer',
      '-n',
      this.config.name,
      '-o',
      'jsonpath={.spec.clusterIP}',
    ]);
    return {
      loadBalancer: service,
      web: await this.podAddress('web'),
      app: await this.podAddress('app'),
      appPort: port('app', 'http', this.config),
    };
  }

  /** CPU seconds that the pods of a tier have used so far, from their own control groups (version 1 or 2). */
  async cpuSeconds(tier: (typeof WAY)[number]): Promise<number> {
    const read = 'cat /sys/fs/cgroup/cpu.stat 2>/dev/null || cat /sys/fs/cgroup/cpuacct/cpuacct.usage';
    const texts = await Promise.all(
      (await this.pods(tier)).map(({ metadata }) =>
        kubectl(['exec', metadata.name, '-n', this.config.name, '--', 'sh', '-c', read]),
      ),
    );
    return texts.reduce((sum, text) => {
      const microseconds = /usage_usec (\d+)/.exec(text)?.[1];
      return sum + (microseconds ? Number(microseconds) / 1e6 : Number(text) / 1e9);
    }, 0);
  }

  /** Address of a pod on another node than the load generator's, if there is one. */
  private async podAddress(tier: 'web' | 'app'): Promise<string> {
    const here = await kubectl(['get', 'pod', 'bench', '-n', this.config.name, '-o', 'jsonpath={.spec.nodeName}']);
    const pods = await this.pods(tier);
    return (pods.find(({ spec }) => spec.nodeName !== here) ?? pods[0])?.status.podIP ?? '';
  }

  private async untilAlone(tier: 'web' | 'app'): Promise<void> {
    for (const end = Date.now() + 120_000; (await this.pods(tier)).length !== 1; ) {
      if (Date.now() > end) throw new ClusterError(`more than one ${tier} server is left in the copy`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  private pods(tier: (typeof WAY)[number]) {
    type Pod = { metadata: { name: string }; spec: { nodeName: string }; status: { podIP: string } };
    return list<Pod>('pods', this.config.name, selectorOf(tier, this.config));
  }
}

const waitFor = ({ name }: Config, args: readonly string[]): Promise<string> =>
  kubectl([...args, '-n', name, '--timeout=300s'], { seconds: 310 });

/**
 * Policies are additive: in the copy only, this one lets the load generator's pod reach what the whiteboard forbids.
 */
const wayForLoad = (config: Config): object[] => [
  policy(config, 'bench-load', { matchLabels: LOAD }, { policyTypes: ['Egress'], egress: [{}] }),
  ...WAY.map((tier) =>
    policy(
      config,
      `bench-${tier}`,
      { matchLabels: selectorOf(tier, config) },
      {
        policyTypes: ['Ingress'],
        ingress: [
          {
            from: [{ podSelector: { matchLabels: LOAD } }],
            ports: [{ protocol: 'TCP', port: port(tier, tier === 'app' ? 'http' : 'https', config) }],
          },
        ],
      },
    ),
  ),
];

const policy = ({ name: namespace }: Config, name: string, podSelector: object, rules: object): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
  spec: { podSelector, ...rules },
});

const loadPod = (config: Config): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'bench', namespace: config.name, labels: LOAD },
  spec: {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 0,
    // on the load balancer's node: each path then crosses the network between nodes exactly once
    affinity: {
      podAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: {
              topologyKey: NODE,
              labelSelector: { matchLabels: selectorOf('load-balancer', config) },
            },
          },
        ],
      },
    },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 10199,
      runAsGroup: 10199,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'load',
        image: config.images.node,
        imagePullPolicy: config.imagePullPolicy,
        command: ['node', '-e', 'setInterval(() => {}, 1e6)'],
        resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '512Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
  },
});
