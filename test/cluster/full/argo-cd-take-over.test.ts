import { argoCdTests, SOON } from '../support/argo-cd-trial';
import { eventually } from '../support/eventually';
import { kubectl } from '../support/kubectl';

const SITE = 'argotakeover';
const SERVERS = 'app.kubernetes.io/component in (load-balancer,web,app,database)';
const { given, trial } = argoCdTests(SITE);

const pods = (): Promise<string> =>
  kubectl(['get', 'pods', '-n', SITE, '-l', SERVERS, '-o', 'jsonpath={..metadata.uid}']);

given(
  'a site of `up` is taken over without a restart, and a field that a commit removes goes',
  async () => {
    const { repository, application } = trial();
    const first = await repository.commit('the site');
    await repository.npm('up', 'development');
    await trial().answers(60);
    const before = await pods();
    await trial().survives('taken over from `up`', async () => {
      await trial().apply();
      await application.synced(first, SOON);
      expect(await repository.npm('gitops', 'development', '--adopt')).toMatch(/: [1-9]\d* handed over to Argo CD/);
      expect(await repository.npm('gitops', 'development', '--adopt')).toMatch(/: 0 handed over/);
      expect(await pods()).toBe(before);
    });
    await trial().survives('a field removed: collectLogs false', async () => {
      repository.edit((text) => text.replace(/^monitoring:$/m, 'monitoring:\n  collectLogs: false'));
      await application.healthy(await repository.commit('no logs'), SOON);
      const volumes = '.spec.template.spec.volumes';
      expect(await trial().field('daemonset', 'collector', volumes, `${SITE}-monitoring`)).not.toContain('hostPath');
    });
  },
  1_800_000,
);

given(
  'and `up` has it back when the Application is gone and the fields are released',
  async () => {
    const { repository, application } = trial();
    const before = await pods();
    await trial().survives('handed back to `up`', async () => {
      await application.leave();
      expect((await repository.tryNpm('up', 'development')).code).toBe(2);
      expect(await repository.npm('gitops', 'development', '--release')).toMatch(/: [1-9]\d* handed over to `up`/);
      await repository.npm('up', 'development');
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
