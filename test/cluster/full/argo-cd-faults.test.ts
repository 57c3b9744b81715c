import { list } from '../../../commands/cluster/kubectl';
import { argoCdTests, SOON } from '../support/argo-cd-trial';
import { eventually } from '../support/eventually';
import { isReady, kubectl, type Pod } from '../support/kubectl';

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
        await kubectl(['delete', '-n', SITE, old, '--wait=false']);
        // pods that are being deleted are not ready any more
        await eventually('an old pod is back', 120, async () => {
          const web = await list<Pod>('pods', SITE, { 'app.kubernetes.io/component': 'web' });
          return web.filter(isReady).length === wanted;
        });
      },
      SOON,
    );
  },
  900_000,
);

given(
  "a backup's Job whose pod starts after a commit has what it mounts",
  async () => {
    const { repository, application } = trial();
    const [cronJob = ''] = (await kubectl(['get', 'cronjobs', '-n', SITE, '-l', BACKUP, '-o', 'name'])).split('\n');
    const made = ['create', 'job', 'second-try', '-n', SITE, `--from=${cronJob}`, '--dry-run=client', '-o', 'json'];
    const job = JSON.parse(await kubectl(made)) as { spec: object };
    const suspended = { ...job, spec: { ...job.spec, suspend: true } };
    await kubectl(['apply', '-f', '-'], { input: JSON.stringify(suspended) });
    await trial().survives('a file of the backups changes while a Job waits', async () => {
      repository.edit((text) => text.replace('retentionDays: 3', 'retentionDays: 4'));
      await application.healthy(await repository.commit('other files of the backups'), SOON);
    });
    await kubectl(['patch', 'job', 'second-try', '-n', SITE, '--type=merge', '-p', '{"spec":{"suspend":false}}']);
    const pods = ['get', 'pods', '-n', SITE, '-l', 'batch.kubernetes.io/job-name=second-try'];
    // an init container runs when everything is mounted
    const began = '{.items[*].status.initContainerStatuses[*].state.*.startedAt}';
    await eventually(
      'its pod has what it mounts',
      120,
      async () => (await kubectl([...pods, '-o', `jsonpath=${began}`])).trim() !== '',
    );
    await kubectl(['delete', 'job', 'second-try', '-n', SITE]);
    await application.healthy(repository.revert(), SOON);
    // takes away only what nothing uses, which git does not have either
    await repository.npm('gitops', 'development', '--prune');
    await application.stays('Synced', 20);
  },
  900_000,
);
