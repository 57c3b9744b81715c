import { type ContainerStatus, type PodStatus, troubleOf } from '../../commands/diagnosis';

const CREATED = '2026-01-01T00:00:00Z';
const after = (seconds: number): number => Date.parse(CREATED) + seconds * 1000;
const container = (status: Partial<ContainerStatus>): PodStatus => ({
  metadata: { name: 'web-1', creationTimestamp: CREATED },
  status: { containerStatuses: [{ name: 'web', image: 'nginx:1', restartCount: 0, ...status }] },
});
const crashed = (restartCount: number, terminated: { reason?: string; exitCode: number; message?: string }) =>
  container({ restartCount, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated } });

test('a pod that is only slow has no trouble', () => {
  expect(troubleOf(container({ state: { waiting: { reason: 'ContainerCreating' } } }), after(300))).toBeUndefined();
});

test('an image that cannot be had is told once its retries failed as well', () => {
  const pod = container({ state: { waiting: { reason: 'ImagePullBackOff', message: 'no such host' } } });
  expect(troubleOf(pod, after(5))).toBeUndefined();
  expect(troubleOf(pod, after(30))).toMatchObject({
    pod: 'web-1',
    reason: 'its image nginx:1 cannot be had: no such host',
  });
});

test('a crash that healed is no trouble, the third in a row is', () => {
  expect(troubleOf(crashed(2, { exitCode: 1 }), after(60))).toBeUndefined();
  expect(troubleOf(crashed(3, { exitCode: 1, message: 'bad setting\n' }), after(60))).toMatchObject({
    reason: 'it crashed 3 times, last with exit code 1: bad setting',
    container: 'web',
  });
});

test('a pod killed for its memory is told which limit to raise', () => {
  expect(troubleOf(crashed(3, { reason: 'OOMKilled', exitCode: 137 }), after(60))?.help).toMatch('limits.memory');
});

test('a pod that no node takes is told with the scheduler words', () => {
  const pod: PodStatus = {
    metadata: { name: 'database-0', creationTimestamp: CREATED },
    status: {
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          message: '0/3 nodes: unbound PersistentVolumeClaims',
          lastTransitionTime: CREATED,
        },
      ],
    },
  };
  expect(troubleOf(pod, after(30))).toBeUndefined();
  expect(troubleOf(pod, after(90))?.reason).toMatch('unbound PersistentVolumeClaims');
});

test('a missing Secret is told with the command that makes it', () => {
  const pod = container({
    state: { waiting: { reason: 'CreateContainerConfigError', message: 'secret "site-tls" not found' } },
  });
  expect(troubleOf(pod, after(30))).toMatchObject({
    reason: expect.stringContaining('site-tls'),
    help: expect.stringContaining('npm run secrets'),
  });
});
