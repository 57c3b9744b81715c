import { Testing } from 'cdk8s';
import { BackupChart, hasBackup } from '../../charts/backup';
import { uidOf } from '../../charts/topology';
import type { Config } from '../../config';
import { configOf } from '../support/configs';
import { synthesize } from '../support/manifests';

const CLAIM = { store: { type: 'claim' } };
const S3 = { store: { type: 's3', endpoint: 'https://s3.example.org', bucket: 'site-backups', prefix: 'shop/' } };

const volume = (settings: object) => ({ path: '/srv/files', accessMode: 'ReadWriteMany', ...settings });
const VOLUMES = {
  app: { user: 1000, volumes: { uploads: volume({}), cache: volume({ path: '/srv/cache', backup: false }) } },
};

// biome-ignore lint/suspicious/noExplicitAny: manifests, read at many depths
type Node = any;

function manifestsOf(config: Config): Node[] {
  if (!hasBackup(config)) throw new Error('has no section backup');
  return Testing.synth(new BackupChart(Testing.app(), config));
}
const chart = (backup: object, settings: object = {}): Node[] => manifestsOf(configOf({ backup, ...settings }));

const podOf = ({ spec }: Node): Node => (spec.jobTemplate?.spec ?? spec).template.spec;
const named = (manifests: readonly Node[], name: string): Node =>
  manifests.find(({ kind, metadata }) => kind !== 'ConfigMap' && metadata.name === name);
const settingsOf = (manifests: readonly Node[]): string =>
  manifests.find(({ kind }) => kind === 'ConfigMap').data['settings.sh'];

/** What each container of a workload runs, in their order. */
const programs = (workload: Node): string[] =>
  [...(podOf(workload).initContainers ?? []), ...podOf(workload).containers].map(
    ({ name, command }: Node) => `${name}: ${command.slice(1).join(' ').replaceAll('/etc/threewall/', '')}`,
  );

describe('the workloads', () => {
  test('are three CronJobs and the one pod that follows the binary logs', () => {
    const workloads = chart(CLAIM).filter(({ kind }) => /Job|Deployment/.test(kind));
    expect(workloads.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'CronJob backup',
      'CronJob backup-drill',
      'CronJob backup-restore',
      'Deployment backup-binlogs',
    ]);
  });

  test.each([
    ['backup', ['clone: clone.sh', 'store: store.sh', 'report: report.sh']],
    [
      'backup-drill',
      ['sums: sums.sh', 'fetch: fetch.sh', 'verify: scratch.sh drill', 'record: record.sh', 'report: report.sh'],
    ],
    ['backup-restore', ['fetch: fetch.sh', 'scratch: scratch.sh restore']],
    ['backup-binlogs', ['resume: resume.sh', 'stream: stream.sh', 'ship: ship.sh']],
  ])('%s does one step after the other', (name, steps) => {
    expect(programs(named(chart(CLAIM), name))).toEqual(steps);
  });

  test('store volumes of the app with steps of their own, where there are some', () => {
    const manifests = chart(S3, VOLUMES);
    expect(programs(named(manifests, 'backup-volumes'))).toEqual(['store: volumes-store.sh', 'report: report.sh']);
    expect(programs(named(manifests, 'backup-volumes-restore'))).toEqual([
      'fetch: volumes-fetch.sh',
      'swap: volumes-swap.sh',
    ]);
    expect(named(manifests, 'backup-volumes-restore').spec.suspend).toBe(true);
    expect(named(chart(S3), 'backup-volumes')).toBeUndefined();
  });

  test('a restore never runs by itself, and no job overlaps the last one', () => {
    const manifests = chart(CLAIM);
    expect(named(manifests, 'backup-restore').spec.suspend).toBe(true);
    for (const name of ['backup', 'backup-drill', 'backup-restore']) {
      expect(named(manifests, name).spec.concurrencyPolicy).toBe('Forbid');
      expect(podOf(named(manifests, name)).restartPolicy).toBe('Never');
    }
  });

  test('two pods never write to the repository of binary logs', () => {
    expect(named(chart(CLAIM), 'backup-binlogs').spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  });
});

describe('what a container reads', () => {
  const volumesOf = (workload: Node, container: string): Node[] => {
    const pod = podOf(workload);
    const { volumeMounts } = [...pod.initContainers, ...pod.containers].find(({ name }: Node) => name === container);
    return volumeMounts.map(({ name }: Node) => pod.volumes.find((volume: Node) => volume.name === name));
  };

  test('is the databases’ account or the password of the repositories, never both', () => {
    const manifests = chart(S3);
    const workloads = ['backup', 'backup-drill', 'backup-restore', 'backup-binlogs'].map((name) =>
      named(manifests, name),
    );
    const both = workloads.flatMap((workload) =>
      [...podOf(workload).initContainers, ...podOf(workload).containers]
        .filter(({ name }: Node) => {
          const names = volumesOf(workload, name).map((volume) => volume.name);
          return names.includes('key') && names.some((volume) => volume.startsWith('database'));
        })
        .map(({ name }: Node) => `${workload.metadata.name}/${name}`),
    );
    expect(both).toEqual([]);
    expect(volumesOf(named(manifests, 'backup'), 'clone').map(({ name }) => name)).toContain('database-user');
    expect(volumesOf(named(manifests, 'backup'), 'store').map(({ name }) => name)).toContain('key');
  });

  test('is memory for passwords, and a folder of the node for copies unless a class is named', () => {
    const work = (backup: object) =>
      podOf(named(chart({ ...CLAIM, ...backup }), 'backup')).volumes.find(({ name }: Node) => name === 'work');
    expect(work({ scratchSize: '3Gi' })).toEqual({ name: 'work', emptyDir: { sizeLimit: '3Gi' } });
    expect(work({ scratchSize: '3Gi', scratchStorageClassName: 'fast' }).ephemeral.volumeClaimTemplate.spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'fast',
      resources: { requests: { storage: '3Gi' } },
    });
  });
});

describe('a store', () => {
  test('of type claim keeps its pods on one node, others leave them free', () => {
    const affinity = (backup: object) => podOf(named(chart(backup), 'backup')).affinity?.podAffinity;
    expect(affinity(CLAIM)).toBeDefined();
    expect(affinity(S3)).toBeUndefined();
    expect(chart(S3).some(({ kind }) => kind === 'PersistentVolumeClaim')).toBe(false);
  });

  test('of any type has the users at hand that ssh asks for: another environment, which is restored from, may have one of SSH', () => {
    const users = chart(CLAIM, VOLUMES).find(({ kind }) => kind === 'ConfigMap').data.passwd;
    for (const uid of [uidOf('backup', configOf({})), 1000]) expect(users).toMatch(new RegExp(`^\\w+:x:${uid}:`, 'm'));
  });

  test('that forbids removal is noted as such', () => {
    expect(settingsOf(chart({ ...CLAIM, appendOnly: true }))).toContain("APPEND_ONLY='true'");
    expect(settingsOf(chart(CLAIM))).toContain("APPEND_ONLY='false'");
  });
});

test.each([
  [{ topology: 'group' }, 3, 'mysql_clone.so group_replication.so'],
  [{ replicas: 2 }, 3, 'mysql_clone.so semisync_source.so semisync_replica.so'],
])('a clone has the plugins of its donor, and knows every server: %j', (database, servers, plugins) => {
  const settings = settingsOf(chart(CLAIM, { database }));
  expect(settings).toContain(`PLUGINS='${plugins}'`);
  expect(/^HOSTS='(.*)'$/m.exec(settings)?.[1]?.split(' ')).toHaveLength(servers);
});

describe('volumes of the app', () => {
  const SINGLE = {
    app: { ...VOLUMES.app, replicas: 1, volumes: { uploads: volume({ accessMode: 'ReadWriteOnce' }) } },
  };
  const claimsOf = (workload: Node): Node[] =>
    podOf(workload).volumes.flatMap(({ persistentVolumeClaim }: Node) => persistentVolumeClaim ?? []);
  const mountsOf = (workload: Node): Node[] =>
    [...(podOf(workload).initContainers ?? []), ...podOf(workload).containers].flatMap(({ name, volumeMounts }: Node) =>
      volumeMounts
        .filter(({ name: mount }: Node) => mount.startsWith('volume-'))
        .map(({ mountPath, readOnly }: Node) => `${name} ${mountPath} ${readOnly ? 'read' : 'write'}`),
    );

  test('are read by a backup and written by a restore alone, and those that are left out by none', () => {
    const manifests = chart(CLAIM, VOLUMES);
    expect(claimsOf(named(manifests, 'backup-volumes'))).toEqual([
      { claimName: 'backups' },
      { claimName: 'app-uploads', readOnly: true },
    ]);
    expect(claimsOf(named(manifests, 'backup-volumes-restore'))).toEqual([
      { claimName: 'backups', readOnly: true },
      { claimName: 'app-uploads' },
    ]);
    expect(mountsOf(named(manifests, 'backup-volumes'))).toEqual(['store /volumes/uploads read']);
    expect(mountsOf(named(manifests, 'backup-volumes-restore'))).toEqual([
      'fetch /volumes/uploads write',
      'swap /volumes/uploads write',
    ]);
    expect(settingsOf(manifests)).toContain("VOLUMES='uploads'");
  });

  test('are in the hands of the app’s user; new files belong to the backups’ group in the store, to the app’s on a volume', () => {
    const manifests = chart(CLAIM, VOLUMES);
    expect(podOf(named(manifests, 'backup-volumes')).securityContext).toMatchObject({
      runAsUser: 1000,
      runAsGroup: 10107,
      fsGroup: 10107,
      supplementalGroups: [1000],
    });
    expect(podOf(named(manifests, 'backup-volumes-restore')).securityContext).toMatchObject({
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
      supplementalGroups: [10107],
    });
    expect(podOf(named(manifests, 'backup')).securityContext.runAsUser).toBe(10107);
  });

  const beside = (workload: Node, kind = 'required'): string[] =>
    (podOf(workload).affinity?.podAffinity?.[`${kind}DuringSchedulingIgnoredDuringExecution`] ?? []).map(
      ({ podAffinityTerm, ...term }: Node) =>
        (podAffinityTerm ?? term).labelSelector.matchLabels['app.kubernetes.io/component'],
    );

  test('that one node mounts are backed up there, and the databases wherever that is', () => {
    const single = chart(CLAIM, SINGLE);
    expect(beside(named(single, 'backup-volumes'))).toEqual(['app']);
    expect(beside(named(single, 'backup-volumes'), 'preferred')).toEqual(['backup']);
    expect(beside(named(single, 'backup-volumes-restore'))).toEqual(['app']);
    expect(beside(named(single, 'backup-binlogs'))).toEqual(['backup']);
    expect(beside(named(single, 'backup-binlogs'), 'preferred')).toEqual(['app']);
    // and the other way round, when a claim of the app is made anew
    const app = (backup: object, settings: object) =>
      synthesize(configOf({ backup, ...settings })).find(
        ({ kind, metadata }: Node) => kind === 'Deployment' && metadata.name === 'app',
      );
    expect(beside(app(CLAIM, SINGLE), 'preferred')).toEqual(['backup']);
    expect(beside(app(S3, SINGLE), 'preferred')).toEqual([]);
    expect(beside(app(CLAIM, VOLUMES), 'preferred')).toEqual([]);
    expect(beside(named(chart(S3, SINGLE), 'backup-volumes'))).toEqual(['app']);
    expect(beside(named(chart(S3, SINGLE), 'backup'))).toEqual([]);
    expect(beside(named(chart(S3, VOLUMES), 'backup-volumes'))).toEqual([]);
  });
});
