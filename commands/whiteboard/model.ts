import { clusterOf } from '../../reachability/cluster';
import { selects } from '../../reachability/engine';
import type { Manifest } from '../../reachability/manifest';
import { type Arrow, arrowsOf, INTERNET } from './arrows';
import { type Server, serversOf } from './servers';

/** The whiteboard, read from the manifests. */
export interface Whiteboard {
  /** Servers that a visitor's request passes, from the internet inwards. */
  readonly chain: readonly Server[];
  /** Servers that no visitor's request reaches; first the one with connections to most of the chain. */
  readonly beside: readonly Server[];
  /** Ends of arrows that are no servers, except the internet. */
  readonly outside: readonly string[];
  /** Every connection that is possible. */
  readonly arrows: readonly Arrow[];
}

/** Reads servers and possible connections from manifests. @throws Error when a policy or a pod cannot be judged */
export function whiteboardOf(manifests: readonly Manifest[]): Whiteboard {
  const cluster = clusterOf(manifests);
  const servers = serversOf(manifests, cluster);
  const arrows = arrowsOf(manifests, servers, cluster).map((arrow) =>
    arrow.from === INTERNET
      ? {
          ...arrow,
          ports: withPublicPorts(
            arrow.ports,
            servers.find(({ name }) => name === arrow.to),
            manifests,
          ),
        }
      : arrow,
  );
  const depths = depthsFrom(INTERNET, arrows);
  const depth = (server: Server): number => depths.get(server.name) ?? 0;
  const chain = servers.filter((server) => depths.has(server.name)).sort((a, b) => depth(a) - depth(b));
  const isLinked = (a: string, b: string) => arrows.some(({ from, to }) => from === a && to === b);
  const links = ({ name }: Server) => chain.filter((s) => isLinked(name, s.name) || isLinked(s.name, name)).length;
  const beside = servers.filter((server) => !depths.has(server.name)).sort((a, b) => links(b) - links(a));
  const known = new Set([INTERNET, ...servers.map(({ name }) => name)]);
  const order = [INTERNET, ...[...chain, ...beside].map(({ name }) => name)];
  const sorted = arrows.toSorted((a, b) => order.indexOf(a.from) - order.indexOf(b.from));
  const outside = [...new Set(arrows.flatMap(({ from, to }) => [from, to]))].filter((place) => !known.has(place));
  return { chain, beside, outside, arrows: sorted };
}

const SPELLING: Readonly<Record<string, string>> = {
  'cluster-dns': 'cluster DNS',
  'dns-address': 'DNS outside the pods',
  kubelet: 'kubelet of each node',
  'kubernetes-api': 'Kubernetes API',
};

/** Human-readable name of an outside place. */
export const placeName = (place: string): string =>
  SPELLING[place] ?? place.replace(/^(external|pods):/, '').replace(/^namespace:/, 'namespace ');

/**
 * How many arrows it takes to each place on the longest way that meets no place twice: a shortcut, like a hole in a
 * wall, does not change the order of the chain. Two that both open connections to each other, like database and backup,
 * are no step of a visitor's way.
 */
function depthsFrom(start: string, arrows: readonly Arrow[]): Map<string, number> {
  const depths = new Map<string, number>();
  const isMutual = ({ from, to }: Arrow) =>
    from !== start && arrows.some((other) => other.from === to && other.to === from);
  const follow = (place: string, way: readonly string[]) => {
    depths.set(place, Math.max(depths.get(place) ?? 0, way.length));
    const next = arrows.filter(
      (arrow) => arrow.from === place && arrow.to !== place && !way.includes(arrow.to) && !isMutual(arrow),
    );
    for (const { to } of next) follow(to, [...way, place]);
  };
  follow(start, []);
  return depths;
}

/** Container ports of a server, preceded by the public port: `443 → 8443`. */
function withPublicPorts(ports: string, server: Server | undefined, manifests: readonly Manifest[]): string {
  const pods = server?.workloads ?? [];
  const services = manifests.filter(
    ({ kind, metadata, spec }) =>
      kind === 'Service' &&
      ['LoadBalancer', 'NodePort'].includes(spec.type) &&
      spec.selector &&
      pods.some((pod) => pod.namespace === metadata.namespace && selects({ matchLabels: spec.selector }, pod.labels)),
  );
  const named = pods.flatMap((pod) => pod.ports);
  const known = new Map<string, number>();
  for (const { port, targetPort = port } of services.flatMap(({ spec }) => spec.ports as ServicePort[])) {
    known.set(String(named.find(({ name }) => name === targetPort)?.containerPort ?? targetPort), port);
  }
  return ports
    .split(', ')
    .map((own) => (known.has(own) && String(known.get(own)) !== own ? `${known.get(own)} → ${own}` : own))
    .join(', ');
}

interface ServicePort {
  readonly port: number;
  readonly targetPort?: number | string;
}
