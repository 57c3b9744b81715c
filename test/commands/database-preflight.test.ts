import { databaseFaults, type LiveDatabase } from '../../commands/up/database-preflight';
import { configOf } from '../support/configs';

const live = (topology?: string): LiveDatabase => ({
  metadata: { annotations: topology ? { 'threewall.dev/database-topology': topology } : {} },
});
const config = configOf({});
const group = configOf({ database: { topology: 'group' } });

test('databases that are as configured have no fault, nor those that name no topology yet', () => {
  expect(databaseFaults(config, live('primary-replica'))).toEqual([]);
  expect(databaseFaults(config, live())).toEqual([]);
  expect(databaseFaults(group, live('group'))).toEqual([]);
});

test.each([
  ['another topology', live('primary-replica'), /^database.topology: must stay "primary-replica", got "group"/],
  ['another topology than the first there was', live(), /^database.topology: must stay/],
])('%s is refused', (_, present, message) => {
  expect(databaseFaults(group, present)).toEqual([expect.stringMatching(message)]);
});

test('the name of the app’s schema is what the volumes were made with', () => {
  const shop = configOf({ database: { name: 'shop' } });
  const made = (annotations: Record<string, string>): LiveDatabase => ({ metadata: { annotations } });
  expect(databaseFaults(shop, made({ 'threewall.dev/database-name': 'shop' }))).toEqual([]);
  // those of before there was a choice have no annotation
  expect(databaseFaults(shop, made({}))[0]).toMatch(/^database.name: must stay "site", got "shop"/);
});

test('all faults are reported at once', () => {
  const shop = configOf({ database: { name: 'shop', topology: 'group' } });
  expect(databaseFaults(shop, live())).toHaveLength(2);
});
