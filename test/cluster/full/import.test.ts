import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { eventually } from '../support/eventually';
import { ImportTrial, OLD_SERVER, sums } from '../support/their-server';

/** With what an option file and a shell could trip over. */
const PASSWORD = 'p"w\\x $HOME';

let trial: ImportTrial;

/** Other people's data: latin1, a gone definer, an event, a trigger, no primary key, dates of zeros. */
const SHOP = `DROP DATABASE IF EXISTS shop; CREATE DATABASE shop CHARACTER SET latin1; USE shop; SET sql_mode = '';
CREATE TABLE customers (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(90), made DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00') CHARSET=latin1;
INSERT INTO customers (name) VALUES ('M\u00fcller'), ('DEFINER=\`x\`@\`y\`'), ('line\\nUSE \`mysql\`;');
CREATE TABLE loose (a INT, b BLOB); INSERT INTO loose VALUES (1, x'00ff0a5c27');
CREATE TABLE large (id INT PRIMARY KEY AUTO_INCREMENT, b LONGBLOB);
INSERT INTO large (b) SELECT RANDOM_BYTES(1024) FROM information_schema.COLUMNS LIMIT 2000;
CREATE USER gone@'10.%' IDENTIFIED BY 'x';
CREATE DEFINER=gone@'10.%' VIEW names AS SELECT name FROM customers;
CREATE DEFINER=gone@'10.%' TRIGGER made BEFORE INSERT ON customers FOR EACH ROW SET NEW.made = '2020-01-01';
CREATE DEFINER=gone@'10.%' FUNCTION plus(a INT) RETURNS INT RETURN a + 1;
CREATE DEFINER=gone@'10.%' EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM loose WHERE a > 100;
DROP USER gone@'10.%';
CREATE USER IF NOT EXISTS reader@'%' IDENTIFIED BY '${PASSWORD.replaceAll('\\', '\\\\')}';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON shop.* TO reader@'%'; GRANT PROCESS, SHOW_ROUTINE ON *.* TO reader@'%';
`;

const SUMS = 'CHECKSUM TABLE customers, loose, large';
const load = (...args: string[]) => trial.import(...args, '--yes');

beforeAll(async () => {
  const account = { user: 'reader', password: PASSWORD, database: 'shop' };
  trial = await ImportTrial.start('importtrial', { sql: SHOP, account });
}, 900_000);

afterAll(() => trial.end(), 900_000);

test('a database that is not empty is refused, and the list changes nothing', async () => {
  const before = await trial.own('SHOW TABLES');
  expect(await load('--from', OLD_SERVER)).toMatchObject({
    code: 2,
    output: expect.stringMatching(/--replace removes them/),
  });
  const { code, output } = await trial.import('--from', OLD_SERVER, '--check');
  expect(code).toBe(0);
  for (const note of ['become the app', 'without a primary key', 'dates of zeros', 'events run'])
    expect(output).toMatch(note);
  expect(await trial.own('SHOW TABLES')).toBe(before);
  expect(await trial.leftovers()).toEqual([]);
}, 600_000);

test('a running server becomes the database, on all servers, with what was there kept by a backup', async () => {
  const { code, output } = await load('--from', OLD_SERVER, '--replace');
  console.log(output);
  expect(code).toBe(0);
  expect(output).toMatch(/kept: npm run restore -- development --at/);
  const expected = sums(await trial.theirs(`USE shop; ${SUMS}`));
  expect(sums(await trial.own(SUMS))).toEqual(expected);
  await eventually('the replica has it', 60, async () => {
    expect(sums(await trial.own(SUMS, 'database-1'))).toEqual(expected);
    return true;
  });
  expect((await trial.own('SELECT COUNT(*) FROM names; SELECT plus(1)')).trim().split('\n')).toEqual(['3', '2']);
  expect(
    await trial.own("SELECT DISTINCT DEFINER FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'site'"),
  ).toBe('app@%\n');
  expect(await trial.leftovers()).toEqual([]);
}, 900_000);

test('a dump that fails half way leaves the database empty, one that was cut is not begun, and a good one comes next', async () => {
  const dump = await trial.inTheirs(
    ...['mysqldump', '-S', '/d/s.sock', '-uroot', '--single-transaction', '--hex-blob', '--skip-lock-tables'],
    ...['--routines', '--events', '--databases', 'shop'],
  );
  const file = (name: string, content: string | Buffer): string => {
    const path = join(trial.repository.folder, name);
    writeFileSync(path, content);
    return path;
  };
  const cut = await load('--replace', '--file', file('cut.sql', dump.slice(0, dump.length / 2)));
  expect(cut).toMatchObject({ code: 2, output: expect.stringMatching('it was cut') });
  expect((await trial.own('SELECT COUNT(*) FROM customers')).trim()).toBe('3');

  const bad = dump.replace('-- Dump completed', 'INSERT INTO `customers` VALUES (1);\n-- Dump completed');
  const failed = await load('--replace', '--file', file('bad.sql', bad));
  expect(failed).toMatchObject({ code: 1, output: expect.stringMatching('the database is empty again') });
  expect(await trial.own('SHOW TABLES')).toBe('');

  const good = await load('--file', file('good.sql.gz', gzipSync(dump)));
  expect(good.code).toBe(0);
  expect(sums(await trial.own(SUMS))).toEqual(sums(await trial.theirs(`USE shop; ${SUMS}`)));
  expect(await trial.leftovers()).toEqual([]);
}, 900_000);
