import { ClusterError, get, kubectl, list, UnreachableError } from '../../commands/cluster/kubectl';
import { patiently } from '../../commands/cluster/patience';
import { UsageError } from '../../commands/command';
import { ensureJob, follow, jobDone } from '../../commands/restore/job';

jest.mock('../../commands/cluster/kubectl', () => ({
  ...jest.requireActual('../../commands/cluster/kubectl'),
  get: jest.fn(),
  list: jest.fn(),
  kubectl: jest.fn(),
}));

const SILENT = new UnreachableError('the cluster does not answer: net/http: TLS handshake timeout');
const job = (...conditions: object[]) => ({ metadata: { name: 'restore-1' }, status: { conditions } });
const FAILED = job({ type: 'Failed', status: 'True', message: 'BackoffLimitExceeded' });

/** A pod whose container has ended. */
const ended = (exitCode: number) => {
  const message = '2026-01-31T00:00:00Z [threewall] first\n2026-01-31T00:00:01Z [threewall] there is no backup yet\n';
  return { status: { initContainerStatuses: [{ state: { terminated: { exitCode, message } } }] } };
};

beforeEach(() => {
  for (const mock of [get, list, kubectl]) jest.mocked(mock as jest.Mock).mockReset();
});

test('an API server that does not answer for a while ends no restore', async () => {
  jest.mocked(get).mockRejectedValueOnce(SILENT).mockResolvedValue(job());
  jest.mocked(kubectl).mockRejectedValueOnce(SILENT).mockResolvedValue('x [threewall] restored: ready to be cloned\n');
  const lines: string[] = [];
  await follow('shop', 'restore-1', 60, /ready to be cloned/, (line) => lines.push(line));
  expect(lines).toEqual(['restored: ready to be cloned']);
}, 60_000);

test('one that does not come back does, and an answer that is an error at once', async () => {
  await expect(patiently(() => Promise.reject(SILENT), 10)).rejects.toThrow('TLS handshake timeout');
  const asked = jest.fn(() => Promise.reject(new ClusterError('is forbidden')));
  await expect(patiently(asked)).rejects.toThrow('is forbidden');
  expect(asked).toHaveBeenCalledTimes(1);
});

test('what a script refuses is one line, and an error of the command line', async () => {
  jest.mocked(get).mockResolvedValue(FAILED);
  jest.mocked(list).mockResolvedValue([ended(64)]);
  const refused = await jobDone('shop', 'restore-1', 60).catch((error) => error);
  expect(refused).toBeInstanceOf(UsageError);
  expect(refused.message).toBe('there is no backup yet');
});

test('any other end shows the last lines', async () => {
  jest.mocked(get).mockResolvedValue(FAILED);
  jest.mocked(list).mockResolvedValue([ended(1)]);
  jest.mocked(kubectl).mockResolvedValue('disk full\n');
  const failed = await jobDone('shop', 'restore-1', 60).catch((error) => error);
  expect(failed).toBeInstanceOf(ClusterError);
  expect(failed.message).toBe('job restore-1 failed: BackoffLimitExceeded\n  | disk full');
});

test.each([
  ['the kubelet', { reason: 'Evicted', message: 'Usage of EmptyDir volume "work" exceeds the limit "64Mi". ' }, ''],
  [
    'the limit of the pod',
    { reason: 'Evicted', message: 'Pod ephemeral local storage usage exceeds the total limit' },
    '',
  ],
  [
    'the limit of a container',
    { reason: 'Evicted', message: 'Container fetch exceeded its local ephemeral storage limit "10304Mi". ' },
    '',
  ],
  [
    'restic',
    {},
    'ignoring error for /binlog.7: write /work/logs/binlog.7: no space left on device\nFatal: There were 1 errors',
  ],
  ['MySQL', {}, 'ERROR 3 (HY000): Error writing file (OS errno 28 - No space left on device)'],
])('a scratch volume that is full is named, and the settings for more: %s', async (_, status, log) => {
  jest.mocked(get).mockResolvedValue(FAILED);
  jest.mocked(list).mockResolvedValue([{ status: { ...ended(1).status, ...status } }]);
  jest.mocked(kubectl).mockResolvedValue(log);
  await expect(jobDone('shop', 'restore-1', 60)).rejects.toThrow(
    /raise `backup.scratchSize`; .* `backup.scratchStorageClassName`$/,
  );
});

test('a Job that was deleted is not waited for', async () => {
  jest.mocked(get).mockResolvedValue(undefined);
  await expect(jobDone('shop', 'restore-1', 60)).rejects.toThrow('was deleted meanwhile');
});

const TEMPLATE = {
  spec: { jobTemplate: { metadata: {}, spec: { template: { spec: { containers: [{ name: 'fetch' }] } } } } },
};
/** What was asked of kubectl, by its first words. */
const verbs = (): string[] => jest.mocked(kubectl).mock.calls.map(([[verb = '']]) => verb);

test('a Job that was made although the answer was lost is not made twice', async () => {
  jest.mocked(get).mockResolvedValueOnce(undefined).mockResolvedValueOnce(TEMPLATE).mockResolvedValueOnce(job());
  jest.mocked(kubectl).mockRejectedValueOnce(SILENT);
  await ensureJob('shop', 'backup-restore', 'restore-1', {});
  expect(verbs()).toEqual(['create']);
}, 60_000);

test('one that has failed begins again, one that runs goes on', async () => {
  jest.mocked(get).mockResolvedValueOnce(FAILED).mockResolvedValueOnce(TEMPLATE);
  await ensureJob('shop', 'backup-restore', 'restore-1', { env: { RESTORE_AT: 'latest' } });
  expect(verbs()).toEqual(['delete', 'create']);
  expect(jest.mocked(kubectl).mock.calls[1]?.[1]?.input).toContain('{"name":"RESTORE_AT","value":"latest"}');
  jest.mocked(get).mockResolvedValueOnce(job());
  await ensureJob('shop', 'backup-restore', 'restore-1', {});
  expect(verbs()).toHaveLength(2);
});

test('a pod that no node can have is named, with the scheduler’s reason', async () => {
  jest.mocked(get).mockResolvedValue(job({ type: 'Failed', status: 'True', message: 'DeadlineExceeded' }));
  const conditions = [
    { type: 'PodScheduled', status: 'False', message: '0/3 nodes are available: 3 Insufficient ephemeral-storage.' },
  ];
  jest.mocked(list).mockResolvedValue([{ status: { conditions } }]);
  jest.mocked(kubectl).mockResolvedValue('');
  await expect(jobDone('shop', 'restore-1', 60)).rejects.toThrow(
    /waits for a node that can have its pod: 0\/3 nodes are available: 3 Insufficient ephemeral-storage\.$/,
  );
});
