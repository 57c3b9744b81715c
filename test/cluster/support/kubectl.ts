import { readFileSync } from 'node:fs';
import { namespaceOf, selectorOf } from '../../../charts/names';
import type { TierName } from '../../../charts/topology';
import { kubectl, list } from '../../../commands/cluster/kubectl';
import { parseConfig } from '../../../config';

export { kubectl };

/** The environment under test. */
export const ENVIRONMENT = process.env.THREEWALL_ENVIRONMENT ?? 'development';
const file = `config/${ENVIRONMENT}.yaml`;
/** Its configuration. */
export const config = parseConfig(readFileSync(file, 'utf8'), file);

/** The parts of a pod that the tests read. */
export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly labels: Record<string, string>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly podIP?: string;
    readonly phase?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly lastTransitionTime?: string;
    }[];
  };
}

/** True when the pod is ready and stays. */
export const isReady = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  (pod.status.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');

/** The ready pods of a tier, by name. */
export async function readyPods(tier: TierName): Promise<Pod[]> {
  const pods = await list<Pod>('pods', namespaceOf(tier, config), selectorOf(tier, config));
  return pods.filter(isReady).sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
}

/** One value of a Secret. */
export async function secretValue(namespace: string, name: string, key: string): Promise<string> {
  const text = await kubectl(['get', 'secret', name, '-n', namespace, '-o', 'json']);
  const value = (JSON.parse(text) as { data: Record<string, string> }).data[key];
  if (value === undefined) throw new Error(`Secret ${namespace}/${name} has no key ${key}`);
  return Buffer.from(value, 'base64').toString();
}
