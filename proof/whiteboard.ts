import { flows } from '../charts/flows';
import { isTier, tiers } from '../charts/topology';
import { configOf } from '../config';
import type { Cluster } from '../reachability/cluster';
import { connection, type Endpoint, type Pod } from '../reachability/engine';
import { ELSEWHERE } from './differences';

/** A site that has every tier. */
const FULL = {
  domain: 'www.example.org',
  app: { image: 'example.org/app:1', peers: [7800], metrics: { port: 9464 }, workers: { jobs: { command: ['jobs'] } } },
  monitoring: { services: [{ type: 'prometheus' as const }] },
  backup: { store: { type: 'claim' as const } },
};

const COMPONENT = 'app.kubernetes.io/component';
const MANAGER = 'app.kubernetes.io/managed-by';

/**
 * What is open between tiers and is not on the whiteboard, and which tier stands before no wall, from manifests alone. What
 * a site opens to addresses and to other namespaces is its configuration's to say, and not looked at.
 */
export function whiteboardFaults(cluster: Cluster): string[] {
  const drawn = new Set(
    flows(configOf(FULL, 'the whiteboard')).flatMap(({ from, to }) =>
      isTier(to) && (isTier(from) || from === 'internet')
        ? [`${isTier(from) ? tiers[from].component : from} ${tiers[to].component}`]
        : [],
    ),
  );
  const pods = cluster.pods.filter(({ labels }) => labels[MANAGER] === 'threewall');
  if (pods.length === 0) return ['no pod of Threewall among the manifests'];
  const nobody = (namespace: string): Pod => ({
    kind: 'pod',
    name: `${namespace}/(no labels)`,
    namespace,
    labels: {},
    ports: [],
  });
  const around = [...new Set(pods.map(({ namespace }) => namespace)), ELSEWHERE].map(nobody);
  const internet: Endpoint = { kind: 'outside', name: 'internet', address: '203.0.113.9' };
  const nameOf = (end: Endpoint) => (end.kind === 'pod' ? end.labels[COMPONENT] : end.name);
  return [...pods, ...around.slice(0, -1)].flatMap((to) =>
    [...pods, ...around, internet].flatMap((from) => {
      const ports = connection(from, to, cluster);
      if (ports.isEmpty || drawn.has(`${nameOf(from)} ${nameOf(to)}`)) return [];
      return [`${from.name} reaches ${to.name} at ${ports}`];
    }),
  );
}
