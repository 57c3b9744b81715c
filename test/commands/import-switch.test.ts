import { ask, followed } from '../../commands/import/follow';
import { followTroubles } from '../../commands/import/followable';
import { configOf } from '../support/configs';

/** What the databases and the Job answer, and what they were asked. */
const sql: string[] = [];
let jobs: { name: string; label: string }[];
let place: string;
let lines: string[] = [];
let answer: () => void;
let succeeded: number;
let failure: Error | undefined;
const removed: string[] = [];
jest.mock('../../commands/restore/databases', () => ({
  asRoot: async (_: string, __: string, text: string) => {
    sql.push(text.trim());
    if (text.includes("'wish'")) answer();
    return text.startsWith('SELECT') ? place : '';
  },
  databasePods: async () => ['database-0'],
  primaryOf: async () => 'database-0',
}));
jest.mock('../../commands/cluster/kubectl', () => ({
  ...jest.requireActual('../../commands/cluster/kubectl'),
  kubectl: async ([verb, kind, name]: string[]) => {
    if (verb === 'delete' && kind === 'job') removed.push(name ?? '');
    return '';
  },
}));
jest.mock('../../commands/restore/job', () => ({
  logOf: async () => lines.join('\n'),
  running: async () => jobs,
  follow: async () => {
    if (failure) throw failure;
  },
  until: async (_: string, __: string, ___: number, reached: (job: object) => Promise<boolean>) => {
    while (!(await reached({ status: { succeeded } }))) answer();
  },
}));

const config = configOf({ name: 'shop', database: { name: 'shop' } });
const said = (text: string): string => `2026-11-30T19:33:3${lines.length % 10}Z [threewall] ${text}`;
const run = (asked: 'switch' | 'switch-unchecked' | 'give-up' = 'switch') =>
  ask('production', config, 60, 'database-0', asked);

beforeEach(() => {
  sql.length = removed.length = succeeded = 0;
  jobs = [{ name: 'import-1', label: 'abc' }];
  place = 'binlog.000003 157';
  lines = [said('follows: 1 s and 0 KiB behind, at binlog.000003 157')];
  answer = () => undefined;
  failure = undefined;
  jest.spyOn(console, 'log').mockImplementation((line: string) => {
    if (line.startsWith('  ')) lines.push(`printed ${line.trim()}`);
  });
});

test('a switch is asked for in the database, and ends the Job, its rules and its account', async () => {
  answer = () => {
    lines.push(said('switched in 7 s'));
    succeeded = 1;
  };
  expect(await run()).toBe(0);
  expect(sql).toEqual([
    "SELECT value FROM `shop`.threewall_import WHERE name = 'position';",
    "REPLACE INTO `shop`.threewall_import VALUES ('wish', 'switch');",
    "DROP USER IF EXISTS 'import'@'%';",
  ]);
  expect(removed).toEqual(['import-1']);
  expect(lines).toContain('printed switched in 7 s');
});

test('a server that still writes refuses it, and the import goes on; an earlier refusal counts no more', async () => {
  lines.push(said('switch refused: tables differ: t; following goes on'));
  answer = () =>
    lines.push(said('switch refused, writes: the old server still writes into shop (3 changes); following goes on'));
  await expect(run()).rejects.toMatchObject({ name: 'UsageError', message: expect.stringMatching('3 changes') });
  expect(removed).toEqual([]);
  expect(sql.join()).not.toMatch('DROP');
});

test('tables that differ are trouble, and nothing is removed', async () => {
  answer = () => lines.push(said('switch refused: 1 tables differ: t; following goes on'));
  await expect(run('switch-unchecked')).rejects.toMatchObject({ name: 'ClusterError' });
  expect(sql.at(-1)).toMatch("'switch-unchecked'");
  expect(removed).toEqual([]);
});

test('what follows nothing cannot be switched', async () => {
  place = '';
  await expect(run()).rejects.toThrow('does not follow a server, or still copies it');
  jobs = [];
  await expect(run()).rejects.toThrow(
    'no import follows a server: npm run import -- production --from SECRET --follow',
  );
  expect(sql.filter((text) => text.includes('wish'))).toEqual([]);
});

test('the same command says how far it is', async () => {
  lines.push(said('tries again: there: no answer'), said('follows: 2 s and 9 KiB behind, at binlog.000003 199'));
  expect(await followed('production', config, 60, 'import-1')).toBe(0);
  expect(lines.at(-1)).toMatch(/^printed 2026\S+ follows: 2 s and 9 KiB behind/);
  lines.push(said('tries again: here: no answer'));
  await followed('production', config, 60, 'import-1');
  expect(lines.at(-1)).toMatch(/^printed 2026\S+ tries again: here: no answer$/);
});

test('a Job that fails before it follows takes its rules and its account with it', async () => {
  lines = [];
  failure = new Error('there: access denied');
  jobs = [];
  await expect(followed('production', config, 60, 'import-1')).rejects.toThrow('access denied');
  expect(removed).toEqual(['import-1']);
  expect(sql).toEqual(["DROP USER IF EXISTS 'import'@'%';"]);
});

const GOOD = [
  'version\t8.4.3',
  'log_bin\tON',
  'binlog_format\tROW',
  'binlog_row_image\tFULL',
  'binlog_row_value_options\t',
  'binlog_expire_logs_seconds\t2592000',
  'privilege\tREPLICATION SLAVE',
  'privilege\tREPLICATION CLIENT',
  'privilege\tRELOAD',
  'filter\t\t',
];
const table = { name: 't', engine: 'InnoDB', key: true };
const facts = { tables: [table], floats: ['t'] };

test('a server whose log has all rows can be followed', () => {
  expect(followTroubles(GOOD, facts)).toEqual({ stops: [], notes: [] });
  // MySQL 5.7 knows fewer variables
  const old = GOOD.filter((line) => !/value_options|expire/.test(line));
  expect(followTroubles([...old, 'version\t5.7.44'], facts)).toEqual({ stops: [], notes: [] });
});

test.each([
  ['log_bin\tON', 'log_bin\tOFF', /its binary log is off/],
  ['binlog_format\tROW', 'binlog_format\tMIXED', /binlog_format is "MIXED": its log holds statements/],
  ['binlog_row_image\tFULL', 'binlog_row_image\tMINIMAL', /SET GLOBAL binlog_row_image = FULL/],
  ['binlog_row_value_options\t', 'binlog_row_value_options\tPARTIAL_JSON', /parts of JSON/],
  ['filter\t\t', 'filter\t\tshop', /leaves out databases/],
  ['privilege\tRELOAD', 'privilege\tPROCESS', /needs also: GRANT RELOAD ON \*\.\* TO/],
  ['privilege\tREPLICATION SLAVE', '', /GRANT REPLICATION SLAVE ON/],
])('instead of %j, %j stops it', (good, bad, why) => {
  const { stops } = followTroubles(
    GOOD.map((line) => (line === good ? bad : line)),
    facts,
  );
  expect(stops).toEqual([expect.stringMatching(why)]);
});

test('MariaDB, and tables whose copy is of no single moment, stop it', () => {
  const maria = followTroubles(['version\t10.11.19-MariaDB-deb12-log'], facts);
  expect(maria.stops).toEqual([expect.stringMatching('import without --follow')]);
  const { stops } = followTroubles(GOOD, { ...facts, tables: [table, { name: 'old', engine: 'MyISAM', key: true }] });
  expect(stops).toEqual([expect.stringMatching(/not InnoDB.*: old$/)]);
});

test('rows that are not found again stop it', () => {
  const loose = { name: 'loose', engine: 'InnoDB', key: false };
  expect(followTroubles(GOOD, { tables: [table, loose], floats: ['t'] }).stops).toEqual([]);
  const { stops } = followTroubles(GOOD, { tables: [table, loose], floats: ['t', 'loose'] });
  expect(stops).toEqual([expect.stringMatching(/a row with a FLOAT .*: loose$/)]);
});

test('a log that is kept for hours is noted', () => {
  const short = GOOD.map((line) => line.replace('2592000', '3600'));
  expect(followTroubles(short, facts).notes).toEqual([expect.stringMatching('3600 s')]);
});
