import { createSocket } from 'node:dgram';
import { list } from '../../../commands/cluster/kubectl';
import type { Config } from '../../../config';
import { isReady, kubectl, type Pod, secretValue } from './kubectl';
import { type Neighbour, removeNeighbours, startNeighbours } from './neighbours';
import { askProxied, type Proxied, type ProxiedAnswer } from './proxied';
import { Repository } from './repository';

/** The trial's site. */
export const SITE = 'entrytrial';
/** Its domain. */
export const DOMAIN = `${SITE}.test`;
/** Its other name. */
export const ALIAS = `www.${DOMAIN}`;
/** Ports of the nodes. */
export const NODE_PORTS = { https: 31743, http: 31780 };
/** Port of the cache that the app may reach. */
export const CACHE = 6379;
/** Port of the same pod that it may not reach. */
export const CLOSED = 6380;
/** Pods of other applications: the first two are named in the configuration, the last two bear the same labels in another namespace. */
export const NEIGHBOURS: readonly Neighbour[] = [
  { namespace: `${SITE}-neighbour`, name: 'proxy', app: 'proxy' },
  { namespace: `${SITE}-neighbour`, name: 'cache', app: 'cache' },
  { namespace: `${SITE}-stranger`, name: 'like-proxy', app: 'proxy' },
  { namespace: `${SITE}-stranger`, name: 'like-cache', app: 'cache' },
];

interface Node {
  readonly metadata: { readonly name: string };
  readonly status: { readonly addresses: readonly { readonly type: string; readonly address: string }[] };
}

/** A site behind a foreign load balancer, whose part this machine plays. */
export class EntryTrial {
  private constructor(
    readonly repository: Repository,
    /** Name and address of every node. */
    readonly nodes: readonly { readonly name: string; readonly address: string }[],
    /** CA of the site's certificate. */
    private readonly ca: string,
    private readonly addresses: ReadonlyMap<string, string>,
  ) {}

  static async start(): Promise<EntryTrial> {
    const found = JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])) as { items: Node[] };
    const nodes = found.items.map(({ metadata, status }) => ({
      name: metadata.name,
      address: status.addresses.find(({ type }) => type === 'InternalIP')?.address ?? '',
    }));
    const here = process.env.THREEWALL_CLIENT_ADDRESS ?? (await addressTowards(nodes[0]?.address ?? ''));
    await removeNeighbours(NEIGHBOURS);
    const addresses = await startNeighbours(NEIGHBOURS, [CACHE, CLOSED]);
    const repository = Repository.create(SITE);
    // nodes are in front as well: with externalTrafficPolicy Cluster one node passes a visitor on to another
    const front = [here, ...nodes.map(({ address }) => address)].map((address) => `${address}/32`);
    repository.edit((text) => `${text}${settings(front)}`);
    await repository.npm('synth');
    await repository.npm('up', 'development');
    const ca = await secretValue(SITE, repository.config.secrets.siteTls, 'ca.crt');
    return new EntryTrial(repository, nodes, ca, addresses);
  }

  async end(): Promise<void> {
    await this.repository.npm('down', 'development', '--delete-data', '--yes');
    await removeNeighbours(NEIGHBOURS);
    this.repository.remove();
  }

  get config(): Config {
    return this.repository.config;
  }

  /** Address of a neighbour. */
  addressOf(neighbour: string): string {
    return this.addresses.get(neighbour) ?? '';
  }

  /** A ready pod of a tier. */
  async pod(tier: string): Promise<Pod> {
    const [pod] = await this.pods(tier);
    if (!pod) throw new Error(`no pod of ${tier} is ready`);
    return pod;
  }

  async pods(tier: string): Promise<Pod[]> {
    return (await list<Pod>('pods', SITE, { 'app.kubernetes.io/component': tier })).filter(isReady);
  }

  /** A request for /whoami over TLS, if nothing else is said, to the port of a node that runs a load balancer. */
  async ask(more: Partial<Proxied> = {}): Promise<ProxiedAnswer> {
    return askProxied({ ...this.request, host: more.host ?? (await this.nodeOfLoadBalancer()), ...more });
  }

  /** What `ask` asks for, without the host. */
  get request(): Omit<Proxied, 'host'> {
    return { port: NODE_PORTS.https, tls: this.tls(DOMAIN), site: DOMAIN, path: '/whoami' };
  }

  /** The certificate is to be good for this name. */
  tls(name: string): Proxied['tls'] {
    return { name, ca: this.ca };
  }

  private async nodeOfLoadBalancer(): Promise<string> {
    const { spec } = await this.pod('load-balancer');
    return this.nodes.find(({ name }) => name === spec.nodeName)?.address ?? '';
  }
}

/** This machine's address as the cluster sees it, if nothing between them hides it. */
const addressTowards = (host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.on('error', reject);
    // sends nothing: the system only chooses the way
    socket.connect(9, host, () => {
      resolve(socket.address().address);
      socket.close();
    });
  });

/** @param front ranges that send PROXY headers */
const settings = (front: readonly string[]): string => `
aliases: [${ALIAS}]
web: { unknownHosts: refuse }
loadBalancer:
  service: { type: NodePort, nodePorts: { https: ${NODE_PORTS.https}, http: ${NODE_PORTS.http} } }
  proxyProtocol: { from: [${front.join(', ')}] }
firewall:
  extraIngress:
    - { from: { namespace: ${SITE}-neighbour, podLabels: { app: proxy } }, to: load-balancer, reason: a proxy of the trial }
  extraEgress:
    - { from: app, to: { namespace: ${SITE}-neighbour, podLabels: { app: cache } }, ports: [${CACHE}], reason: a cache of the trial }
`;
