import type { PodStatus } from '../../commands/cluster/diagnosis';
import { podsOf, progressOf, workloadsOf } from '../../commands/cluster/workloads';
import { configOf } from '../support/configs';
import { everySetting } from '../support/firewalls';
import { synthesize } from '../support/manifests';

const deployment = (status: object, generation = 2) => ({
  metadata: { generation },
  spec: { replicas: 2 },
  status: { observedGeneration: 2, ...status },
});

test('a rollout is done when all pods are new and ready and no old one is left', () => {
  expect(progressOf(deployment({ readyReplicas: 2, updatedReplicas: 2, replicas: 2 }))).toEqual({
    ready: 2,
    wanted: 2,
    done: true,
  });
});

test.each([
  ['a pod of the earlier version is left', { readyReplicas: 2, updatedReplicas: 2, replicas: 3 }],
  ['a new pod is not ready', { readyReplicas: 1, updatedReplicas: 2, replicas: 2 }],
  ['nothing runs yet', {}],
])('a rollout is not done while %s', (_, status) => {
  expect(progressOf(deployment(status)).done).toBe(false);
});

test('a rollout is not done before the controller has seen the change', () => {
  expect(progressOf(deployment({ readyReplicas: 2, updatedReplicas: 2, replicas: 2 }, 3)).done).toBe(false);
});

test('a DaemonSet wants a pod on each node', () => {
  const status = { observedGeneration: 1, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 2 };
  expect(progressOf({ metadata: { generation: 1 }, spec: {}, status })).toEqual({ ready: 2, wanted: 3, done: false });
});

test('workloads are those of the manifests, in order, under the names of their tiers', () => {
  const found = workloadsOf(synthesize(everySetting.config) as never, everySetting.config);
  expect(found.map(({ kind, name, tier }) => `${tier}: ${kind} ${name}`)).toEqual([
    'database: StatefulSet database',
    'app: Deployment app',
    'web: Deployment web',
    'load-balancer: Deployment load-balancer',
    'monitoring-service: StatefulSet monitoring-service',
    'alertmanager: StatefulSet alertmanager',
    'monitoring: DaemonSet collector',
  ]);
});

test('pods of a workload are those that it selects and that stay', () => {
  const config = configOf();
  const [workload] = workloadsOf(synthesize(config) as never, config);
  if (!workload) throw new Error('no workload');
  const pod = (more: object, status: object = {}): PodStatus => ({
    metadata: {
      name: 'database-0',
      namespace: workload.namespace,
      labels: workload.selector,
      creationTimestamp: '',
      ...more,
    },
    status,
  });
  const own = pod({});
  const others = [
    pod({ namespace: 'elsewhere' }),
    pod({ labels: {} }),
    pod({ deletionTimestamp: '2026-01-01T00:00:00Z' }),
    pod({}, { phase: 'Failed' }),
  ];
  expect(podsOf(workload, [own, ...others])).toEqual([own]);
});
