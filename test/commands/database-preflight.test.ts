import { databaseFaults, type LiveDatabase } from '../../commands/up/database-preflight';
import { configOf } from '../support/configs';

const live = (topology: string | undefined, storage: string): LiveDatabase => ({
  metadata: { annotations: topology ? { 'threewall.dev/database-topology': topology } : {} },
  spec: { volumeClaimTemplates: [{ spec: { resources: { requests: { storage } } } }] },
});
const config = configOf({ database: { storage: { size: '10Gi' } } });
const group = configOf({ database: { topology: 'group', storage: { size: '10Gi' } } });

test('databases that are as configured have no fault, nor those that name no topology yet', () => {
  expect(databaseFaults(config, live('primary-replica', '10Gi'))).toEqual([]);
  expect(databaseFaults(config, live(undefined, '10240Mi'))).toEqual([]);
  expect(databaseFaults(group, live('group', '10Gi'))).toEqual([]);
});

test.each([
  [
    'another topology',
    group,
    live('primary-replica', '10Gi'),
    /^database.topology: must stay "primary-replica", got "group"/,
  ],
  ['another topology than the first there was', group, live(undefined, '10Gi'), /^database.topology: must stay/],
  [
    'a smaller volume',
    config,
    live('primary-replica', '20Gi'),
    /^database.storage.size: must be at least 20Gi, got "10Gi"/,
  ],
  [
    'a larger volume before the claims have grown',
    config,
    live('primary-replica', '5Gi'),
    /^database.storage.size: must stay 5Gi .* --cascade=orphan/,
  ],
])('%s is refused', (_, wanted, present, message) => {
  expect(databaseFaults(wanted, present)).toEqual([expect.stringMatching(message)]);
});

test('the name of the app’s schema is what the volumes were made with', () => {
  const shop = configOf({ database: { name: 'shop' } });
  const made = (annotations: Record<string, string>): LiveDatabase => ({ metadata: { annotations }, spec: {} });
  expect(databaseFaults(shop, made({ 'threewall.dev/database-name': 'shop' }))).toEqual([]);
  // those of before there was a choice have no annotation
  expect(databaseFaults(shop, made({}))[0]).toMatch(/^database.name: must stay "site", got "shop"/);
});

test('all faults are reported at once', () => {
  expect(databaseFaults(group, live('primary-replica', '20Gi'))).toHaveLength(2);
});
