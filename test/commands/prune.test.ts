import { HOLDS_DATA } from '../../charts/gitops';
import { earlierOf, PRUNED } from '../../commands/up/prune';

const policy = (name: string, namespace = 'shop') => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
});

test('a policy that is no longer declared is one of an earlier version, wherever its name is declared as well', () => {
  const found = [policy('web'), policy('gone'), policy('web', 'elsewhere')];
  expect(earlierOf(found, [policy('web')])).toEqual([policy('gone'), policy('web', 'elsewhere')]);
});

test('nothing is of an earlier version right after it was applied', () => {
  expect(earlierOf([policy('web')], [policy('web'), policy('app')])).toEqual([]);
});

test('nothing that holds data is ever of an earlier version', () => {
  const plural = (kind: string) => `${kind.toLowerCase()}s`;
  const pruned = PRUNED.map((kind) => kind.split('.')[0]);
  expect(pruned).toContain(plural('StatefulSet'));
  expect(HOLDS_DATA.map(plural).filter((kind) => pruned.includes(kind))).toEqual([]);
});
