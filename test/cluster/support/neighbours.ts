import { dump } from 'js-yaml';
import { kubectl } from './kubectl';
import { listener } from './standins';

/** A pod of another application in the cluster. */
export interface Neighbour {
  readonly namespace: string;
  readonly name: string;
  /** Its label `app`. */
  readonly app: string;
}

/** Starts pods of namespaces without policies, which listen on `ports`. @returns their addresses, by name */
export async function startNeighbours(
  neighbours: readonly Neighbour[],
  ports: readonly number[],
): Promise<Map<string, string>> {
  for (const name of new Set(neighbours.map(({ namespace }) => namespace))) {
    await kubectl(['create', 'namespace', name]);
  }
  await kubectl(['apply', '-f', '-'], { input: neighbours.map((one) => dump(podOf(one, ports))).join('---\n') });
  const addresses = new Map<string, string>();
  for (const { name, namespace } of neighbours) {
    await kubectl(['wait', `pod/${name}`, '-n', namespace, '--for=condition=Ready', '--timeout=120s'], {
      seconds: 130,
    });
    addresses.set(name, await kubectl(['get', 'pod', name, '-n', namespace, '-o', 'jsonpath={.status.podIP}']));
  }
  return addresses;
}

/** Deletes their namespaces. */
export async function removeNeighbours(neighbours: readonly Neighbour[]): Promise<void> {
  const names = [...new Set(neighbours.map(({ namespace }) => namespace))];
  await kubectl(['delete', 'namespace', ...names, '--ignore-not-found'], { seconds: 180 });
}

const podOf = ({ name, namespace, app }: Neighbour, ports: readonly number[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { app } },
  spec: {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 0,
    containers: [listener('neighbour', ports)],
  },
});
