import { configOf, configs } from '../support/configs';
import { synthesize } from '../support/manifests';

/** Simulated loss of a zone: pods are placed as the scheduler scores the affinities of the manifests. */

interface Node {
  readonly 'kubernetes.io/hostname': string;
  readonly 'topology.kubernetes.io/zone'?: string;
}
interface Workload {
  readonly name: string;
  readonly replicas: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly terms: readonly {
    weight: number;
    podAffinityTerm: { topologyKey: keyof Node; labelSelector: { matchLabels: Record<string, string> } };
  }[];
}
interface Placed {
  readonly workload: Workload;
  readonly node: Node;
}

const nodesIn = (zones: readonly (string | undefined)[], each: number): Node[] =>
  zones.flatMap((zone, z) =>
    Array.from({ length: each }, (_, i) => ({
      'kubernetes.io/hostname': `node-${z}-${i}`,
      ...(zone ? { 'topology.kubernetes.io/zone': zone } : {}),
    })),
  );

const production = configs().find(({ name }) => name === 'production')?.config ?? configOf();
const manifestsOf = synthesize;

const workloadsOf = (manifests: ReturnType<typeof synthesize>): Workload[] =>
  manifests
    .filter(({ kind, spec }) => ['Deployment', 'StatefulSet'].includes(kind) && (spec.replicas ?? 1) > 1)
    .map(({ metadata, spec }) => ({
      name: metadata.name,
      replicas: spec.replicas,
      labels: spec.template.metadata.labels,
      terms: spec.template.spec.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [],
    }));

const matches = (labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);

/** Each pod goes where its affinities lose least; of equals, the first. */
function place(workloads: readonly Workload[], nodes: readonly Node[]): Placed[] {
  const placed: Placed[] = [];
  for (const workload of workloads) {
    for (let i = 0; i < workload.replicas; i++) {
      const loss = (node: Node) =>
        workload.terms
          .map(({ weight, podAffinityTerm: { topologyKey, labelSelector } }) => {
            const place = node[topologyKey];
            const met = placed.filter(
              (other) =>
                place !== undefined &&
                other.node[topologyKey] === place &&
                matches(other.workload.labels, labelSelector.matchLabels),
            );
            return weight * met.length;
          })
          .reduce((sum, one) => sum + one, 0);
      const [node] = [...nodes].sort((a, b) => loss(a) - loss(b));
      if (node) placed.push({ workload, node });
    }
  }
  return placed;
}

const ZONE = 'topology.kubernetes.io/zone';
const most = (placed: readonly Placed[], workload: Workload, key: keyof Node): number => {
  const counts = new Map<string | undefined, number>();
  for (const { node } of placed.filter((one) => one.workload === workload)) {
    counts.set(node[key], (counts.get(node[key]) ?? 0) + 1);
  }
  return Math.max(...counts.values());
};

describe('production', () => {
  const manifests = manifestsOf(production);
  const workloads = workloadsOf(manifests);

  test('has several pods of each tier that visitors or the data need', () => {
    expect(workloads.map(({ name }) => name).sort()).toEqual(
      expect.arrayContaining(['app', 'database', 'load-balancer', 'web']),
    );
  });

  test.each([
    [2, ['a', 'b']],
    [3, ['a', 'b', 'c']],
  ])('in %i zones: no zone has more than its share of a tier, so the tier outlives any of them', (count, zones) => {
    const placed = place(workloads, nodesIn(zones, 2));
    for (const workload of workloads) {
      const share = most(placed, workload, ZONE);
      expect([workload.name, share]).toEqual([workload.name, Math.ceil(workload.replicas / count)]);
      expect(workload.replicas - share).toBeGreaterThan(0);
    }
  });

  test('without zones: no node has more than its share of a tier', () => {
    const placed = place(workloads, nodesIn([undefined], 4));
    for (const workload of workloads) {
      const share = most(placed, workload, 'kubernetes.io/hostname');
      expect([workload.name, share]).toEqual([workload.name, Math.ceil(workload.replicas / 4)]);
    }
  });

  test('old pods do not count: a rollout ends as spread as it began', () => {
    const deployments = manifests.filter(({ kind, spec }) => kind === 'Deployment' && spec.replicas > 1);
    for (const { metadata, spec } of deployments) {
      const { affinity, topologySpreadConstraints } = spec.template.spec;
      const own = affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution
        .map(({ podAffinityTerm }: { podAffinityTerm: object }) => podAffinityTerm)
        .filter(({ labelSelector }: { labelSelector: { matchLabels: Record<string, string> } }) =>
          matches(spec.template.metadata.labels, labelSelector.matchLabels),
        );
      const keys = [...own, ...topologySpreadConstraints].map(({ matchLabelKeys }) => matchLabelKeys);
      expect([metadata.name, keys]).toEqual([metadata.name, Array.from({ length: 3 }, () => ['pod-template-hash'])]);
    }
  });

  test('a node autoscaler may remove nodes of pods with scratch volumes, and none of a pod that runs to its end', () => {
    const annotationsOf = (name: string, find: (spec: (typeof manifests)[number]['spec']) => typeof spec) =>
      find(manifests.find(({ kind, metadata }) => kind !== 'Service' && metadata.name === name)?.spec).template.metadata
        .annotations;
    const local = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes';
    expect(annotationsOf('web', (spec) => spec)).toEqual({ [local]: 'tmp' });
    expect(annotationsOf('backup', (spec) => spec.jobTemplate.spec)).toMatchObject({
      'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
      'karpenter.sh/do-not-disrupt': 'true',
    });
  });

  test('a drained zone takes one pod of a tier at a time', () => {
    const budgets = manifests.filter(({ kind }) => kind === 'PodDisruptionBudget');
    for (const { name, labels } of workloads) {
      const own = budgets.filter(({ spec }) => matches(labels, spec.selector.matchLabels));
      expect([name, own.map(({ spec }) => spec.maxUnavailable)]).toEqual([name, [1]]);
    }
  });
});

describe('a primary with two replicas', () => {
  test('what was committed is in another zone too, and commits go on while one of the others is lost', () => {
    const manifests = manifestsOf(configOf({ database: { topology: 'primary-replica', replicas: 2 } }));
    const workloads = workloadsOf(manifests);
    const database = workloads.find(({ name }) => name === 'database') as Workload;
    const conf =
      manifests.map(({ data }) => (data as Record<string, string> | undefined)?.['my.cnf']).find(Boolean) ?? '';
    const setting = (name: string) => new RegExp(`rpl_semi_sync_source_${name} = (\\S+)`).exec(conf)?.[1];
    // no commit is acknowledged before as many replicas hold it
    const copies = Number(setting('wait_for_replica_count'));
    expect([copies, setting('wait_no_replica')]).toEqual([1, 'ON']);
    const share = most(place(workloads, nodesIn(['a', 'b', 'c'], 2)), database, ZONE);
    expect(share).toBe(1);
    const left = database.replicas - 1 - share;
    expect(left).toBeGreaterThanOrEqual(copies);
  });
});

describe('workers', () => {
  const manifests = manifestsOf(
    configOf({
      app: {
        workers: {
          mail: { command: ['node', 'mail.mjs'], replicas: 2 },
          index: { command: ['node', 'i.mjs'], replicas: 2 },
        },
      },
    }),
  );

  test('of a kind are apart from each other, and not from other kinds', () => {
    for (const name of ['worker-mail', 'worker-index']) {
      const { affinity } = manifests.find(({ metadata }) => metadata.name === name)?.spec.template.spec ?? {};
      const [zone] = affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution;
      expect(zone.podAffinityTerm).toMatchObject({
        topologyKey: ZONE,
        matchLabelKeys: ['pod-template-hash', 'threewall.dev/worker'],
      });
    }
  });

  test('of a kind are evicted one at a time', () => {
    const budgets = manifests.filter(
      ({ kind, metadata }) => kind === 'PodDisruptionBudget' && /worker/.test(metadata.name),
    );
    expect(
      budgets.map(({ metadata, spec }) => [
        metadata.name,
        spec.selector.matchLabels['threewall.dev/worker'],
        spec.maxUnavailable,
      ]),
    ).toEqual([
      ['worker-mail', 'worker-mail', 1],
      ['worker-index', 'worker-index', 1],
    ]);
  });
});

describe('a group of databases', () => {
  const majority = (members: number, zones: readonly string[]) => {
    const config = configOf({ database: { topology: 'group', members } });
    const workloads = workloadsOf(manifestsOf(config));
    const database = workloads.find(({ name }) => name === 'database') as Workload;
    return members - most(place(workloads, nodesIn(zones, 2)), database, ZONE) > members / 2;
  };

  test.each([3, 5, 7, 9])('of %i keeps its majority in three zones, whichever is lost', (members) => {
    expect(majority(members, ['a', 'b', 'c'])).toBe(true);
  });

  test('loses it in two zones when the one with more members is lost: two zones are one too few', () => {
    expect(majority(3, ['a', 'b'])).toBe(false);
  });
});
