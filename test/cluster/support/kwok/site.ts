import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { list, selector } from '../../../../commands/cluster/kubectl';
import { type Config, parseConfig } from '../../../../config';
import { synthesize } from '../../../support/manifests';
import { eventually } from '../eventually';
import { isReady, kubectl, type Pod } from '../kubectl';

/** A Deployment or StatefulSet. */
export interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly replicas: number; readonly selector: { readonly matchLabels: Record<string, string> } };
}

interface Autoscaler {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly minReplicas: number };
}

/** The environment `production` under another name, with other settings. @throws ConfigError when they are not allowed */
export function production(name: string, settings: Readonly<Record<string, object>> = {}): Config {
  const file = 'config/production.yaml';
  const text = load(readFileSync(file, 'utf8')) as Record<string, object>;
  const changed = Object.entries(settings).map(([key, value]) => [key, { ...text[key], ...value }]);
  return parseConfig(JSON.stringify({ ...text, name, ...Object.fromEntries(changed) }), file);
}

/** A site on nodes of kwok: its pods are scheduled and evicted as anywhere, and Ready without running. */
export class Site {
  constructor(readonly config: Config) {}

  /** Applies everything that is synthesized; again with other settings for a new version. */
  async apply(config = this.config): Promise<void> {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: synthesize(config) });
    await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input, seconds: 120 });
  }

  /** Its Deployments and StatefulSets. */
  workloads(): Promise<Workload[]> {
    return list<Workload>('deployments,statefulsets', this.config.name);
  }

  /** Pods of a workload, or of all of them. */
  async pods(of?: Workload): Promise<Pod[]> {
    const pods = await list<Pod>('pods', this.config.name, of?.spec.selector.matchLabels);
    return pods.filter(({ status }) => status.phase !== 'Succeeded');
  }

  /** Waits until each workload has its pods, ready, and no others. @param except names of workloads that need not */
  async settled(seconds = 120, except: readonly string[] = []): Promise<void> {
    await eventually(`the pods of ${this.config.name} are ready`, seconds, async () => {
      const workloads = await this.workloads();
      const wanted = new Map(workloads.map(({ metadata, spec }) => [metadata.name, spec.replicas]));
      for (const { metadata, spec } of await list<Autoscaler>('hpa', this.config.name)) {
        if ((wanted.get(metadata.name) ?? 0) < spec.minReplicas) throw new Error(`${metadata.name}: not scaled yet`);
      }
      for (const workload of workloads) {
        if (except.includes(workload.metadata.name)) continue;
        const pods = await this.pods(workload);
        const ready = pods.filter(isReady).length;
        const { replicas } = workload.spec;
        if (pods.length !== replicas || ready !== replicas) {
          throw new Error(`${workload.metadata.name}: ${ready} of ${pods.length} ready, ${replicas} wanted`);
        }
      }
      return true;
    });
  }

  /** Ready pods of each workload, by its name. */
  async ready(): Promise<Record<string, number>> {
    const [workloads, pods] = await Promise.all([this.workloads(), this.pods()]);
    const of = ({ spec }: Workload) => pods.filter((pod) => isReady(pod) && matches(pod, spec.selector.matchLabels));
    return Object.fromEntries(workloads.map((workload) => [workload.metadata.name, of(workload).length]));
  }

  /** Pods of a workload by what `place` says of their nodes. */
  async spread(workload: Workload, place: (node: string) => string): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (const { spec } of await this.pods(workload)) {
      const at = place(spec.nodeName ?? 'Pending');
      counts.set(at, (counts.get(at) ?? 0) + 1);
    }
    return counts;
  }

  /** Makes pods unready, as a failed probe does, or ready again: kwok does so once only, when a pod is new. */
  async probe(pods: readonly Pod[], status: 'True' | 'False'): Promise<void> {
    const conditions = ['Ready', 'ContainersReady'].map((type) => ({ type, status, reason: 'Trial' }));
    for (const { metadata } of pods) {
      const patch = JSON.stringify({ status: { conditions } });
      await kubectl(['patch', 'pod', metadata.name, '-n', metadata.namespace, '--subresource=status', '-p', patch]);
    }
  }

  /** A new version of every pod of a workload: `kubectl rollout restart`. */
  async restart(workload: string): Promise<void> {
    await kubectl(['rollout', 'restart', workload, '-n', this.config.name]);
  }

  /** Waits until each pod of a workload is of the newest version and ready. */
  async rolled(workload: string, seconds = 240): Promise<void> {
    const { name } = this.config;
    await kubectl(['rollout', 'status', workload, '-n', name, `--timeout=${seconds}s`], { seconds: seconds + 10 });
  }

  /** Takes it away, with what it claimed. */
  async end(): Promise<void> {
    const { name } = this.config;
    await kubectl(['delete', 'clusterrole,clusterrolebinding', '-l', selector({ 'app.kubernetes.io/part-of': name })]);
    await kubectl(['delete', 'namespace', name, `${name}-monitoring`, '--ignore-not-found'], { seconds: 240 });
  }
}

const matches = ({ metadata }: Pod, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(labels).every(([key, value]) => metadata.labels[key] === value);
