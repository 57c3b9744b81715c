import { spawnSync } from 'node:child_process';
import { list } from '../../../../commands/cluster/kubectl';
import { eventually } from '../eventually';
import { kubectl } from '../kubectl';

/** Label of a node's zone. */
export const ZONE = 'topology.kubernetes.io/zone';
/** Annotation of the nodes that kwok keeps alive. https://kwok.sigs.k8s.io/docs/user/kwok-manage-nodes-and-pods/ */
const KWOK = 'kwok.x-k8s.io/node';
/** StorageClass of the trial's volumes, and their label and that of the nodes. */
const TRIAL = 'zones-trial';
const VOLUMES_PER_ZONE = 20;

/** Nodes of each zone by its name; '' are nodes without a zone. */
export type Layout = Readonly<Record<string, number>>;

/** The parts of a node that the trials read. */
interface Node {
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Record<string, string>;
    readonly labels: Record<string, string>;
  };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/**
 * Why the trials of zones do not run here: they lose nodes, and cordon the others.
 * @returns undefined where each node is kwok's
 * @throws Error when the cluster does not answer
 */
export function absence(): string | undefined {
  const { status, stdout, stderr } = spawnSync('kubectl', ['get', 'nodes', '-o', 'json'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`kubectl get nodes: ${stderr}`);
  const nodes = (JSON.parse(stdout) as { items: Node[] }).items;
  if (nodes.length === 0) return 'the cluster has no node of kwok: docs/decisions/zones.md';
  const real = nodes.find(({ metadata }) => metadata.annotations?.[KWOK] === undefined);
  return real ? `${real.metadata.name} is not a node of kwok: docs/decisions/zones.md` : undefined;
}

const nameOf = (zone: string, i: number): string => `${TRIAL}-${zone || 'none'}-${i}`;

const apply = (items: readonly object[]): Promise<string> =>
  kubectl(['apply', '--server-side', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  });

const nodeOf = (zone: string, name: string): object => {
  const room = { cpu: '4', memory: '16Gi', pods: '110', 'ephemeral-storage': '1Ti' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { [KWOK]: 'fake' },
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        [TRIAL]: '',
        ...(zone && { [ZONE]: zone }),
      },
    },
    status: { allocatable: room, capacity: room },
  };
};

const foreignPodOn = (nodeName: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: nodeName, namespace: 'default', labels: { [TRIAL]: '' } },
  spec: {
    nodeName,
    containers: [{ name: 'foreign', image: 'foreign', resources: { requests: { cpu: '2600m', memory: '10Gi' } } }],
  },
});

/** Volumes that exist beforehand: the scheduler binds a claim to one of the zone that it chooses for the pod. */
const volumeOf = (zone: string, i: number, accessModes: readonly string[]): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: `${TRIAL}-${zone || 'none'}-${i}`, labels: { [TRIAL]: '' } },
  spec: {
    capacity: { storage: '10Ti' },
    accessModes,
    storageClassName: TRIAL,
    persistentVolumeReclaimPolicy: 'Retain',
    hostPath: { path: '/nowhere' },
    ...(zone && {
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: [zone] }] }] },
      },
    }),
  },
});

/** Keeps new pods away from nodes, or no longer. */
export async function cordon(names: readonly string[], on = true): Promise<void> {
  if (names.length > 0) await kubectl([on ? 'cordon' : 'uncordon', ...names]);
}

/** Nodes that the cluster has besides those of the trial. */
const others = async (): Promise<string[]> =>
  (await list<Node>('nodes', 'default', {}, ['-l', `!${TRIAL}`])).map(({ metadata }) => metadata.name);

/** The class that claims without one get. */
const storageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: {
    name: TRIAL,
    labels: { [TRIAL]: '' },
    annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
  },
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'WaitForFirstConsumer',
};

/** Nodes of kwok in zones, with volumes of each zone. */
export class Nodes {
  private constructor(readonly layout: Layout) {}

  /** Makes them; nodes that are there already take no pods meanwhile. */
  static async make(layout: Layout): Promise<Nodes> {
    await cordon(await others());
    const zones = Object.entries(layout);
    await apply([
      storageClass,
      ...zones.flatMap(([zone, count]) => Array.from({ length: count }, (_, i) => nodeOf(zone, nameOf(zone, i)))),
      ...zones.flatMap(([zone]) =>
        Array.from({ length: VOLUMES_PER_ZONE }, (_, i) => volumeOf(zone, i, ['ReadWriteOnce'])),
      ),
      ...Array.from({ length: VOLUMES_PER_ZONE }, (_, i) => volumeOf('', 100 + i, ['ReadWriteMany'])),
    ]);
    const nodes = new Nodes(layout);
    for (const zone of Object.keys(layout)) await nodes.ready(zone);
    return nodes;
  }

  /** Names of the nodes of a zone, or of several. */
  of(...zones: readonly string[]): string[] {
    return zones.flatMap((zone) => Array.from({ length: this.layout[zone] ?? 0 }, (_, i) => nameOf(zone, i)));
  }

  /** Zone of each node. */
  get zoneOf(): ReadonlyMap<string, string> {
    return new Map(Object.keys(this.layout).flatMap((zone) => this.of(zone).map((node) => [node, zone] as const)));
  }

  /** Pods of others take two thirds of each node of the zones. */
  async fill(zones: readonly string[]): Promise<void> {
    if (zones.length > 0) await apply(this.of(...zones).map(foreignPodOn));
  }

  /** Deletes nodes, as a cloud's controller does when their machines are gone. */
  async remove(names: readonly string[]): Promise<void> {
    await kubectl(['delete', 'node', ...names]);
  }

  /** Makes the nodes of a zone anew. */
  async replace(zone: string): Promise<void> {
    await apply(this.of(zone).map((name) => nodeOf(zone, name)));
    await this.ready(zone);
  }

  /** Leaves the cluster as it was. */
  async end(): Promise<void> {
    await kubectl(['delete', 'pods,nodes,pv,sc', '-n', 'default', '-l', TRIAL, '--wait=false']);
    await cordon(await others(), false);
  }

  /** Waits until all nodes of a zone are ready. */
  private async ready(zone: string): Promise<void> {
    const names = new Set(this.of(zone));
    await eventually(`nodes of zone "${zone}" are ready`, 240, async () => {
      const nodes = await list<Node>('nodes', 'default', { [TRIAL]: '' });
      const states = nodes
        .filter(({ metadata }) => names.has(metadata.name))
        .map(({ status }) => status.conditions?.find(({ type }) => type === 'Ready')?.status);
      return states.length === names.size && states.every((state) => state === 'True');
    });
  }
}
