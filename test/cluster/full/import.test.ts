import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { eventually } from '../support/eventually';
import { kubectl } from '../support/kubectl';
import { Repository } from '../support/repository';

/** A site of its own, and a foreign server in another namespace: the same image, without TLS of a known CA. */
const SITE = 'importtrial';
const THEIRS = `${SITE}-theirs`;
const SECRET = 'old-server';
/** With what an option file and a shell could trip over. */
const PASSWORD = 'p"w\\x $HOME';

let repository: Repository;

const server = (image: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'mysql', namespace: THEIRS, labels: { app: 'mysql' } },
  spec: {
    securityContext: { runAsUser: 10104, runAsGroup: 10104, fsGroup: 10104 },
    volumes: [{ name: 'd', emptyDir: {} }],
    containers: [
      {
        name: 'mysql',
        image,
        volumeMounts: [{ name: 'd', mountPath: '/d' }],
        command: [
          'bash',
          '-c',
          'mysqld --datadir=/d/data --initialize-insecure && exec mysqld --datadir=/d/data --socket=/d/s.sock --port=3399 --mysqlx=OFF --pid-file=/d/pid --log-bin-trust-function-creators=ON',
        ],
      },
    ],
  },
});

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

const theirs = (sql: string, more: readonly string[] = []): Promise<string> =>
  kubectl(['exec', '-i', 'mysql', '-n', THEIRS, '--', 'mysql', '-S', '/d/s.sock', '-uroot', '-N', ...more], {
    input: sql,
    seconds: 180,
  });
const own = (sql: string, pod = 'database-0'): Promise<string> =>
  kubectl(
    [
      ...['exec', '-i', pod, '-n', SITE, '-c', 'database', '--', 'mysql'],
      ...['--defaults-file=/run/threewall/root.cnf', '-N', 'site'],
    ],
    { input: sql, seconds: 180 },
  );
const SUMS = 'CHECKSUM TABLE customers, loose, large';
const sums = (text: string): string[] => text.split('\n').map((line) => line.split('\t')[1] ?? '');

/** Nothing of an import may be left. */
const leftovers = async (): Promise<string[]> =>
  (await kubectl(['get', 'job,networkpolicy,configmap', '-n', SITE, '-l', 'threewall.dev/import', '-o', 'name']))
    .split('\n')
    .filter((name) => name !== '');

const load = (...args: string[]) => repository.tryNpm('import', 'development', ...args, '--yes');

beforeAll(async () => {
  repository = Repository.create(SITE);
  await repository.npm('synth');
  await repository.npm('up', 'development');
  await kubectl(['create', 'namespace', THEIRS]);
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'mysql', namespace: THEIRS },
    spec: { selector: { app: 'mysql' }, ports: [{ port: 3306, targetPort: 3399 }] },
  };
  const items = [server(repository.config.images.mysql), service];
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
  await eventually('their server answers', 180, async () => (await theirs('SELECT 7')).trim() === '7');
  await theirs(SHOP, ['--default-character-set=utf8mb4']);
  const stringData = { host: `mysql.${THEIRS}.svc`, user: 'reader', password: PASSWORD, database: 'shop' };
  const metadata = { name: SECRET, namespace: SITE };
  const secret = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, stringData });
  await kubectl(['apply', '-f', '-'], { input: secret });
}, 900_000);

afterAll(async () => {
  await kubectl(['delete', 'namespace', THEIRS, '--ignore-not-found']);
  await repository.npm('down', 'development', '--delete-data', '--yes');
  repository.remove();
}, 900_000);

test('a database that is not empty is refused, and the list changes nothing', async () => {
  const before = await own('SHOW TABLES');
  expect(await load('--from', SECRET)).toMatchObject({
    code: 2,
    output: expect.stringMatching(/--replace removes them/),
  });
  const { code, output } = await repository.tryNpm('import', 'development', '--from', SECRET, '--check');
  expect(code).toBe(0);
  for (const note of ['become the app', 'without a primary key', 'dates of zeros', 'events run'])
    expect(output).toMatch(note);
  expect(await own('SHOW TABLES')).toBe(before);
  expect(await leftovers()).toEqual([]);
}, 600_000);

test('a running server becomes the database, on all servers, with what was there kept by a backup', async () => {
  const { code, output } = await load('--from', SECRET, '--replace');
  console.log(output);
  expect(code).toBe(0);
  expect(output).toMatch(/kept: npm run restore -- development --at/);
  const expected = sums(await theirs(`USE shop; ${SUMS}`));
  expect(sums(await own(SUMS))).toEqual(expected);
  await eventually('the replica has it', 60, async () => {
    expect(sums(await own(SUMS, 'database-1'))).toEqual(expected);
    return true;
  });
  expect((await own('SELECT COUNT(*) FROM names; SELECT plus(1)')).trim().split('\n')).toEqual(['3', '2']);
  expect(await own("SELECT DISTINCT DEFINER FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'site'")).toBe(
    'app@%\n',
  );
  expect(await leftovers()).toEqual([]);
}, 900_000);

test('a dump that fails half way leaves the database empty, one that was cut is not begun, and a good one comes next', async () => {
  const dump = await kubectl(
    [
      ...['exec', 'mysql', '-n', THEIRS, '--', 'mysqldump', '-S', '/d/s.sock', '-uroot', '--single-transaction'],
      ...['--hex-blob', '--skip-lock-tables', '--routines', '--events', '--databases', 'shop'],
    ],
    { seconds: 180 },
  );
  const file = (name: string, content: string | Buffer): string => {
    const path = join(repository.folder, name);
    writeFileSync(path, content);
    return path;
  };
  const cut = await load('--replace', '--file', file('cut.sql', dump.slice(0, dump.length / 2)));
  expect(cut).toMatchObject({ code: 2, output: expect.stringMatching('it was cut') });
  expect((await own('SELECT COUNT(*) FROM customers')).trim()).toBe('3');

  const bad = dump.replace('-- Dump completed', 'INSERT INTO `customers` VALUES (1);\n-- Dump completed');
  const failed = await load('--replace', '--file', file('bad.sql', bad));
  expect(failed).toMatchObject({ code: 1, output: expect.stringMatching('the database is empty again') });
  expect(await own('SHOW TABLES')).toBe('');

  const good = await load('--file', file('good.sql.gz', gzipSync(dump)));
  expect(good.code).toBe(0);
  expect(sums(await own(SUMS))).toEqual(sums(await theirs(`USE shop; ${SUMS}`)));
  expect(await leftovers()).toEqual([]);
}, 900_000);
