import {
  busyWith,
  type ContainerStatus,
  isLasting,
  isReady,
  type PodStatus,
  type Trouble,
  troubleOf,
  type Warning,
} from '../../commands/cluster/diagnosis';

const container = (status: Partial<ContainerStatus>): PodStatus => ({
  metadata: { name: 'web-1', uid: 'u1', creationTimestamp: '2026-01-01T00:00:00Z' },
  status: { containerStatuses: [{ name: 'web', image: 'nginx:1', restartCount: 0, ...status }] },
});
const waiting = (reason: string, message?: string) => container({ state: { waiting: { reason, message } } });
const crashed = (restartCount: number, terminated: { reason?: string; exitCode: number; message?: string }) =>
  container({ restartCount, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated } });
const unscheduled = (message: string): PodStatus => ({
  metadata: { name: 'database-0', creationTimestamp: '2026-01-01T00:00:00Z' },
  status: { conditions: [{ type: 'PodScheduled', status: 'False', message }] },
});
const failedMount = (message: string, uid = 'u1'): Warning => ({
  reason: 'FailedMount',
  message,
  involvedObject: { kind: 'Pod', name: 'web-1', uid },
});

describe('the trouble of a pod', () => {
  test.each([
    ['that is only slow', waiting('ContainerCreating')],
    ['that waits for its init container', waiting('PodInitializing')],
    ['that runs after earlier crashes', container({ restartCount: 7, lastState: { terminated: { exitCode: 1 } } })],
    [
      'whose init container is done',
      {
        ...waiting('PodInitializing'),
        status: {
          initContainerStatuses: [
            { name: 'prepare', image: 'x:1', restartCount: 4, state: { terminated: { exitCode: 0 } } },
          ],
        },
      },
    ],
  ])('is none for one %s', (_, pod) => {
    expect(troubleOf(pod)).toBeUndefined();
  });

  test.each(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'])(
    'is its image when kubelet says %s',
    (reason) => {
      expect(troubleOf(waiting(reason, 'no such host'))).toMatchObject({
        pod: 'web-1',
        kind: 'image',
        reason: 'its image nginx:1 cannot be had: no such host',
      });
    },
  );

  test('is a missing Secret that the environment names, with the command that makes it', () => {
    expect(troubleOf(waiting('CreateContainerConfigError', 'secret "site-tls" not found'))).toMatchObject({
      kind: 'setup',
      reason: expect.stringContaining('site-tls'),
      help: expect.stringContaining('npm run secrets'),
    });
  });

  test('is a missing Secret that a volume names, which only an event tells', () => {
    const message = 'MountVolume.SetUp failed for volume "site-tls" : secret "site-tls" not found';
    expect(troubleOf(waiting('ContainerCreating'), [failedMount(message)])).toMatchObject({
      kind: 'setup',
      reason: message,
    });
    expect(troubleOf(waiting('ContainerCreating'), [failedMount(message, 'other pod')])).toBeUndefined();
    expect(troubleOf(waiting('ContainerCreating'), [failedMount('timed out waiting for the disk')])).toBeUndefined();
    expect(troubleOf(container({ state: {} }), [failedMount(message)])).toBeUndefined();
  });

  test('is a crash, with exit code, last words and the container to ask', () => {
    expect(troubleOf(crashed(3, { exitCode: 1, message: 'bad setting\n' }))).toMatchObject({
      kind: 'crash',
      reason: 'container web crashed 4 times, last with exit code 1: bad setting',
      container: 'web',
      restarts: 3,
    });
  });

  test('is a crash as well while kubelet goes on showing how the last life ended', () => {
    const pod: PodStatus = {
      ...waiting('PodInitializing'),
      status: {
        initContainerStatuses: [
          { name: 'prepare', image: 'x:1', restartCount: 3, state: { terminated: { exitCode: 3, message: 'why' } } },
        ],
      },
    };
    expect(troubleOf(pod)).toMatchObject({ kind: 'crash', container: 'prepare', restarts: 3 });
  });

  test('is memory when the kernel killed it, with the limit to raise', () => {
    expect(troubleOf(crashed(3, { reason: 'OOMKilled', exitCode: 137 }))).toMatchObject({
      kind: 'memory',
      help: expect.stringContaining('limits.memory'),
    });
  });

  test.each([
    ['0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims', 'storageClassName'],
    ['0/3 nodes are available: 3 Insufficient cpu', 'resources.requests'],
    ["0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector", 'placement'],
  ])('is reported with the words of the scheduler and what fits them: %s', (message, help) => {
    expect(troubleOf(unscheduled(message))).toMatchObject({
      kind: 'placement',
      reason: expect.stringContaining(message),
      help: expect.stringContaining(help),
    });
  });
});

test('a claim that the operator should have made is named', () => {
  const message = '0/3 nodes are available: persistentvolumeclaim "shared" not found. not found';
  expect(troubleOf(unscheduled(message))?.help).toMatch(/^the claim shared is not in the namespace: make it first/);
});

test('a startup probe that failed is known from the warnings about the pod', () => {
  const warning = (message: string, uid = 'u1'): Warning => ({
    reason: 'Unhealthy',
    message,
    involvedObject: { kind: 'Pod', name: 'web-1', uid },
  });
  const pod = crashed(1, { exitCode: 137 });
  const refused = 'Startup probe failed: dial tcp 10.0.0.1:80: connect: connection refused';
  expect(troubleOf(pod, [warning(refused)])?.unanswered).toBe(true);
  expect(troubleOf(pod, [warning(refused, 'another')])?.unanswered).toBe(false);
  expect(troubleOf(pod, [warning('Readiness probe failed: HTTP 500')])?.unanswered).toBe(false);
});

describe('a trouble lasts', () => {
  const trouble = (more: Partial<Trouble>): Trouble => ({
    pod: 'web-1',
    kind: 'image',
    reason: '',
    help: '',
    restarts: 0,
    ...more,
  });
  const seconds = (seen: number) => ({ now: 1_000_000, since: 1_000_000 - seen * 1000, readyBefore: 0 });

  test.each([
    ['image', 20],
    ['setup', 20],
    ['placement', 60],
  ] as const)('for kind %s after %d seconds, not before', (kind, patience) => {
    expect(isLasting(trouble({ kind }), seconds(patience - 1))).toBe(false);
    expect(isLasting(trouble({ kind }), seconds(patience))).toBe(true);
  });

  test('for a crash from the third restart on', () => {
    expect(isLasting(trouble({ kind: 'crash', restarts: 2 }), seconds(0))).toBe(false);
    expect(isLasting(trouble({ kind: 'crash', restarts: 3 }), seconds(0))).toBe(true);
  });

  test('for a startup probe that was not answered in a whole life, from the first restart on', () => {
    const crash = trouble({ kind: 'crash', restarts: 1, unanswered: true, lastStart: 900_000 });
    expect(isLasting(crash, { ...seconds(0), readyBefore: 890_000 })).toBe(true);
    expect(isLasting(crash, { ...seconds(0), readyBefore: 950_000 })).toBe(false);
    expect(isLasting({ ...crash, unanswered: false }, { ...seconds(0), readyBefore: 890_000 })).toBe(false);
  });

  test('not for an app that crashed before its database was ready, nor in the moment after', () => {
    const crash = trouble({ kind: 'crash', restarts: 5, lastStart: 900_000 });
    expect(isLasting(crash, { ...seconds(60), readyBefore: undefined })).toBe(false);
    expect(isLasting(crash, { ...seconds(60), readyBefore: 950_000 })).toBe(false);
    expect(isLasting(crash, { ...seconds(60), readyBefore: 899_000 })).toBe(false);
    expect(isLasting(crash, { ...seconds(60), readyBefore: 890_000 })).toBe(true);
  });

  test('for too little memory whatever else is ready', () => {
    expect(isLasting(trouble({ kind: 'memory', restarts: 3 }), { ...seconds(0), readyBefore: undefined })).toBe(true);
  });
});

test('what a pod is doing is described in a few words', () => {
  expect(busyWith(waiting('ContainerCreating'))).toBe('ContainerCreating');
  expect(busyWith(unscheduled('0/3 nodes are available'))).toBe('waits for a node');
  expect(busyWith(container({ state: {} }))).toBe('starts');
});

test('a pod is ready when its condition says so', () => {
  expect(isReady({ ...waiting(''), status: { conditions: [{ type: 'Ready', status: 'True' }] } })).toBe(true);
  expect(isReady(waiting(''))).toBe(false);
});
