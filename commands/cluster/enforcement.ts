import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config';
import { get, kubectl } from './kubectl';

/** Result of a network trial. `unknown`: the trial could not run, with its reason. */
export type Enforcement =
  | { readonly result: 'enforced' | 'ignored' }
  | { readonly result: 'unknown'; readonly why: string };

/** Deadline for the pods of the trial including image pulls, in seconds. */
const PATIENCE = 120;
const POLL_MS = 1000;

/**
 * Connects to the API server's Service until `want` has been true three times in a row: policies take effect after a
 * moment.
 */
const SCRIPT = (want: boolean): string =>
  `const net = require('node:net');
const reach = () => new Promise((done) => {
  const socket = net.connect({ host: process.env.KUBERNETES_SERVICE_HOST, port: Number(process.env.KUBERNETES_SERVICE_PORT) });
  socket.setTimeout(2000, () => { socket.destroy(); done(false); });
  socket.on('connect', () => { socket.destroy(); done(true); });
  socket.on('error', () => done(false));
});
(async () => {
  for (let tries = 0, row = 0; tries < 15; tries++) {
    row = (await reach()) === ${want} ? row + 1 : 0;
    if (row === 3) process.exit(0);
    await new Promise((next) => setTimeout(next, 500));
  }
  process.exit(1);
})();`;

/**
 * Tests whether the cluster's network enforces NetworkPolicies: a pod whose policy denies all egress must fail to reach
 * the API server, and a pod without a policy must reach it. Both are deleted afterwards, with their namespace.
 */
export async function enforcementOf({
  images,
  imagePullPolicy,
}: Pick<Config, 'images' | 'imagePullPolicy'>): Promise<Enforcement> {
  const namespace = `threewall-trial-${Date.now().toString(36)}`;
  const pod = (name: string, want: boolean) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { trial: name } },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 10199, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name,
          image: images.node,
          imagePullPolicy,
          command: ['node', '-e', SCRIPT(want)],
          resources: { requests: { cpu: '10m', memory: '48Mi' }, limits: { cpu: '500m', memory: '128Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    },
  });
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'shut', namespace },
    spec: { podSelector: { matchLabels: { trial: 'shut' } }, policyTypes: ['Egress'] },
  };
  const items = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    policy,
    pod('shut', false),
    pod('open', true),
  ];
  try {
    await kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
    const [shut, open] = await Promise.all(['shut', 'open'].map((name) => endOf(name, namespace)));
    if (open !== 'Succeeded') {
      return { result: 'unknown', why: `a pod that no policy is about did not reach the API server (${open})` };
    }
    if (shut === 'Succeeded') return { result: 'enforced' };
    return shut === 'Failed' ? { result: 'ignored' } : { result: 'unknown', why: `the trial's pod is ${shut}` };
  } catch (error) {
    return { result: 'unknown', why: (error as Error).message };
  } finally {
    await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false']).catch(() => undefined);
  }
}

async function endOf(name: string, namespace: string): Promise<string> {
  const deadline = Date.now() + PATIENCE * 1000;
  for (;;) {
    const pod = await get<{ status?: { phase?: string } }>('pod', name, namespace);
    const phase = pod?.status?.phase ?? 'gone';
    if (['Succeeded', 'Failed', 'gone'].includes(phase) || Date.now() > deadline) return phase;
    await sleep(POLL_MS);
  }
}
