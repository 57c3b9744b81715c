import { progressOf } from '../../commands/progress';

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
