import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namespaceOf } from '../../../../charts/names';
import { hardenedPod } from '../../../../charts/pod';
import * as k8s from '../../../../imports/k8s';
import { eventually } from '../eventually';
import { kubectl, type Pod } from '../kubectl';
import type { AppTrial } from './trial';

const PROGRAM = join('test', 'cluster', 'support', 'apps', 'measure.cjs');
const CONNECTIONS = 4;
const SECONDS = 10;
/** Of each way, one after the other in turn. */
const ROUNDS = 3;
const NAME = 'beside-trial';

/** What the requests of one way took. */
export interface Measured {
  readonly requests: number;
  readonly failed: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Both ways to one page: the app asked directly by a pod that its firewall takes for a web server, and the visitor's whole way. */
export interface Ways {
  readonly directly: readonly Measured[];
  readonly visitor: readonly Measured[];
}

/** Measures both ways in turn. @param path answers 200 */
export async function beside(trial: AppTrial, path: string): Promise<Ways> {
  const { config } = trial;
  const namespace = namespaceOf('app', config);
  const { address, ca, domain } = await trial.visitor();
  const headers = { host: domain };
  const ask = { path, connections: CONNECTIONS, seconds: SECONDS };
  const straight = {
    ...{ ...ask, host: `app.${namespace}.svc.${config.cluster.domain}`, port: config.app.port },
    headers: { ...headers, 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.7' },
  };
  const whole = { ...ask, host: address, port: 443, headers, tls: { ca, servername: domain } };
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify(podOf(trial)) });
  try {
    await eventually('the pod beside the web servers runs', 90, async () => {
      const pod = JSON.parse(await kubectl(['get', 'pod', NAME, '-n', namespace, '-o', 'json'])) as Pod;
      return pod.status.conditions?.some(({ type, status }) => type === 'ContainersReady' && status === 'True');
    });
    const within = ['exec', '-i', NAME, '-n', namespace, '--', 'node', '-e', readFileSync(PROGRAM, 'utf8')];
    const directly: Measured[] = [];
    const visitor: Measured[] = [];
    for (let n = 0; n < ROUNDS; n++) {
      directly.push(JSON.parse(await kubectl(within, { input: JSON.stringify(straight), seconds: 90 })));
      visitor.push(JSON.parse(await here(JSON.stringify(whole))));
    }
    return { directly, visitor };
  } finally {
    await kubectl(['delete', 'pod', NAME, '-n', namespace, '--grace-period=0', '--force', '--ignore-not-found']);
  }
}

/** One line of a table for each way. */
export const rowsOf = ({ directly, visitor }: Ways): string[] =>
  Object.entries({ 'asked directly': directly, "a visitor's way": visitor }).map(([way, rounds]) => {
    const all = (of: (measured: Measured) => number | string): string => rounds.map(of).join(', ');
    return `${way} | ${all(({ requests }) => (requests / SECONDS).toFixed(0))} requests/s | p50 ${all(({ p50 }) => p50.toFixed(1))} ms | p99 ${all(({ p99 }) => p99.toFixed(1))} ms | failed ${all(({ failed }) => failed)}`;
  });

const here = (input: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [PROGRAM], (error, stdout) => (error ? reject(error) : resolve(stdout)));
    child.stdin?.end(input);
  });

/** The firewalls take it for a web server. An unset readiness gate keeps visitors away from it. */
function podOf({ config }: AppTrial): object {
  const { metadata, spec } = hardenedPod({
    tier: 'web',
    config,
    spread: false,
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'ask',
        image: config.images.node,
        command: ['node', '-e', 'setInterval(() => {}, 1e6)'],
        resources: {
          requests: { cpu: '100m', memory: '64Mi', 'ephemeral-storage': '16Mi' },
          limits: { cpu: '1', memory: '256Mi', 'ephemeral-storage': '64Mi' },
        },
      },
    ],
  });
  return k8s.KubePod.manifest({
    metadata: { ...metadata, name: NAME, namespace: namespaceOf('web', config) },
    spec: {
      ...(spec as k8s.PodSpec),
      restartPolicy: 'Never',
      readinessGates: [{ conditionType: 'threewall.dev/never' }],
    },
  });
}
