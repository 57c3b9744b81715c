import { bytes, cores } from '../../config/fields';
import { environments } from '../support/manifests';

/** Nodes of a cluster on a laptop: a collector runs on each. */
const NODES = 3;
/** Resources of a laptop. */
const MOST = { cores: 1, mebibytes: 2048 };

interface Container {
  readonly restartPolicy?: string;
  readonly resources: { readonly requests: { readonly cpu: string; readonly memory: string } };
}
interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly replicas?: number;
    readonly template?: { readonly spec: Pod };
    readonly jobTemplate?: { readonly spec: { readonly template: { readonly spec: Pod } } };
  };
}
interface Pod {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
}

/** What the scheduler sets aside: https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers */
function requestsOf({ containers, initContainers = [] }: Pod): { cores: number; mebibytes: number } {
  const requests = ({ resources: { requests } }: Container) => [cores(requests.cpu), bytes(requests.memory) / 2 ** 20];
  const stay = [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')];
  const sum = (n: 0 | 1) => stay.map(requests).reduce((total, request) => total + (request[n] ?? 0), 0);
  const first = (n: 0 | 1) => Math.max(0, ...initContainers.map((container) => requests(container)[n] ?? 0));
  return { cores: Math.max(sum(0), first(0)), mebibytes: Math.max(sum(1), first(1)) };
}

const podsOf = ({ kind, spec }: Workload): number => {
  if (kind === 'DaemonSet') return NODES;
  // seldom and short
  if (kind === 'CronJob') return 0;
  return spec.replicas ?? 1;
};

test(`development asks for at most ${MOST.cores} CPU and ${MOST.mebibytes} MiB on ${NODES} nodes`, () => {
  const manifests = environments().find(({ name }) => name === 'development')?.manifests ?? [];
  const workloads = (manifests as unknown as Workload[]).filter(({ spec }) => spec?.template ?? spec?.jobTemplate);
  const all = workloads.map((workload) => {
    const pod = workload.spec.template?.spec ?? workload.spec.jobTemplate?.spec.template.spec;
    const one = requestsOf(pod as Pod);
    const pods = podsOf(workload);
    return { cores: one.cores * pods, mebibytes: one.mebibytes * pods };
  });
  const total = {
    cores: all.reduce((sum, one) => sum + one.cores, 0),
    mebibytes: all.reduce((sum, one) => sum + one.mebibytes, 0),
  };
  expect(total.cores).toBeGreaterThan(0.5);
  expect(total.cores).toBeLessThanOrEqual(MOST.cores);
  expect(total.mebibytes).toBeGreaterThan(1024);
  expect(total.mebibytes).toBeLessThanOrEqual(MOST.mebibytes);
});
