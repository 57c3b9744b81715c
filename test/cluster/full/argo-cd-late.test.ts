import { argoCdTests, SOON } from '../support/argo-cd-trial';
import { eventually } from '../support/eventually';
import { kubectl } from '../support/kubectl';

const SITE = 'argolate';
const { given, trial } = argoCdTests(SITE);

const all = async (kinds: string, path: string): Promise<string[]> =>
  (await kubectl(['get', kinds, '-n', SITE, '-o', `jsonpath={.items[*]${path}}`])).split(' ').filter(Boolean);

given(
  'makes the site where no address comes, with Secrets that are made later',
  async () => {
    const { repository, application } = trial();
    repository.edit((text) => `${text}\nloadBalancer: { service: { class: example.org/unknown } }\n`);
    const first = await repository.commit('the site');
    await trial().apply();
    await trial().lasts('applied, without a Secret', () => application.synced(first, SOON));
    expect(await all('pods', '.status.containerStatuses[?(@.ready==true)].name')).toEqual([]);
    await repository.npm('secrets', 'development');
    await trial().lasts('Secrets made, until all tiers are ready', () =>
      eventually('every tier is ready', 400, async () => {
        const wanted = await all('deployments,statefulsets', '.spec.replicas');
        return (await all('deployments,statefulsets', '.status.readyReplicas')).join() === wanted.join();
      }),
    );
  },
  900_000,
);

given(
  'applies later commits all the same, and never calls the site Healthy',
  async () => {
    const { repository, application } = trial();
    repository.edit((text) => text.replace('retention: 3d', 'retention: 4d'));
    await application.synced(await repository.commit('a later commit'), SOON);
    expect((await application.status()).health?.status).toBe('Progressing');
    expect(await trial().field('service', 'load-balancer', '.status.loadBalancer.ingress')).toBe('');
  },
  600_000,
);
