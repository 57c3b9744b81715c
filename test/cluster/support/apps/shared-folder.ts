import { config, kubectl } from '../kubectl';

/** A StorageClass of this cluster whose volumes pods on several nodes may write. */
export const SHARED_CLASS = process.env.THREEWALL_SHARED_CLASS;
/** Below it a folder of the nodes that is the same on each, where there is no such class. */
const HOST_PATH = process.env.THREEWALL_SHARED_PATH ?? '/var/lib/threewall-trial';

/**
 * A claim that pods on every node may mount, made beforehand as an administrator of storage would: on a folder that all nodes
 * have in common, like a mounted NFS share, or the folder of a machine on which all nodes run.
 */
export class SharedFolder {
  /** Name of the claim. */
  readonly claim = 'shared';
  private readonly namespace: string;
  private readonly path: string;

  constructor(
    private readonly site: string,
    private readonly owner: number,
  ) {
    this.namespace = `${site}-folder`;
    this.path = `${HOST_PATH}/${site}`;
  }

  /** Makes it, empty and owned by the app's user. @throws Error when the folder is not the same on every node */
  async make(): Promise<void> {
    await this.remove();
    await this.onEveryNode();
    const items = [volume(this.site, this.path), namespace(this.site), claim(this.site, this.claim)];
    await kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
  }

  /** Writes files into it, by their paths. */
  async write(files: Readonly<Record<string, string>>): Promise<void> {
    const [node = ''] = await this.onNodes('true');
    for (const [path, text] of Object.entries(files)) {
      const target = `/shared/${this.site}/${path}`;
      await this.exec(node, `mkdir -p "$(dirname '${target}')" && echo ${base64(text)} | base64 -d > '${target}'`);
    }
  }

  /** Removes volume and folder; the claim goes with its site's namespace. */
  async remove(): Promise<void> {
    await kubectl(['delete', 'persistentvolume', this.site, '--ignore-not-found', '--wait=false']);
    await this.onNodes(`rm -rf /shared/${this.site}`);
    await kubectl(['delete', 'namespace', this.namespace, '--ignore-not-found'], { seconds: 120 });
  }

  private async onEveryNode(): Promise<void> {
    const folder = `/shared/${this.site}`;
    const nodes = await this.onNodes(
      `mkdir -p ${folder} && chown ${this.owner}:${this.owner} ${folder} && touch ${folder}/$NODE`,
    );
    const seen = (await this.exec(nodes[0] ?? '', `ls ${folder}`)).trim().split('\n');
    if (nodes.some((node) => !seen.includes(node))) {
      throw new Error(
        `${this.path} is not one folder on all nodes: ${nodes[0]} sees ${seen.join(', ')}; name a StorageClass in THREEWALL_SHARED_CLASS, or such a folder in THREEWALL_SHARED_PATH`,
      );
    }
    await this.exec(nodes[0] ?? '', `cd ${folder} && rm ${nodes.join(' ')}`);
  }

  /** Runs a script as root on each node, in pods of a namespace of their own. @returns the nodes */
  private async onNodes(script: string): Promise<string[]> {
    const nodes = (await kubectl(['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}'])).split(' ');
    const privileged = namespace(this.namespace, { 'pod-security.kubernetes.io/enforce': 'privileged' });
    const items = [privileged, ...nodes.map((node) => rootOn(node, this.namespace))];
    await kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
    for (const node of nodes) {
      await kubectl(['wait', `pod/${node}`, '-n', this.namespace, '--for=condition=Ready', '--timeout=60s'], {
        seconds: 70,
      });
      await this.exec(node, script);
    }
    return nodes;
  }

  private exec = (node: string, script: string): Promise<string> =>
    kubectl(['exec', node, '-n', this.namespace, '--', 'sh', '-c', script]);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const namespace = (name: string, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});

const volume = (name: string, path: string) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    capacity: { storage: '10Gi' },
    accessModes: ['ReadWriteMany'],
    persistentVolumeReclaimPolicy: 'Retain',
    storageClassName: '',
    hostPath: { path, type: 'Directory' },
  },
});

const claim = (site: string, name: string) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: site },
  spec: {
    accessModes: ['ReadWriteMany'],
    storageClassName: '',
    volumeName: site,
    resources: { requests: { storage: '10Gi' } },
  },
});

const rootOn = (nodeName: string, namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: nodeName, namespace },
  spec: {
    nodeName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 0,
    tolerations: [{ operator: 'Exists' }],
    containers: [
      {
        name: 'root',
        image: config.images.node,
        imagePullPolicy: config.imagePullPolicy,
        command: ['sleep', '3600'],
        env: [{ name: 'NODE', value: nodeName }],
        resources: { requests: { cpu: '1m', memory: '8Mi' }, limits: { memory: '64Mi' } },
        securityContext: { runAsUser: 0 },
        volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
      },
    ],
    volumes: [{ name: 'shared', hostPath: { path: HOST_PATH, type: 'DirectoryOrCreate' } }],
  },
});
