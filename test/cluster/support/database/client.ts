import { join } from 'node:path';
import { bundle } from '../../../../bundle/esbuild';
import { standInsOf } from '../../../../bundle/site';
import { hostAliases, routerContainer } from '../../../../charts/app/router';
import { routerCfg } from '../../../../charts/app/router-cfg';
import { selectorOf } from '../../../../charts/names';
import { hardenedPod } from '../../../../charts/pod';
import { port } from '../../../../charts/topology';
import * as k8s from '../../../../imports/k8s';
import { eventually } from '../eventually';
import { Forward } from '../forward';
import { config, kubectl, type Pod } from '../kubectl';
import type { Crowd } from './client/ask';
import type { Journal, Pace, Places, ServerState, Write } from './client/journal';
import { findPlaces, MOUNTS, NAMESPACE } from './places';

const NAME = 'database-trial';
const CLIENT = 'client.cjs';
const ROUTER = 'router.cfg';
const CONTROL_PORT = 9999;
/** Node that no trial may lose, and the client's therefore. @default - whichever the scheduler chooses */
const KEPT_NODE = process.env.THREEWALL_KEEP_NODE;
const LABEL = 'threewall.dev/trial';

/** Default traffic of a trial: at least 100 writes and 50 reads a second. */
export const PACE: Pace = { writers: 8, writesPerSecond: 120, readers: 4, readsPerSecond: 60, watchEvery: 200 };

/** How far a trial's traffic is. */
export interface Progress {
  readonly acknowledged: number;
  readonly failed: number;
  readonly last?: Write;
  readonly now: number;
}

/**
 * A pod that the firewalls treat as the app: it writes and reads through the Services and queries every server
 * directly. An unset readiness gate keeps it out of the app's Service; an owner that is no workload prevents adoption.
 */
export class TrialClient {
  private forward?: Forward;

  /** Starts it, on the node that THREEWALL_KEEP_NODE names if any. */
  static async start(): Promise<TrialClient> {
    const client = new TrialClient();
    await client.remove();
    await kubectl(['create', '-f', '-'], {
      input: JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: NAME, namespace: NAMESPACE },
        data: { [CLIENT]: program(), [ROUTER]: routerCfg(config, 'app') },
      }),
    });
    const uid = await kubectl(['get', 'configmap', NAME, '-n', NAMESPACE, '-o', 'jsonpath={.metadata.uid}']);
    for (const object of [...doors, podOf(uid, await findPlaces())])
      await kubectl(['apply', '-f', '-'], { input: JSON.stringify(object) });
    await eventually('the client runs', 90, async () => {
      const pod = await client.pod();
      return pod.status.conditions?.some((c) => c.type === 'ContainersReady' && c.status === 'True');
    });
    return client;
  }

  /** Its pod. */
  async pod(): Promise<Pod> {
    return JSON.parse(await kubectl(['get', 'pod', NAME, '-n', NAMESPACE, '-o', 'json'])) as Pod;
  }

  begin = (pace: Pace = PACE): Promise<void> => this.ask('/start', pace);
  progress = (): Promise<Progress> => this.ask('/progress');
  /** Ends the traffic. */
  end = (): Promise<Journal> => this.ask('/stop');
  states = (): Promise<ServerState[]> => this.ask('/states');
  prepare = (): Promise<void> => this.ask('/prepare');
  clear = (): Promise<void> => this.ask('/clear');
  /** Ids of the rows acknowledged in the last traffic, and of `also`, that `server` does not hold. */
  missing = (server: string, also: readonly number[] = []): Promise<number[]> => this.ask('/missing', { server, also });
  fill = (mebibytes: number): Promise<void> => this.ask('/fill', { mebibytes });
  checksum = (server: string): Promise<string> => this.ask('/checksum', { server });
  crowd = (count: number, seconds: number): Promise<Crowd> => this.ask('/crowd', { count, seconds });

  /** The server that accepts writes now, undefined while there is none. Throws when there are two. */
  async primary(): Promise<string | undefined> {
    const writable = (await this.states()).filter((state) => state.writable).map(({ server }) => server);
    if (writable.length > 1) throw new Error(`two writable primaries: ${writable.join(', ')}`);
    return writable[0];
  }

  private async ask<T>(path: string, input: unknown = null): Promise<T> {
    if (!this.forward?.open) this.forward = await Forward.open(NAMESPACE, `pod/${NAME}`, CONTROL_PORT);
    const response = await fetch(`${this.forward.base}${path}`, { method: 'POST', body: JSON.stringify(input) });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return JSON.parse(text) as T;
  }

  /** Removes it. */
  async remove(): Promise<void> {
    this.forward?.close();
    const gone = ['-n', NAMESPACE, '--ignore-not-found', '--grace-period=0', '--force', '--wait=true'];
    await kubectl(['delete', 'pod', NAME, ...gone]);
    await kubectl(['delete', 'configmap', NAME, '-n', NAMESPACE, '--ignore-not-found']);
    await kubectl(['delete', 'networkpolicy', '-l', `${LABEL}=${NAME}`, '-n', NAMESPACE]);
  }
}

/** The app reaches the databases only through their routers: this opens the servers themselves to the client. */
const doors = (() => {
  const ports = [{ protocol: 'TCP', port: port('database', 'mysql') }];
  const client = { podSelector: { matchLabels: { [LABEL]: NAME } } };
  const databases = { podSelector: { matchLabels: selectorOf('database', config) } };
  const policy = (name: string, spec: object): object => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `${NAME}-${name}`, namespace: NAMESPACE, labels: { [LABEL]: NAME } },
    spec,
  });
  return [
    policy('in', { ...databases, policyTypes: ['Ingress'], ingress: [{ from: [client], ports }] }),
    policy('out', { ...client, policyTypes: ['Egress'], egress: [{ to: [databases], ports }] }),
  ];
})();

/** Below the 1 MiB that a ConfigMap may hold, as the site is. */
const program = (): string =>
  bundle(join('test', 'cluster', 'support', 'database', 'client'), 'main.ts', {
    format: 'cjs',
    alias: standInsOf('site'),
  });

function podOf(owner: string, places: Places): object {
  const { metadata, spec } = hardenedPod({
    tier: 'app',
    config,
    spread: false,
    terminationGracePeriodSeconds: 1,
    placement: { nodeSelector: KEPT_NODE ? { 'kubernetes.io/hostname': KEPT_NODE } : {} },
    hostAliases: hostAliases(config),
    initContainers: [routerContainer('app', config, 'router')],
    containers: [
      {
        name: 'client',
        image: config.images.node,
        // five hundred sessions at once need more than the usual half
        command: ['node', '--max-old-space-size=1024', `/client/${CLIENT}`],
        env: [
          { name: 'PLACES', value: JSON.stringify(places) },
          { name: 'CONTROL_PORT', value: String(CONTROL_PORT) },
        ],
        resources: {
          requests: { cpu: '50m', memory: '64Mi', 'ephemeral-storage': '16Mi' },
          limits: { cpu: '1', memory: '1536Mi', 'ephemeral-storage': '64Mi' },
        },
        volumeMounts: [
          { name: 'client', mountPath: '/client', readOnly: true },
          { name: 'users', mountPath: MOUNTS.users, readOnly: true },
          { name: 'ca', mountPath: MOUNTS.ca, readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: 'client', configMap: { name: NAME, items: [{ key: CLIENT, path: CLIENT }] } },
      { name: 'router', configMap: { name: NAME, items: [{ key: ROUTER, path: ROUTER }] } },
      secretVolume('users', config.secrets.databaseUsers, ['app', 'monitoring']),
      secretVolume('ca', config.secrets.databaseTls, ['ca.crt']),
    ],
  });
  return k8s.KubePod.manifest({
    metadata: {
      labels: { ...metadata?.labels, [LABEL]: NAME },
      name: NAME,
      namespace: NAMESPACE,
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: NAME, uid: owner, controller: true }],
    },
    spec: {
      ...(spec as k8s.PodSpec),
      restartPolicy: 'Never',
      topologySpreadConstraints: undefined,
      readinessGates: [{ conditionType: 'threewall.dev/never' }],
    },
  });
}

const secretVolume = (name: string, secretName: string, keys: readonly string[]) => ({
  name,
  secret: { secretName, defaultMode: 0o440, items: keys.map((key) => ({ key, path: key })) },
});
