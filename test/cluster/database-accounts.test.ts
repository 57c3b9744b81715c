import { serversOf } from '../../charts/database/servers';
import { config, kubectl, readyPods } from './support/kubectl';

let primary: string;
beforeAll(async () => {
  const pods = await readyPods('database');
  expect(pods).toHaveLength(serversOf(config.database));
  const roles = await Promise.all(
    pods.map(async ({ metadata: { name } }) => ({ name, role: await inside(name, 'cat "$RUN/role"') })),
  );
  const primaries = roles.filter(({ role }) => /^\d+ primary/.test(role)).map(({ name }) => name);
  expect(primaries).toHaveLength(config.database.mode === 'multi-primary' ? pods.length : 1);
  primary = primaries[0] as string;
});

/** Runs commands in the container of a database, with the functions of its scripts. */
const inside = (pod: string, script: string): Promise<string> =>
  kubectl([
    'exec',
    pod,
    '-n',
    config.name,
    '-c',
    'database',
    '--',
    'bash',
    '-c',
    `. /etc/threewall/common.sh\n${script}`,
  ]);

/** The primary's answer to an account, including errors. The option file with the password is deleted afterwards. */
const ask = (account: string, sql: string): Promise<string> =>
  inside(
    primary,
    `RUN=$(mktemp -d) && trap 'rm -r "$RUN"' EXIT && options ${account} &&
    { mysql --defaults-file="$RUN/${account}.cnf" --skip-column-names --batch --execute="${sql}" 2>&1 || true; }`,
  );

/** Access denied: to a schema, to a table, or to something of the whole server. */
const DENIED = /ERROR (1044|1142|1227|1410|3619) /;

test.each([
  ['app', 'CREATE DATABASE stolen'],
  ['app', 'CREATE TABLE mysql.stolen (id INT)'],
  ['app', 'DROP DATABASE sys'],
  ['app', 'SELECT authentication_string FROM mysql.user'],
  ['app', "CREATE USER stranger IDENTIFIED BY 'stranger'"],
  ['app', 'SET GLOBAL super_read_only = OFF'],
  ['monitoring', 'SELECT * FROM site.messages'],
  ['monitoring', 'SELECT authentication_string FROM mysql.user'],
  ['monitoring', 'SET GLOBAL max_connections = 10'],
  ['replication', 'SELECT * FROM site.messages'],
  ['backup', 'DELETE FROM site.messages'],
  ['backup', 'CREATE TABLE site.stolen (id INT)'],
])('%s may not: %s', async (account, sql) => {
  expect(await ask(account, sql)).toMatch(DENIED);
});

test.each([
  ['app', 'CREATE TABLE site.accounts_test (id INT PRIMARY KEY); DROP TABLE site.accounts_test; SELECT 7', /^7$/],
  ['monitoring', 'SELECT COUNT(*) > 0 FROM performance_schema.global_status', /^1$/],
  ['backup', 'SELECT COUNT(*) >= 0 FROM site.messages', /^1$/],
])('%s may do its work: %s', async (account, sql, answer) => {
  expect((await ask(account, sql)).trim()).toMatch(answer);
});
