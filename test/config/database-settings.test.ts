import { settingsCnf } from '../../config/database-settings';
import { configOf } from '../support/configs';

const faults = (database: object, more: object = {}): string[] => {
  try {
    configOf({ database, ...more });
    return [];
  } catch (error) {
    return [...(error as { faults: readonly string[] }).faults];
  }
};
const settings = (values: object): string[] => faults({ settings: values });

describe('variables of MySQL', () => {
  test('are written in the order of their names, with the words of a my.cnf', () => {
    const { database } = configOf({
      database: {
        settings: {
          sql_mode: '',
          long_query_time: 0.5,
          sql_generate_invisible_primary_key: true,
          event_scheduler: false,
        },
      },
    });
    expect(settingsCnf(database.settings)).toBe(
      'event_scheduler = OFF\nlong_query_time = 0.5\nsql_generate_invisible_primary_key = ON\nsql_mode = ""\n',
    );
  });

  test.each([
    ['sync_binlog', 0, 'must be left out: nothing acknowledged may be lost with a server'],
    ['innodb-flush-log-at-trx-commit', 2, 'must be left out: nothing acknowledged may be lost with a server'],
    ['GTID_MODE', 'OFF', 'must be left out: replication by GTID relies on the value that is set for it'],
    ['binlog_format', 'STATEMENT', 'must be left out: replication by GTID relies on the value that is set for it'],
    ['replica_parallel_workers', 0, 'must be left out: replication by GTID relies on the value that is set for it'],
    [
      'group_replication_consistency',
      'EVENTUAL',
      'must be left out: database.topology, members and mode decide about the group',
    ],
    ['super_read_only', false, 'must be left out: the scripts give a server its role, and take it'],
    ['default_storage_engine', 'MyISAM', 'must be left out: replicas and clones get what is in InnoDB alone'],
    [
      'lower_case_table_names',
      1,
      'must be left out: it can only be chosen when a volume is made, and a replica with another value breaks',
    ],
    [
      'innodb_buffer_pool_size',
      1,
      'must be left out: it follows from database.resources.limits.memory and database.storage.size',
    ],
    ['local_infile', true, 'must be left out: it decides who gets in, and what is seen of what people write'],
    ['character_set_server', 'latin1', 'must be left out: database.collation decides about it'],
    ['log_bin_trust_function_creators', false, 'must be left out: it is always ON'],
  ])('fails on %s, with the reason', (name, value, reason) => {
    expect(settings({ [name]: value })).toEqual([`database.settings.${name}: ${reason}, got ${JSON.stringify(value)}`]);
  });

  test('fails on a name that there is not, with the nearest one', () => {
    expect(settings({ sort_bufer_size: 65536 })).toEqual([
      'database.settings.sort_bufer_size: is not among the variables of MySQL that may be set, did you mean "sort_buffer_size"?, got 65536',
    ]);
    expect(settings({ toString: 1 })[0]).toMatch(/^database.settings.toString: is not among the variables/);
  });

  test.each([
    ['wait_timeout', '8h', 'must be a whole number, 60 to 31536000'],
    ['wait_timeout', 1, 'must be a whole number, 60 to 31536000'],
    ['max_allowed_packet', 2000000, 'must be a multiple of 1024, 1048576 to 1073741824'],
    ['innodb_strict_mode', 'ON', 'must be true or false'],
    ['transaction_isolation', 'SERIALIZABLE', 'must be one of READ-UNCOMMITTED, READ-COMMITTED, REPEATABLE-READ'],
    ['default_time_zone', 'Europe/Berlin', 'must be an offset like "+01:00"; a session may set a named zone'],
    ['optimizer_switch', 'mrr=off\nsync_binlog=0', 'must be switches like "mrr=off,index_merge=on"'],
    ['lc_time_names', "de_DE'", 'must be a locale like "de_DE"'],
  ])('fails on %s: %j, with what is allowed', (name, value, allowed) => {
    expect(settings({ [name]: value })).toEqual([
      `database.settings.${name}: ${allowed}, got ${JSON.stringify(value)}`,
    ]);
  });

  test.each([
    'ANSI_QUOTES',
    'ANSI',
    'NO_BACKSLASH_ESCAPES',
    'STRICT_TRANS_TABLES,ANSI_QUOTES',
    'strict',
    'A"\nsync_binlog=0',
  ])('fails on the SQL mode %j', (mode) => {
    expect(settings({ sql_mode: mode })[0]).toMatch(
      /^database.settings.sql_mode: must be "" or some of ALLOW_INVALID_DATES,/,
    );
  });

  test('reports all faults at once', () => {
    expect(settings({ sync_binlog: 0, wait_timeout: 0, gtid_mode: 'OFF' })).toHaveLength(3);
  });
});

describe("the app's schema", () => {
  test.each(['Shop', '', 'a`b', '1shop', 'mysql', 'performance_schema', 'x'.repeat(49), 'a%'])(
    'fails on the name %j',
    (name) => {
      expect(faults({ name })[0]).toMatch(/^database.name: must /);
    },
  );

  test('fails on a collation that MySQL does not have', () => {
    expect(faults({ collation: 'utf8mb4_german_ci' })[0]).toMatch(
      /^database.collation: must be "utf8mb4_0900_ai_ci", /,
    );
  });
});
