import { absence } from '../support/argo-cd';
import { ArgoCdTrial, SOON } from '../support/argo-cd-trial';
import { eventually } from '../support/eventually';
import { kubectl } from '../support/kubectl';
import { table } from '../support/table';

const reason = absence();
if (reason) console.log(`Argo CD is not tried: ${reason}`);
const given = reason ? test.skip : test;

const SITE = 'argotrial';
const WEB = 'app.kubernetes.io/component=web';

let trial: ArgoCdTrial;
beforeAll(() => {
  if (!reason) trial = new ArgoCdTrial(SITE);
}, 120_000);
afterAll(async () => {
  if (reason) return;
  console.log(table(trial.rows));
  await trial.end();
}, 900_000);

const uidsOf = (kinds: string): Promise<string> =>
  kubectl(['get', kinds, '-n', SITE, '-o', 'jsonpath={..metadata.uid}']);

given(
  'makes the site from nothing, with the Secrets that were made before',
  async () => {
    const commit = trial.repository.commit('the site');
    trial.repository.npm('secrets', 'development');
    await trial.apply();
    await trial.answers(600);
    await trial.application.healthy(commit, 600);
  },
  1_300_000,
);

given('`up` and `down` refuse, and say what to do', () => {
  for (const command of ['up', 'down']) {
    const { code, output } = trial.repository.tryNpm(command, 'development');
    expect(output).toContain(`Argo CD applies this site (Application ${trial.application.name})`);
    expect(code).toBe(2);
  }
});

given('a firewall policy of somebody else is told by Argo CD and by `status`', async () => {
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'allow-all', namespace: SITE },
    spec: { podSelector: {}, ingress: [{}], policyTypes: ['Ingress'] },
  };
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify(policy) });
  try {
    const { code, output } = trial.repository.tryNpm('status', 'development');
    expect(output).toContain(`NetworkPolicy ${SITE}/allow-all`);
    expect(code).toBe(1);
    await trial.application.refresh();
    await eventually('Argo CD warns', 60, async () =>
      (await trial.application.status()).conditions?.some(({ type }) => type === 'OrphanedResourceWarning'),
    );
  } finally {
    await kubectl(['delete', 'networkpolicy', 'allow-all', '-n', SITE]);
  }
});

given.each([
  ['nginx', 'deployment', 'web', 'docker.io/library/nginx:0.0.0-none'],
  ['mysql', 'statefulset', 'database', 'docker.io/library/mysql:0.0.0-none'],
])(
  'a bad image of %s leaves the site up, and its revert is applied by itself',
  async (name, kind, workload, bad) => {
    const { repository, application } = trial;
    const wanted = await trial.ready(kind, workload);
    await trial.survives(`bad image of ${name}, and back`, async () => {
      repository.edit((text) => `${text}\nimages: { ${name}: "${bad}" }\n`);
      await application.synced(repository.commit(`a bad ${name}`), SOON);
      await eventually('a pod of the bad version is there', 60, async () =>
        (await kubectl(['get', 'pods', '-n', SITE, '-o', 'jsonpath={..image}'])).includes(bad),
      );
      expect(repository.tryNpm('status', 'development').output).toMatch(/NOT READY|its new version starts/);
      await application.healthy(repository.revert(), SOON);
      expect(await trial.ready(kind, workload)).toBe(wanted);
    });
  },
  900_000,
);

given(
  'a bad file leaves the site up, and an old pod that dies meanwhile comes back',
  async () => {
    const { repository, application } = trial;
    const wanted = await trial.ready('deployment', 'web');
    const [old = ''] = (await kubectl(['get', 'pods', '-n', SITE, '-l', WEB, '-o', 'name'])).split('\n');
    await trial.survives('bad file, an old pod deleted, and back', async () => {
      repository.edit(
        (text) => text.replace('  worker_connections', '  worker_conections'),
        'charts/web/nginx-conf.ts',
      );
      repository.commit('a typing error');
      await application.refresh();
      await eventually('the new version hangs', SOON, async () => {
        return (await trial.field('deployment', 'web', '.status.unavailableReplicas')) === '1';
      });
      await kubectl(['delete', '-n', SITE, old]);
      await eventually('an old pod is back', 120, async () => (await trial.ready('deployment', 'web')) === wanted);
      // Argo CD gives the rollout three minutes
      await application.healthy(repository.revert(), SOON + 180);
    });
  },
  900_000,
);

given(
  'an autoscaler takes over without a pod less, and without a lasting difference',
  async () => {
    const { repository, application } = trial;
    const wanted = await trial.ready('deployment', 'web');
    await trial.survives('autoscaler switched on', async () => {
      const aims = `{ minReplicas: ${wanted}, maxReplicas: ${wanted + 1}, cpuPercent: 2000 }`;
      repository.edit((text) => `${text}\nweb: { autoscaling: ${aims} }\n`);
      await trial.apply();
      let fewest = wanted;
      const watch = setInterval(() => {
        void trial.field('deployment', 'web', '.spec.replicas').then((n) => {
          fewest = Math.min(fewest, Number.parseInt(n, 10));
        });
      }, 1000);
      try {
        await application.synced(repository.commit('an autoscaler'), SOON);
        await eventually('the autoscaler is there', 60, async () =>
          trial.field('horizontalpodautoscaler', 'web', '.metadata.uid'),
        );
      } finally {
        clearInterval(watch);
      }
      expect(fewest).toBe(wanted);
    });
  },
  600_000,
);

given(
  'the backups stay when the section backup goes',
  async () => {
    const { repository, application } = trial;
    const uid = await trial.field('persistentvolumeclaim', 'backups', '.metadata.uid');
    expect(uid).not.toBe('');
    await trial.survives('section backup removed, and back', async () => {
      repository.edit((text) => text.replace(/^backup:\n(?: .*\n)+/m, ''));
      await application.synced(repository.commit('no backups'), SOON);
      await eventually('the jobs go', 60, async () => (await trial.field('cronjob', 'backup', '.metadata.uid')) === '');
      expect(await trial.field('persistentvolumeclaim', 'backups', '.metadata.uid')).toBe(uid);
      await application.synced(repository.revert(), SOON);
      expect(await trial.field('persistentvolumeclaim', 'backups', '.metadata.uid')).toBe(uid);
    });
  },
  900_000,
);

given(
  'data stays when the Application is deleted, and the same Application brings the site back',
  async () => {
    const text = 'before the deletion';
    expect((await (await trial.answers(60)).post('/messages', { text })).status).toBe(201);
    const kept = await uidsOf('persistentvolumeclaims,secrets');
    await trial.application.remove(300);
    await eventually('the workloads are gone', 120, async () => (await uidsOf('deployments,statefulsets,pods')) === '');
    expect(await uidsOf('persistentvolumeclaims,secrets')).toBe(kept);
    await trial.apply();
    const visitor = await trial.answers(400);
    expect((await visitor.get('/messages?after=0&limit=1000&consistent=1')).body).toContain(text);
  },
  1_200_000,
);
