import { argoCdTests, SOON } from '../support/argo-cd-trial';
import { eventually } from '../support/eventually';
import { kubectl } from '../support/kubectl';

const SITE = 'argotrial';
const { given, trial } = argoCdTests(SITE);

const uidsOf = (kinds: string): Promise<string> =>
  kubectl(['get', kinds, '-n', SITE, '-o', 'jsonpath={..metadata.uid}']);

given(
  'makes the site from nothing, with the Secrets that were made before',
  async () => {
    const { repository, application } = trial();
    const commit = await repository.commit('the site');
    await repository.npm('secrets', 'development');
    await trial().lasts('from nothing until it answers', async () => {
      await trial().apply();
      await trial().answers(600);
    });
    await application.healthy(commit, 600);
  },
  1_300_000,
);

given('`up` and `down` refuse, and say what to do', async () => {
  const { repository, application } = trial();
  for (const command of ['up', 'down']) {
    const { code, output } = await repository.tryNpm(command, 'development');
    expect(output).toContain(`Argo CD applies this site (Application ${application.name})`);
    expect(code).toBe(2);
  }
});

given('a foreign firewall policy is reported by Argo CD and by `status`', async () => {
  const { repository, application } = trial();
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'allow-all', namespace: SITE },
    spec: { podSelector: {}, ingress: [{}], policyTypes: ['Ingress'] },
  };
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify(policy) });
  try {
    const { code, output } = await repository.tryNpm('status', 'development');
    expect(output).toContain(`NetworkPolicy ${SITE}/allow-all`);
    expect(code).toBe(1);
    await application.refresh();
    await eventually('Argo CD warns', 60, async () =>
      (await application.status()).conditions?.some(({ type }) => type === 'OrphanedResourceWarning'),
    );
  } finally {
    await kubectl(['delete', 'networkpolicy', 'allow-all', '-n', SITE]);
  }
});

given(
  'a version of the code comes and goes back',
  async () => {
    const { repository, application } = trial();
    const visitor = await trial().answers(60);
    // pods of the other version answer until web servers have left them
    const reads = (text: string): Promise<unknown> =>
      eventually(`visitors read "${text}"`, 30, async () => (await visitor.get('/')).body.includes(text));
    await trial().survives('a version of the code', async () => {
      repository.edit((text) => text.replace('Leave a message', 'Leave a line'), 'site/page.ts');
      await application.healthy(await repository.commit('other words'), SOON);
      await reads('Leave a line');
    });
    await trial().survives('and back', async () => {
      await application.healthy(repository.revert(), SOON);
      await reads('Leave a message');
    });
  },
  900_000,
);

given(
  'an autoscaler takes over without a pod less, and without a lasting difference',
  async () => {
    const { repository, application } = trial();
    const wanted = await trial().ready('deployment', 'web');
    await trial().survives('autoscaler switched on', async () => {
      const aims = `{ minReplicas: ${wanted}, maxReplicas: ${wanted + 1}, cpuPercent: 2000 }`;
      repository.edit((text) => `${text}\nweb: { autoscaling: ${aims} }\n`);
      await trial().apply();
      let fewest = wanted;
      const watch = setInterval(() => {
        void trial()
          .field('deployment', 'web', '.spec.replicas')
          .then((n) => {
            fewest = Math.min(fewest, Number.parseInt(n, 10));
          });
      }, 1000);
      try {
        await application.synced(await repository.commit('an autoscaler'), SOON);
        await eventually(
          'the autoscaler is there',
          60,
          async () => (await trial().field('horizontalpodautoscaler', 'web', '.metadata.uid')) !== '',
        );
        await kubectl(['scale', 'deployment/web', '-n', SITE, `--replicas=${wanted + 1}`]);
        await application.stays('Synced', 20);
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
    const { repository, application } = trial();
    const backups = ['-n', SITE, '-l', 'app.kubernetes.io/component=backup'];
    const uids = (kind: string) => kubectl(['get', kind, ...backups, '-o', 'jsonpath={..metadata.uid}']);
    const before = await uids('persistentvolumeclaims');
    expect(before).not.toBe('');
    await trial().survives('section backup removed, and back', async () => {
      repository.edit((text) => text.replace(/^backup:\n(?: .*\n)+/m, ''));
      await application.synced(await repository.commit('no backups'), SOON);
      await eventually('the jobs go', 60, async () => (await uids('cronjobs')) === '');
      expect(await uids('persistentvolumeclaims')).toBe(before);
      await application.synced(repository.revert(), SOON);
      expect(await uids('persistentvolumeclaims')).toBe(before);
      expect(await uids('cronjobs')).not.toBe('');
    });
  },
  900_000,
);

given(
  'data stays when the Application is deleted, and the same Application brings the site back',
  async () => {
    const text = 'before the deletion';
    expect((await (await trial().answers(60)).post('/messages', { text })).status).toBe(201);
    const kept = await uidsOf('persistentvolumeclaims,secrets');
    await trial().application.remove(300);
    await eventually('the workloads are gone', 120, async () => (await uidsOf('deployments,statefulsets,pods')) === '');
    expect(await uidsOf('persistentvolumeclaims,secrets')).toBe(kept);
    await trial().lasts('Application deleted and made again, until it answers', async () => {
      await trial().apply();
      const visitor = await trial().answers(400);
      expect((await visitor.get('/messages?after=0&limit=1000&consistent=1')).body).toContain(text);
    });
  },
  1_200_000,
);
