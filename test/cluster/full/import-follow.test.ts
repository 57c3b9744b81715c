import { eventually, sleep } from '../support/eventually';
import { kubectl } from '../support/kubectl';
import { table } from '../support/table';
import { ImportTrial, OLD_SERVER, sums } from '../support/their-server';

const SITE = 'followtrial';

let trial: ImportTrial;

/** The old site, which writes as long as the file /d/write is there. */
const WRITER = `until [[ -e /d/write ]]; do sleep 0.2; done
n=0
while :; do
  sleep 0.02
  if [[ ! -e /d/write ]]; then continue; fi
  n=$((n + 1))
  # a transaction of two tables, a change, a cascade, and rows without a key
  printf "BEGIN; INSERT INTO orders (note) VALUES ('%s'); INSERT INTO items VALUES (LAST_INSERT_ID(), 1), (LAST_INSERT_ID(), 2);
    UPDATE orders SET note = CONCAT(note, '!'), weight = weight * 1.1 WHERE id %% 50 = %s; COMMIT; DELETE FROM orders WHERE id = %s;
    INSERT INTO loose VALUES (%s, x'00ff'); DELETE FROM loose WHERE a = %s;\\n" "$n" $((n % 50)) $((n * 3 - 50)) "$n" $((n - 20))
done | mysql -S /d/s.sock -uroot --force shop`;

const SHOP = `CREATE DATABASE shop; USE shop;
CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(200), weight DOUBLE DEFAULT 1.1, made TIMESTAMP(6) DEFAULT NOW(6));
CREATE TABLE items (parent INT, n INT, PRIMARY KEY (parent, n), FOREIGN KEY (parent) REFERENCES orders (id) ON DELETE CASCADE);
CREATE TABLE loose (a INT, b BLOB);
CREATE TABLE log (id INT PRIMARY KEY AUTO_INCREMENT, what VARCHAR(20));
CREATE TABLE large (id INT PRIMARY KEY AUTO_INCREMENT, b LONGBLOB);
INSERT INTO large (b) SELECT RANDOM_BYTES(1024) FROM information_schema.COLUMNS LIMIT 2000;
CREATE TRIGGER placed AFTER INSERT ON orders FOR EACH ROW INSERT INTO log (what) VALUES ('placed');
CREATE EVENT tick ON SCHEDULE EVERY 1 SECOND DO INSERT INTO log (what) VALUES ('tick');
CREATE VIEW notes AS SELECT note FROM orders;
CREATE DATABASE other; CREATE TABLE other.t (a INT PRIMARY KEY);
CREATE USER reader@'%' IDENTIFIED BY 'r3ader';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON shop.* TO reader@'%';
GRANT PROCESS, SHOW_ROUTINE, REPLICATION SLAVE, REPLICATION CLIENT, RELOAD ON *.* TO reader@'%';
`;

const file = (verb: 'touch' | 'rm', path: string): Promise<string> => trial.inTheirs(verb, path);
const SUMS = 'CHECKSUM TABLE orders, items, loose, log, large, added';
const orders = async (): Promise<number> => Number(await trial.theirs('SELECT MAX(id) FROM shop.orders'));

const follow = () => trial.import('--from', OLD_SERVER, '--follow', '--replace', '--yes');

beforeAll(async () => {
  trial = await ImportTrial.start(SITE, {
    options: '--log-bin=/d/data/binlog --max-binlog-size=1M',
    beside: WRITER,
    sql: SHOP,
    account: { user: 'reader', password: 'r3ader', database: 'shop' },
  });
  await kubectl(['scale', 'deployment', 'app', '-n', SITE, '--replicas=0']);
  await file('touch', '/d/write');
  await eventually('the old site writes', 60, async () => (await orders()) > 10);
}, 900_000);

afterAll(() => trial.end(), 900_000);

test('an old site that writes is copied and followed, through a lost pod, and a switch loses and doubles no row', async () => {
  expect(await trial.import('--switch')).toMatchObject({ code: 2, output: expect.stringMatching('no import follows') });
  const begun = await orders();
  const first = await follow();
  console.log(first.output);
  expect(first).toMatchObject({ code: 0, output: expect.stringMatching(/follows: \d+ s and \d+ KiB behind/) });
  expect(first.output).toMatch('npm run import -- development --switch');
  const copied = await orders();
  expect(copied).toBeGreaterThan(begun);

  // what writes is not switched; what is said again is where it is
  const refused = await trial.import('--switch');
  expect(refused).toMatchObject({ code: 2, output: expect.stringMatching('still writes into shop') });
  expect(await trial.import('--from', OLD_SERVER, '--follow')).toMatchObject({
    code: 0,
    output: expect.stringMatching(/follows: /),
  });

  await trial.theirs(
    'USE shop; ALTER TABLE orders ADD COLUMN paid BOOLEAN DEFAULT FALSE; INSERT INTO other.t VALUES (1)',
  );
  await trial.theirs('USE shop; CREATE TABLE added AS SELECT id, note FROM orders LIMIT 9');
  await kubectl([
    ...['delete', 'pod', '-n', SITE, '-l', 'app.kubernetes.io/component=import'],
    ...['--grace-period=0', '--force', '--wait=false'],
  ]);
  await eventually('another pod follows', 180, async () =>
    (
      await kubectl(['logs', '-n', SITE, '-l', 'app.kubernetes.io/component=import', '--tail=-1', '--ignore-errors'])
    ).includes('goes on following'),
  );
  // time in which rows are followed
  await sleep(10);

  await file('rm', '/d/write');
  await trial.theirs('ALTER EVENT shop.tick DISABLE');
  const stopped = Date.now();
  // the writer's last statement
  await eventually('the old site stands still', 30, async () => {
    const before = await trial.theirs('SHOW BINARY LOG STATUS');
    await sleep(1);
    return before === (await trial.theirs('SHOW BINARY LOG STATUS'));
  });
  const written = await orders();
  const last = await trial.import('--switch');
  const still = (Date.now() - stopped) / 1000;
  console.log(last.output);
  expect(last).toMatchObject({ code: 0, output: expect.stringMatching('they are the same') });

  const expected = sums(await trial.theirs(`USE shop; ${SUMS}`));
  expect(sums(await trial.own(SUMS))).toEqual(expected);
  await eventually('the replica has it', 60, async () => {
    expect(sums(await trial.own(SUMS, 'database-1'))).toEqual(expected);
    return true;
  });
  const lost =
    Number(await trial.theirs('SELECT COUNT(*) FROM shop.orders')) -
    Number(await trial.own('SELECT COUNT(*) FROM orders'));
  console.log(
    table([
      ['orders before', 'while it was copied', 'in all', 'rows lost or doubled', 'old site stood still'],
      [`${begun}`, `${copied - begun}`, `${written}`, `${lost}`, `${still.toFixed(1)} s`],
    ]),
  );
  expect(lost).toBe(0);
  expect(await trial.own("SELECT COUNT(*) FROM mysql.user WHERE user = 'import'")).toBe('0\n');
  expect(await trial.own('SELECT COUNT(*) > 0 FROM notes')).toBe('1\n');
  expect(await trial.own("SELECT DEFINER, STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'site'")).toBe(
    'app@%\tDISABLED\n',
  );
  expect(await trial.own("SHOW TABLES LIKE 'threewall%'")).toBe('');
  await eventually('nothing of it is left', 60, async () => (await trial.leftovers()).length === 0);
}, 900_000);

test('what is given up leaves the database empty, and the old site as it was', async () => {
  await file('touch', '/d/write');
  expect(await follow()).toMatchObject({ code: 0 });
  const { code, output } = await trial.import('--give-up');
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching('the database is empty again') });
  expect(await trial.own('SHOW TABLES')).toBe('');
  expect(await trial.own("SELECT COUNT(*) FROM mysql.user WHERE user = 'import'")).toBe('0\n');
  await eventually('nothing of it is left', 60, async () => (await trial.leftovers()).length === 0);
}, 900_000);
