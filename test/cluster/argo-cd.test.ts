import { namespaceOf, selectorOf } from '../../charts/names';
import type { TierName } from '../../charts/topology';
import { selector } from '../../commands/cluster/kubectl';
import { argoCdTests, SOON } from './support/argo-cd-trial';
import { eventually } from './support/eventually';
import { config, kubectl, readyPods } from './support/kubectl';

const SITE = config.name;
const TIERS: readonly TierName[] = ['load-balancer', 'web', 'app', 'database'];
const BAD = 'docker.io/library/nginx:0.0.0-none';
/** Seconds within which Argo CD must undo a change by hand; a second or two are usual. */
const HEALED = 60;
const { given, trial } = argoCdTests();

const pods = async (): Promise<string[]> =>
  (await Promise.all(TIERS.map(readyPods))).flat().map(({ metadata }) => metadata.uid);

given(
  'the site of `up` is taken over without a restart',
  async () => {
    const { repository, application } = trial();
    const commit = await repository.commit('the site');
    const before = await pods();
    await trial().answers(60);
    await trial().survives('taken over from `up`', async () => {
      await trial().apply();
      await application.synced(commit, SOON);
      expect(await repository.npm('gitops', repository.environment, '--adopt')).toMatch(/: [1-9]\d* handed over/);
    });
    expect(await pods()).toEqual(before);
  },
  600_000,
);

given(
  '`up` and `down` refuse, and say what to do',
  async () => {
    const { repository, application } = trial();
    for (const command of ['up', 'down']) {
      const { code, output } = await repository.tryNpm(command, repository.environment);
      expect(output).toContain(`Argo CD applies this site (Application ${application.name})`);
      expect(code).toBe(2);
    }
  },
  120_000,
);

given(
  'a change by hand is undone',
  async () => {
    const objects = async (kind: string, tier: TierName): Promise<string[]> =>
      (
        await kubectl([
          ...['get', kind, '-n', namespaceOf(tier, config), '-l', selector(selectorOf(tier, config))],
          ...['-o', 'jsonpath={.items[*].metadata.name}'],
        ])
      ).split(' ');
    const healed = async (damage: readonly string[], name: string, read: () => Promise<string>): Promise<void> => {
      const before = await read();
      expect(before).not.toBe('');
      await kubectl([...damage, '-n', SITE]);
      await eventually(`${name} is undone`, HEALED, async () => (await read()) === before);
    };
    /** What takes nothing from a visitor. */
    const unseen = (name: string, damage: readonly string[], read: () => Promise<string>): Promise<void> =>
      trial().survives(`healed: ${name}`, () => healed(damage, name, read));
    const field = (kind: string, name: string, path: string) => () => trial().field(kind, name, path);

    const web = await trial().ready('deployment', 'web');
    await unseen(
      'number of pods',
      ['scale', 'deployment/web', `--replicas=${web + 1}`],
      field('deployment', 'web', '.spec.replicas'),
    );
    const [policy = ''] = await objects('networkpolicies.networking.k8s.io', 'database');
    // a policy that is gone permits nothing, so requests wait or fail until it is back
    await trial().lasts('healed: firewall deleted', () =>
      healed(
        ['delete', 'networkpolicy', policy],
        'firewall deleted',
        field('networkpolicy', policy, '.spec.podSelector'),
      ),
    );
    await unseen(
      'firewall opened',
      ['patch', 'networkpolicy', policy, '--type=merge', '-p', '{"spec":{"ingress":[{}]}}'],
      field('networkpolicy', policy, '.spec.ingress'),
    );
    const [file = ''] = await objects('configmaps', 'web');
    await unseen('file deleted', ['delete', 'configmap', file], field('configmap', file, '.data'));
  },
  400_000,
);

given(
  'a bad image leaves the site up, and its revert is applied by itself',
  async () => {
    const { repository, application } = trial();
    const image = '.spec.template.spec.containers[0].image';
    const good = await trial().field('deployment', 'web', image);
    await trial().survives('bad image of Nginx, and back', async () => {
      repository.edit((text) => `${text}\nimages: { nginx: "${BAD}" }\n`);
      await application.synced(await repository.commit('a bad image'), SOON);
      await eventually('a pod of the bad version is there', 60, async () =>
        (await kubectl(['get', 'pods', '-n', SITE, '-o', 'jsonpath={..image}'])).includes(BAD),
      );
      expect((await repository.tryNpm('status', repository.environment)).output).toMatch(
        /its new version starts|NOT READY/,
      );
      await application.healthy(repository.revert(), SOON);
      expect(await trial().field('deployment', 'web', image)).toBe(good);
    });
  },
  900_000,
);

given(
  '`up` has it back without a restart',
  async () => {
    const before = await pods();
    await trial().survives('handed back to `up`', () => trial().giveBack());
    expect(await pods()).toEqual(before);
  },
  600_000,
);
