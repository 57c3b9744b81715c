import { dump } from 'js-yaml';
import { labelsOf, namespaceOf } from '../../../charts/names';
import { type TierName, tiersOf } from '../../../charts/topology';
import { namespacesOf } from '../../../config/namespaces';
import { eventually } from './eventually';
import { config, kubectl, type Pod } from './kubectl';

/** Identity of a stand-in for the firewalls: a tier, or a pod outside all tiers. */
export type Who = TierName | 'stranger' | 'foreigner';

const OWNER = 'firewall-trial';
/** A namespace without policies: connections that fail there are forbidden by the network itself. */
const FOREIGN_NAMESPACE = `${config.name}-firewall-trial`;
/** Where those of the tiers are. */
const NAMESPACES = namespacesOf(config);
const READY_NEVER = 'threewall.dev/never';

/** Program for Node: listens on each port of argv, greets and hangs up. */
const LISTEN = `for (const port of process.argv.slice(1)) require('net').createServer((s) => s.on('error', () => {}).end('hello')).listen(Number(port));`;

/** Program for Node: reads [[host, port], …] from stdin, answers "open", "refused" or "blocked" for each. */
export const CONNECT = `
const targets = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const once = ([host, port]) => new Promise((done) => {
  const s = require('net').connect({ host, port, timeout: 2000 });
  s.on('connect', () => { s.destroy(); done('open'); });
  s.on('timeout', () => { s.destroy(); done('blocked'); });
  s.on('error', (e) => done(e.code === 'ECONNREFUSED' || e.code === 'ECONNRESET' ? 'refused' : 'blocked'));
});
Promise.all(targets.map(once)).then((r) => console.log(JSON.stringify(r)));`;

/** A container that listens on `ports` and greets; it is ready once it does. */
export const listener = (name: string, ports: readonly number[]) => ({
  name,
  image: config.images.node,
  imagePullPolicy: config.imagePullPolicy,
  command: ['node', '-e', LISTEN, '--', ...ports.map(String)],
  resources: { requests: { cpu: '1m', memory: '32Mi' }, limits: { cpu: '1', memory: '256Mi' } },
  readinessProbe: { tcpSocket: { port: ports[0] }, periodSeconds: 1 },
});

/** How a connection attempt ended: `refused` means that a packet came back, so no firewall dropped it. */
export type Outcome = 'open' | 'refused' | 'blocked';

/**
 * Pods that bear each tier's labels, listen on every port of the whiteboard and try connections.
 * An unset readiness gate keeps them out of every Service; an owner that is no workload keeps the tier's
 * DaemonSet or ReplicaSet from adopting them.
 */
export class StandIns {
  private constructor(private readonly addresses: ReadonlyMap<Who, string>) {}

  /** Its pod address. */
  addressOf(who: Who): string {
    const address = this.addresses.get(who);
    if (!address) throw new Error(`there is no stand-in of ${who}`);
    return address;
  }

  /**
   * Starts the stand-ins of `who`. @default - one for each tier, a `stranger` without labels in the site's namespace,
   * and a `foreigner` in a namespace without policies.
   * @param place.copies how many of each; connections are tried from and to the first
   * @param place.node where all of them run, instead of wherever the cluster puts them
   */
  static async start(
    ports: readonly number[],
    who: readonly Who[] = [...tiersOf(config), 'stranger', 'foreigner'],
    { copies = 1, node }: { readonly copies?: number; readonly node?: string } = {},
  ): Promise<StandIns> {
    await StandIns.removeAll();
    await kubectl(['create', 'namespace', FOREIGN_NAMESPACE]);
    const owners = new Map<string, string>();
    for (const namespace of new Set(who.map(namespaceFor))) {
      await kubectl(['create', 'configmap', OWNER, '-n', namespace]);
      owners.set(
        namespace,
        await kubectl(['get', 'configmap', OWNER, '-n', namespace, '-o', 'jsonpath={.metadata.uid}']),
      );
    }
    const everyone = who.flatMap((w) => Array.from({ length: copies }, (_, copy) => [w, nameOf(w, copy)] as const));
    const manifests = everyone.map(([w, name]) =>
      dump(standIn(w, name, ports, owners.get(namespaceFor(w)) ?? '', node)),
    );
    await kubectl(['apply', '-f', '-'], { input: manifests.join('---\n') });
    const addresses = new Map<Who, string>();
    for (const [w, name] of everyone) {
      const address = await eventually(`the stand-in ${name} runs`, 90, async () => {
        const pod = JSON.parse(await kubectl(['get', 'pod', name, '-n', namespaceFor(w), '-o', 'json'])) as Pod;
        const runs = (pod.status.conditions ?? []).some((c) => c.type === 'ContainersReady' && c.status === 'True');
        return runs && pod.status.podIP;
      });
      if (!addresses.has(w)) addresses.set(w, address);
    }
    return new StandIns(addresses);
  }

  /** Tries all connections at once from one stand-in. */
  async connect(from: Who, targets: readonly (readonly [host: string, port: number])[]): Promise<Outcome[]> {
    return JSON.parse(await this.run(from, CONNECT, targets)) as Outcome[];
  }

  /** Runs a program of Node in one stand-in. @param input goes to its standard input, as JSON */
  run(from: Who, program: string, input: unknown): Promise<string> {
    const args = ['exec', '-i', nameOf(from), '-n', namespaceFor(from), '--', 'node', '-e', program];
    return kubectl(args, { input: JSON.stringify(input) });
  }

  /**
   * Deletes the pods, by default as any pod is deleted: its container first, then its address, then what the API server tells of it.
   * @param how more arguments of `kubectl delete`
   */
  static async deletePods(...how: readonly string[]): Promise<void> {
    for (const namespace of NAMESPACES) {
      await kubectl(['delete', 'pods', '-l', `threewall.dev/trial=${OWNER}`, '-n', namespace, ...how]);
    }
  }

  /** Removes everything that `start` made. */
  static async removeAll(): Promise<void> {
    for (const namespace of NAMESPACES) {
      await kubectl(['delete', 'configmap', OWNER, '-n', namespace, '--ignore-not-found', '--wait=false']);
    }
    await StandIns.deletePods('--ignore-not-found', '--grace-period=0', '--force', '--wait=true');
    await kubectl(['delete', 'namespace', FOREIGN_NAMESPACE, '--ignore-not-found'], { seconds: 120 });
  }
}

const namespaceFor = (who: Who): string =>
  who === 'foreigner' ? FOREIGN_NAMESPACE : who === 'stranger' ? config.name : namespaceOf(who, config);

const nameOf = (who: Who, copy = 0): string => `${OWNER}-${who}${copy === 0 ? '' : `-${copy}`}`;

const standIn = (who: Who, name: string, ports: readonly number[], ownerUid: string, node?: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: namespaceFor(who),
    labels: {
      'threewall.dev/trial': OWNER,
      ...(who === 'stranger' || who === 'foreigner' ? {} : labelsOf(who, config)),
    },
    ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: OWNER, uid: ownerUid, controller: true }],
  },
  spec: {
    // a name in the cluster's DNS, as pods of a StatefulSet have it
    hostname: name,
    subdomain: who,
    ...(node === undefined ? {} : { nodeName: node }),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 1,
    readinessGates: [{ conditionType: READY_NEVER }],
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 10199,
      runAsGroup: 10199,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        ...listener('stand-in', ports),
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
  },
});
