import type { Config } from '../../config';
import { configOf } from '../support/configs';
import { VolumesCluster } from '../support/volumes-cluster';

let cluster = new VolumesCluster();
jest.mock('../../commands/cluster/kubectl', () => ({
  ...jest.requireActual('../../commands/cluster/kubectl'),
  get: (...args: Parameters<VolumesCluster['get']>) => cluster.get(...args),
  list: (...args: Parameters<VolumesCluster['list']>) => cluster.list(...args),
  kubectl: (...args: Parameters<VolumesCluster['kubectl']>) => cluster.kubectl(...args),
}));
// no test waits
jest.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }));

import { grow } from '../../commands/up/grow';
import { checkStored } from '../../commands/up/stored';

/** Every claim there is, of one size. */
const sized = (size: string, more: object = {}): Config =>
  configOf({
    name: 'shop',
    app: {
      image: 'registry.example/shop:1.4.2',
      port: 8080,
      volumes: { uploads: { path: '/uploads', size, accessMode: 'ReadWriteMany', ...more } },
    },
    database: { storage: { size, ...more } },
    monitoring: {
      services: [
        {
          type: 'prometheus',
          storage: { size, ...more },
          alertmanager: { receivers: [{ type: 'webhook', name: 'hook' }], storage: { size, ...more } },
        },
      ],
    },
    backup: { store: { type: 'claim', storage: { size, ...more } } },
  });

beforeEach(() => {
  cluster = new VolumesCluster();
  cluster.addSet('shop', 'database', 2, '10Gi');
  cluster.addSet('shop-monitoring', 'monitoring-service', 1, '10Gi');
  cluster.addSet('shop-monitoring', 'alertmanager', 1, '10Gi');
  cluster.addClaim('shop', 'backups', '10Gi');
  cluster.addClaim('shop', 'app-uploads', '10Gi');
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => jest.restoreAllMocks());

const run = async (config: Config, seconds = 60): Promise<void> => grow(config, await checkStored(config), seconds);
const sizes = () => [...cluster.claims.values()].map(({ spec }) => spec.resources.requests.storage);
const templates = () =>
  [...cluster.sets.values()].map(({ spec }) => spec.volumeClaimTemplates[0]?.spec.resources.requests.storage);

test('volumes that are as configured are left alone, in any unit', async () => {
  await run(sized('10240Mi'));
  expect(cluster.changes).toEqual([]);
});

test('every claim grows first, then each StatefulSet is made again without its pods', async () => {
  const pods = structuredClone(cluster.pods);
  await run(sized('20Gi'));
  expect(sizes()).toEqual(Array(6).fill('20Gi'));
  expect(templates()).toEqual(['20Gi', '20Gi', '20Gi']);
  expect(cluster.changes.slice(0, 6).every((change) => change.startsWith('patch pvc '))).toBe(true);
  expect(cluster.changes.slice(6)).toEqual(
    ['database', 'monitoring-service', 'alertmanager'].flatMap((name) => [
      `delete statefulset ${name}`,
      `apply ${name}`,
    ]),
  );
  expect(cluster.pods).toEqual(pods);
});

test('a StatefulSet is made again as it was, but for the size and what the API server had added', async () => {
  const before = structuredClone(cluster.sets.get('database'));
  await run(sized('20Gi'));
  const after = cluster.sets.get('database');
  expect(after?.spec.template).toEqual(before?.spec.template);
  expect(after?.metadata).toEqual({ name: 'database', namespace: 'shop', annotations: {} });
  expect(after?.spec.volumeClaimTemplates[0]).toMatchObject({
    apiVersion: 'v1',
    metadata: { name: 'data' },
    spec: { storageClassName: 'grows' },
  });
});

/** As many changes as all volumes take: six claims, and two for each of three StatefulSets. */
const CHANGES = 12;
test.each(
  Array.from({ length: CHANGES }, (_, i) => i + 1).flatMap((change) => [
    [change, 'before' as const],
    [change, 'after' as const],
  ]) as [number, 'before' | 'after'][],
)('killed at change %d, %s it happened, it ends right when it runs again', async (change, when) => {
  cluster.killedAt = { change, when };
  await expect(run(sized('20Gi'))).rejects.toThrow('killed');
  cluster.killedAt = undefined;
  await run(sized('20Gi'));
  // what it deleted and did not make again is made by the manifests, which are applied next
  const left = ['database', 'monitoring-service', 'alertmanager'].filter((name) => cluster.sets.has(name));
  expect(left.length).toBeGreaterThanOrEqual(2);
  expect(sizes()).toEqual(Array(6).fill('20Gi'));
  expect(templates()).toEqual(left.map(() => '20Gi'));
  expect(cluster.pods.size).toBe(6);
});

test('a run that was killed while volumes grew waits for them before it touches a StatefulSet', async () => {
  cluster.driver = () => undefined;
  await expect(run(sized('20Gi'), 0)).rejects.toThrow(/not grown within 0 s.*data-database-0: 20Gi, has 10Gi/);
  expect(cluster.changes.filter((change) => !change.startsWith('patch'))).toEqual([]);
  await expect(run(sized('20Gi'), 0)).rejects.toThrow(/not grown/);
  expect(cluster.changes).toHaveLength(6);
});

test('a filesystem that grows with the next mount is waited for only where a pod has it mounted', async () => {
  cluster.driver = (claim) => {
    const pending = { type: 'FileSystemResizePending', status: 'True' };
    claim.status = { ...claim.status, conditions: [pending] } as never;
  };
  await expect(run(sized('20Gi'), 0)).rejects.toThrow(/FileSystemResizePending/);
  cluster.pods.clear();
  await run(sized('20Gi'));
  expect(templates()).toEqual(['20Gi', '20Gi', '20Gi']);
});

test('a driver that calls the size infeasible ends it at once, with what it said', async () => {
  cluster.driver = (claim) => {
    claim.status = {
      ...claim.status,
      allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' },
      conditions: [{ type: 'ControllerResizeError', status: 'True', message: 'quota of 15Gi' }],
    } as never;
  };
  await expect(run(sized('20Gi'))).rejects.toThrow(
    /cannot make .*: 20Gi, has 10Gi \(ControllerResizeError: quota of 15Gi\)/,
  );
});

test('a size that a driver could not reach is taken back to one above what the volume has', async () => {
  const { driver } = cluster;
  cluster.driver = () => undefined;
  await expect(run(sized('100Gi'), 0)).rejects.toThrow('not grown');
  const growth = await checkStored(sized('15Gi'));
  cluster.driver = driver;
  await grow(sized('15Gi'), growth, 60);
  expect(sizes()).toEqual(Array(6).fill('15Gi'));
});

test('what a quota refuses changes no claim, not even the first', async () => {
  cluster.refusal = 'exceeded quota: storage';
  await expect(run(sized('20Gi'))).rejects.toThrow('exceeded quota');
  expect(cluster.changes).toEqual([]);
});

describe('refused before anything is applied, one line for each setting:', () => {
  const faults = async (config: Config): Promise<string[]> => {
    const { message } = (await checkStored(config).then(
      () => new Error('no fault'),
      (error: Error) => error,
    )) as Error;
    expect(cluster.changes).toEqual([]);
    return message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  };
  const paths = [
    'database.storage',
    'monitoring.services[0].storage',
    'monitoring.services[0].alertmanager.storage',
    'backup.store.storage',
    'app.volumes.uploads',
  ];

  test('a smaller size', async () => {
    const lines = await faults(sized('5Gi'));
    expect(lines.map((line) => line.split(':')[0])).toEqual(paths.map((path) => `${path}.size`));
    expect(lines[0]).toMatch(/must be at least 10Gi, got "5Gi"; a volume does not shrink \(claim data-database-0\)/);
  });

  test('a larger size, where the class does not expand', async () => {
    cluster.classes[0] = { metadata: { name: 'grows' }, allowVolumeExpansion: false };
    const lines = await faults(sized('20Gi'));
    expect(lines.map((line) => line.split(':')[0])).toEqual(paths.map((path) => `${path}.size`));
    expect(lines[0]).toMatch(/must stay 10Gi, got "20Gi"; the StorageClass "grows" of claim data-database-0 does not/);
  });

  test('a larger size, where the class is gone, or there never was one', async () => {
    cluster.classes.length = 0;
    expect((await faults(sized('20Gi')))[0]).toMatch(/the StorageClass "grows" of claim data-database-0 is gone/);
    for (const claim of cluster.claims.values()) claim.spec = { ...claim.spec, storageClassName: '' };
    expect((await faults(sized('20Gi')))[0]).toMatch(/a volume of no StorageClass/);
  });

  test('another class', async () => {
    const lines = await faults(sized('10Gi', { storageClassName: 'other' }));
    expect(lines.map((line) => line.split(':')[0])).toEqual(paths.map((path) => `${path}.storageClassName`));
    expect(lines[0]).toMatch(/must stay "grows", got "other"/);
  });

  test('another size, while a claim waits for its volume', async () => {
    cluster.driver = () => undefined;
    for (const claim of cluster.claims.values()) claim.status = { phase: 'Pending' } as never;
    expect((await faults(sized('20Gi')))[0]).toMatch(/kubectl delete pvc data-database-0 -n shop/);
    expect((await faults(sized('5Gi')))[0]).toMatch(/must be at least/);
  });
});

test('an account that may not read classes leaves it to the API server', async () => {
  const { kubectl } = cluster;
  Object.assign(cluster, {
    kubectl: (args: string[], options: object) =>
      args[1] === 'storageclasses.storage.k8s.io' ? Promise.reject(new Error('Forbidden')) : kubectl(args, options),
  });
  await run(sized('20Gi'));
  expect(sizes()).toEqual(Array(6).fill('20Gi'));
});

test('claims of others, claims that go, and a claim that the operator made are left alone', async () => {
  cluster.addClaim('shop', 'data-database-old', '1Gi');
  cluster.addClaim('shop', 'data-database-0-copy', '1Gi');
  const going = cluster.addClaim('shop', 'data-database-2', '1Gi');
  going.metadata = { ...going.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
  await run(sized('20Gi'));
  expect(sizes().slice(6)).toEqual(['1Gi', '1Gi', '1Gi']);
});
