import { kubectl, list } from '../../commands/cluster/kubectl';
import { idFor, labelsOf, refuseTwo } from '../../commands/restore/begin';

jest.mock('../../commands/cluster/kubectl', () => ({
  ...jest.requireActual('../../commands/cluster/kubectl'),
  list: jest.fn(),
  kubectl: jest.fn(),
}));

const AT = '2026-03-31T11:59:59.123456Z';
const labelOf = (from?: string, only?: string): string => Object.values(labelsOf({ at: AT, from, only }))[0] ?? '';
/** Jobs that run. */
const jobs = (...found: readonly (readonly [name: string, wish: Parameters<typeof labelsOf>[0]])[]): void => {
  jest
    .mocked(list)
    .mockResolvedValue(found.map(([name, wish]) => ({ metadata: { name, labels: labelsOf(wish) }, status: {} })));
};
beforeEach(() => jest.mocked(kubectl as jest.Mock).mockReset());

test.each([
  [undefined, undefined, '2026-03-31t11-59-59.123456z'],
  [undefined, 'volumes', '2026-03-31t11-59-59.123456z_volumes'],
  ['production', 'database', '2026-03-31t11-59-59.123456z_database_from_production'],
  ['shop.eu', undefined, '2026-03-31t11-59-59.123456z_from_shop.eu'],
])('the label of a restore from %s, --only %s, says what it is', (from, only, label) => {
  expect(labelOf(from, only)).toBe(label);
});

test('a label of any name is one that Kubernetes takes, and differs from all others', () => {
  const names = [
    `${'a'.repeat(60)}1`,
    `${'a'.repeat(60)}2`,
    'my shop',
    'my-shop',
    'shop.',
    'shöp',
    '-',
    `${'a'.repeat(21)}.b`,
  ];
  const labels = names.flatMap((name) => [labelOf(name), labelOf(name, 'database'), labelOf(name, 'volumes')]);
  for (const label of labels) expect(label).toMatch(/^[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/);
  expect(new Set(labels).size).toBe(labels.length);
});

test('one from another environment is no restore of the own backups, and none from a third', async () => {
  const wish = { at: 'latest', from: 'production' };
  jobs(['restore-volumes-1', wish], ['restore-1', wish]);
  await expect(idFor('staging', { at: 'latest' })).rejects.toThrow('a restore to latest_from_production is under way');
  await expect(idFor('staging', { at: 'latest', from: 'demo' })).rejects.toThrow('latest_from_production');
  expect(await idFor('staging', wish)).toBe('1');
});

test('of two that began in the same second, with the same id, neither takes the Job of the other for its own', async () => {
  const [one, other] = [
    { at: 'latest', from: 'production' },
    { at: 'latest', from: 'demo' },
  ];
  jobs(['restore-1', one]);
  await refuseTwo('staging', '1', labelsOf(one));
  await expect(refuseTwo('staging', '1', labelsOf(other))).rejects.toThrow('began at the same time');
  expect(kubectl).not.toHaveBeenCalled();
  jobs(['restore-1', one], ['restore-volumes-1', other]);
  await expect(refuseTwo('staging', '1', labelsOf(other))).rejects.toThrow(
    'job restore-1, a restore to latest_from_prod',
  );
  expect(jest.mocked(kubectl).mock.calls[0]?.[0]).toEqual(
    expect.arrayContaining(['delete', 'job', 'restore-volumes-1']),
  );
});
