import { absence } from '../support/argo-cd';
import { ArgoCdTrial, SOON } from '../support/argo-cd-trial';
import { eventually } from '../support/eventually';
import { kubectl } from '../support/kubectl';
import { table } from '../support/table';

const reason = absence();
if (reason) console.log(`the take-over by Argo CD is not tried: ${reason}`);
const given = reason ? test.skip : test;

const SITE = 'argotakeover';
const SERVERS = 'app.kubernetes.io/component in (load-balancer,web,app,database)';

let trial: ArgoCdTrial;
beforeAll(() => {
  if (!reason) trial = new ArgoCdTrial(SITE);
}, 120_000);
afterAll(async () => {
  if (reason) return;
  console.log(table(trial.rows));
  await trial.end();
}, 900_000);

const pods = (): Promise<string> =>
  kubectl(['get', 'pods', '-n', SITE, '-l', SERVERS, '-o', 'jsonpath={..metadata.uid}']);

given(
  'a site of `up` is taken over without a restart, and a field that a commit removes goes',
  async () => {
    const { repository, application } = trial;
    const first = repository.commit('the site');
    repository.npm('up', 'development');
    await trial.answers(60);
    const before = await pods();
    await trial.survives('taken over from `up`', async () => {
      await trial.apply();
      await application.synced(first, SOON);
      expect(repository.npm('gitops', 'development', '--adopt')).toMatch(/: [1-9]\d* handed over to Argo CD/);
      expect(repository.npm('gitops', 'development', '--adopt')).toMatch(/: 0 handed over/);
      expect(await pods()).toBe(before);
    });
    await trial.survives('a field removed: collectLogs false', async () => {
      repository.edit((text) => text.replace(/^monitoring:$/m, 'monitoring:\n  collectLogs: false'));
      await application.healthy(repository.commit('no logs'), SOON);
      const volumes = '.spec.template.spec.volumes';
      expect(await trial.field('daemonset', 'collector', volumes, `${SITE}-monitoring`)).not.toContain('hostPath');
    });
  },
  1_800_000,
);

given(
  'and `up` has it back when the Application is gone and the fields are released',
  async () => {
    const { repository, application } = trial;
    const before = await pods();
    await trial.survives('handed back to `up`', async () => {
      await application.leave();
      expect(repository.tryNpm('up', 'development').code).toBe(2);
      expect(repository.npm('gitops', 'development', '--release')).toMatch(/: [1-9]\d* handed over to `up`/);
      repository.npm('up', 'development');
      expect(await pods()).toBe(before);
    });
    await eventually(
      'no mark is left',
      10,
      async () =>
        !(await kubectl(['get', 'deployments,networkpolicies', '-n', SITE, '-o', 'json'])).includes('tracking-id'),
    );
  },
  900_000,
);
