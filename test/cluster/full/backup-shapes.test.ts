import { readFileSync } from 'node:fs';
import { dropKept, endRestore, primary, restore, runNow, sql } from '../support/backups';
import { eventually, sleep } from '../support/eventually';
import { config, ENVIRONMENT } from '../support/kubectl';
import { fingerprint } from '../support/shapes/fingerprint';
import { table } from '../support/table';
import { rfc3339, secondBefore } from '../support/writer';

const SHAPES = readFileSync('test/cluster/support/shapes/shapes.sql', 'utf8');
/** Small tables, as frameworks and tenants make them. */
const MANY = 200;
const rows: string[][] = [['step', 'value']];

if (!config.backup) console.log(`${ENVIRONMENT} has no backup section: nothing of it is tried`);
const given = config.backup ? test : test.skip;

const CLEAR = ['shapes_one', 'shapes_latin', 'shapes_many', 'shapes odd-name; `` "ü"', 'shapes 日本 имя'].map(
  (schema) => `DROP DATABASE IF EXISTS \`${schema}\`;`,
);
const ACCOUNTS = ["'shapes_user'@'10.%'", "'shapes_reader'", "'shapes writer'", "'shapes definer'@'localhost'"];
const clear = [...CLEAR, `DROP USER IF EXISTS ${ACCOUNTS.join(', ')};`].join('\n');

afterAll(async () => {
  console.log(table(rows));
  if (!config.backup) return;
  await sql(await primary(), clear);
  await dropKept();
}, 300_000);

given(
  'a database of every type, object and name is restored to the last digit, from its backup and from binary logs alike',
  async () => {
    const pod = await primary();
    await sql(pod, clear);
    // what is in the backup itself
    await sql(pod, SHAPES);
    await sql(pod, many('shapes_many'));
    const full = await runNow('backup', 600);
    rows.push(['full backup', `${full.seconds.toFixed(0)} s`]);
    // the same once more, which is in the binary logs alone; changes that need each value exactly; and all kinds of definitions
    await sql(pod, clear);
    await sql(pod, SHAPES);
    await sql(pod, many('shapes_many'));
    await sql(pod, CHANGES);
    const drill = await runNow('backup-drill', 900);
    rows.push(['drill', `${drill.seconds.toFixed(0)} s`]);
    expect(drill.log).toMatch(/give what the database held/);

    const before = await fingerprint(pod);
    rows.push(['objects compared', String(before.size)]);
    expect(before.size).toBeGreaterThan(2 * MANY);
    await sleep(1.5);
    const [time = ''] = await sql(pod, 'SELECT UTC_TIMESTAMP(6);');
    await sql(pod, clear);
    const { code, text } = await restore(1800, '--at', secondBefore(rfc3339(time)), '--yes');
    await endRestore(text);
    expect([code, text]).toEqual([0, expect.stringContaining('the databases are as they were at')]);
    const restored = await primary();
    await eventually('events have their statuses', 60, async () => (await sql(restored, FOREIGN)).length === 0);
    const after = await fingerprint(restored);
    const names = [...new Set([...before.keys(), ...after.keys()])];
    const differing = names.filter((name) => before.get(name) !== after.get(name));
    expect(differing.map((name) => [name, before.get(name), after.get(name)])).toEqual([]);
  },
  3_600_000,
);

const FOREIGN = "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE STATUS LIKE '%SIDE_DISABLED';";

/** Tables of one row each. */
const many = (schema: string): string =>
  [
    `CREATE DATABASE \`${schema}\`; USE \`${schema}\`;`,
    ...Array.from(
      { length: MANY },
      (_, i) =>
        `CREATE TABLE t${i} (id INT PRIMARY KEY, text VARCHAR(50)); INSERT INTO t${i} VALUES (${i}, 'row ${i}');`,
    ),
  ].join('\n');

const CHANGES = `USE shapes_one;
UPDATE floats SET d = d * 3 WHERE t = 'b' LIMIT 1;
DELETE FROM floats WHERE t = 'c';
UPDATE numbers SET j = j / 3, k = k / 3 WHERE a IS NOT NULL;
UPDATE modern SET v = STRING_TO_VECTOR('[0.1, 0.2, 0.3]'), p = POINT(5, 6) WHERE id = 2;
ALTER TABLE parents ADD COLUMN added INT DEFAULT 5, ALGORITHM = INSTANT;
ALTER TABLE texts CONVERT TO CHARACTER SET utf8mb4;
TRUNCATE TABLE seen;
INSERT INTO parents (id, name) VALUES (7, 'seven');
ALTER USER 'shapes_user'@'10.%' IDENTIFIED BY 'another-2B!';
GRANT DELETE ON shapes_one.* TO 'shapes_reader';
RENAME TABLE listed TO shapes_latin.renamed;
`;
