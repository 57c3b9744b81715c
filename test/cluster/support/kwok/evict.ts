import { list } from '../../../../commands/cluster/kubectl';
import { kubectl, type Pod } from '../kubectl';
import type { Site } from './site';

/** What the API server answered to an eviction; 404 for a pod that is gone. */
export type Answer = 201 | 404 | 429;

/** Asks for the eviction of a pod, as `kubectl drain` and cluster autoscalers do. */
export async function evict({ metadata: { name, namespace } }: Pod): Promise<Answer> {
  const input = JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } });
  try {
    await kubectl(['create', '--raw', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, '-f', '-'], { input });
    return 201;
  } catch (error) {
    if (String(error).includes('TooManyRequests')) return 429;
    if (String(error).includes('NotFound')) return 404;
    throw error;
  }
}

/** Counts the ready pods of each workload, again and again. */
export class Watch {
  private readonly counts: Record<string, number> = {};
  private ended = false;
  private readonly counting: Promise<void>;

  constructor(private readonly site: Site) {
    this.counting = this.count();
  }

  /** Fewest ready pods of each workload so far. */
  fewest(): Readonly<Record<string, number>> {
    return { ...this.counts };
  }

  /** @returns the fewest of all @throws what a count threw */
  async stop(): Promise<Readonly<Record<string, number>>> {
    this.ended = true;
    await this.counting;
    return this.fewest();
  }

  private async count(): Promise<void> {
    do {
      for (const [name, ready] of Object.entries(await this.site.ready())) {
        this.counts[name] = Math.min(this.counts[name] ?? ready, ready);
      }
    } while (!this.ended);
  }
}

/** What a drain saw. */
export interface Drain {
  readonly evicted: number;
  readonly refused: number;
  /** Names of the pods that stayed. */
  readonly left: readonly string[];
  /** Fewest ready pods of each workload meanwhile. */
  readonly fewest: Readonly<Record<string, number>>;
}

/**
 * Drains nodes one after another by evictions; each pod is asked for again while other pods move.
 * @param tries rounds over each node before its pods are left where they are
 */
export async function drain(site: Site, nodes: readonly string[], tries = 6): Promise<Drain> {
  const watch = new Watch(site);
  let [evicted, refused] = [0, 0];
  const left: string[] = [];
  for (const node of nodes) {
    await kubectl(['cordon', node]);
    let pods: Pod[] = [];
    for (let round = 0; round < tries; round++) {
      pods = await podsOn(site, node);
      if (pods.length === 0) break;
      for (const pod of pods) {
        const answer = await evict(pod);
        if (answer === 201) evicted += 1;
        if (answer === 429) refused += 1;
      }
    }
    left.push(...(await podsOn(site, node)).map(({ metadata }) => metadata.name));
  }
  return { evicted, refused, left, fewest: await watch.stop() };
}

const podsOn = (site: Site, node: string): Promise<Pod[]> =>
  list<Pod>('pods', site.config.name, {}, [`--field-selector=spec.nodeName=${node},status.phase!=Succeeded`]);
