import { argoCdTests, SOON } from '../support/argo-cd-trial';
import { eventually } from '../support/eventually';
import { kubectl } from '../support/kubectl';

const SITE = 'argofaults';
const WEB = 'app.kubernetes.io/component=web';
const BACKUP = 'app.kubernetes.io/component=backup';
const { given, trial } = argoCdTests(SITE);

given(
  'makes the site',
  async () => {
    const { repository, application } = trial();
    const commit = await repository.commit('the site');
    await repository.npm('secrets', 'development');
    await trial().apply();
    await trial().answers(600);
    await application.healthy(commit, 600);
  },
  1_300_000,
);

given.each([
  ['nginx', 'deployment', 'web', 'docker.io/library/nginx:0.0.0-none'],
  ['node', 'deployment', 'app', 'docker.io/library/node:0.0.0-none'],
  ['mysql', 'statefulset', 'database', 'docker.io/library/mysql:0.0.0-none'],
])(
  'a bad image of %s leaves the site up, and its revert is applied by itself',
  async (name, kind, workload, bad) => {
    const { repository } = trial();
    const image = '.spec.template.spec.containers[0].image';
    const wanted = await trial().ready(kind, workload);
    const good = await trial().field(kind, workload, image);
    await trial().recovers(
      `bad image of ${name}`,
      () => repository.edit((text) => `${text}\nimages: { ${name}: "${bad}" }\n`),
      async () => {
        await eventually('a pod of the bad version is there', 60, async () =>
          (await kubectl(['get', 'pods', '-n', SITE, '-o', 'jsonpath={..image}'])).includes(bad),
        );
        expect((await repository.tryNpm('status', 'development')).output).toMatch(/NOT READY|its new version starts/);
      },
      SOON,
    );
    expect(await trial().ready(kind, workload)).toBe(wanted);
    expect(await trial().field(kind, workload, image)).toBe(good);
  },
  900_000,
);

given(
  'a bad file leaves the site up, and an old pod that dies meanwhile comes back',
  async () => {
    const { repository } = trial();
    const wanted = await trial().ready('deployment', 'web');
    const [old = ''] = (await kubectl(['get', 'pods', '-n', SITE, '-l', WEB, '-o', 'name'])).split('\n');
    await trial().recovers(
      'bad file, an old pod deleted',
      () =>
        repository.edit(
          (text) => text.replace('  worker_connections', '  worker_conections'),
          'charts/web/nginx-conf.ts',
        ),
      async () => {
        await eventually(
          'the new version hangs',
          60,
          async () => (await trial().field('deployment', 'web', '.status.unavailableReplicas')) === '1',
        );
        await kubectl(['delete', '-n', SITE, old]);
        await eventually('an old pod is back', 120, async () => (await trial().ready('deployment', 'web')) === wanted);
      },
      // Argo CD gives the rollout three minutes
      SOON + 180,
    );
  },
  900_000,
);

given(
  "a backup's Job that is tried again after a commit has what it mounts",
  async () => {
    const { repository, application } = trial();
    const [cronJob = ''] = (await kubectl(['get', 'cronjobs', '-n', SITE, '-l', BACKUP, '-o', 'name'])).split('\n');
    await kubectl(['create', 'job', 'second-try', '-n', SITE, `--from=${cronJob}`]);
    const pods = ['pods', '-n', SITE, '-l', 'batch.kubernetes.io/job-name=second-try'];
    const uids = async (more: readonly string[] = []): Promise<string[]> =>
      (await kubectl(['get', ...pods, ...more, '-o', 'jsonpath={..metadata.uid}'])).split(' ').filter(Boolean);
    await eventually('its pod is there', 60, async () => (await uids()).length > 0);
    const first = await uids();
    await trial().survives('a file of the backups changes while a Job runs', async () => {
      repository.edit((text) => text.replace('retentionDays: 3', 'retentionDays: 4'));
      await application.synced(await repository.commit('other files of the backups'), SOON);
    });
    await kubectl(['delete', ...pods, '--grace-period=0', '--force']);
    await eventually('another pod of the Job has started', 120, async () =>
      (await uids(['--field-selector=status.phase!=Pending'])).some((uid) => !first.includes(uid)),
    );
    await kubectl(['delete', 'job', 'second-try', '-n', SITE]);
    await application.healthy(repository.revert(), SOON);
  },
  900_000,
);
