import { existsSync } from 'node:fs';
import { hasBackup } from '../../../charts/backup';
import { selectorOf } from '../../../charts/names';
import { applyTier } from '../support/apply';
import { endRestore, keptSchemas, primary, restore, runNow, sql } from '../support/backups';
import { sleep } from '../support/eventually';
import { config, kubectl, secretValue } from '../support/kubectl';
import { door, S3Server } from '../support/s3-server';
import { table } from '../support/table';
import { rfc3339, secondBefore } from '../support/writer';

const binary = process.env.THREEWALL_S3_SERVER ?? '';
const reason = !hasBackup(config)
  ? 'there are no backups'
  : binary === ''
    ? 'THREEWALL_S3_SERVER names no versitygw'
    : existsSync(binary)
      ? ''
      : `${binary}, which THREEWALL_S3_SERVER names, is not there`;
if (reason !== '') console.log(`S3 is not tried: ${reason}`);
const given = reason === '' ? test : test.skip;

const TABLE = 'site.s3_trial';
/** What no object of the store may show. */
const MARK = 'only-its-owner-may-read-this';
const SECRET = `${config.secrets.backup}-s3-trial`;
const rows: string[][] = [['step', 'figure']];
let server: S3Server;
let kept: string[] = [];

beforeAll(async () => {
  if (reason !== '' || !hasBackup(config)) return;
  kept = await keptSchemas(await primary());
  server = await S3Server.start(binary);
  const names = ['identity', 'recipient'];
  const keys = await Promise.all(names.map((key) => secretValue(config.name, config.secrets.backup, key)));
  const pair = Object.fromEntries(names.map((name, i) => [name, keys[i]]));
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: SECRET, namespace: config.name },
    stringData: { ...pair, ...server.access },
  };
  for (const object of [secret, door(selectorOf('backup', config))]) {
    await kubectl(['apply', '-f', '-'], { input: JSON.stringify(object) });
  }
  const { endpoint, bucket, port } = server;
  const access = { prefix: `${config.name}/`, region: 'us-east-1', allowPlainHttp: false };
  await applyTier('backup', {
    ...config,
    secrets: { ...config.secrets, backup: SECRET },
    backup: { ...config.backup, store: { type: 's3', endpoint, bucket, port, ...access } },
  });
}, 400_000);

afterAll(async () => {
  if (reason !== '') return;
  console.log(table(rows));
  await applyTier('backup', config);
  await kubectl(['delete', 'networkpolicy', 's3-trial', '-n', config.name, '--ignore-not-found']);
  await kubectl(['delete', 'secret', SECRET, '-n', config.name, '--ignore-not-found']);
  await S3Server.remove();
  const pod = await primary();
  const made = (await keptSchemas(pod)).filter((name) => !kept.includes(name));
  const drops = made.map((name) => `DROP DATABASE IF EXISTS \`${name}\`;`);
  await sql(pod, [`DROP TABLE IF EXISTS ${TABLE};`, ...drops].join('\n'));
}, 400_000);

const ids = async (pod: string): Promise<number[]> =>
  (await sql(pod, `SELECT id FROM ${TABLE} ORDER BY id`)).map(Number);

/** A hundred rows. */
const fill = (pod: string, first: number) =>
  sql(
    pod,
    `INSERT INTO ${TABLE} WITH RECURSIVE n (i) AS (SELECT ${first} UNION ALL SELECT i + 1 FROM n WHERE i < ${first + 99}) SELECT i, '${MARK}' FROM n;`,
  );

/** A store that is new gets all binary logs that there are, some with each run. */
async function shipAll(): Promise<{ seconds: number; runs: number }> {
  let seconds = 0;
  for (let runs = 1; runs <= 20; runs++) {
    const run = await runNow('backup-binlogs', 240);
    seconds += run.seconds;
    if (run.log.includes('all there is until')) return { seconds, runs };
  }
  throw new Error('not all binary logs are in the store after 20 runs');
}

given(
  'a backup, binary logs, a drill and a restore go through S3',
  async () => {
    const pod = await primary();
    await sql(pod, `DROP TABLE IF EXISTS ${TABLE}; CREATE TABLE ${TABLE} (id INT PRIMARY KEY, text VARCHAR(100));`);
    await fill(pod, 1);
    const full = await runNow('backup', 240);
    expect(full.log).toMatch(/backup \d{8}T\d{6}Z: \d+ tables/);
    await fill(pod, 101);
    const shipped = await shipAll();
    const drill = await runNow('backup-drill', 300);
    expect(drill.log).toContain('restored and as recorded');
    await fill(pod, 201);

    // the second that the wanted time leaves out
    await sleep(1.5);
    const [time = ''] = await sql(pod, `SELECT UTC_TIMESTAMP(6); DROP TABLE ${TABLE};`);
    const before = Date.now();
    const { code, text } = await restore(480, '--at', secondBefore(rfc3339(time)), '--yes');
    const seconds = (Date.now() - before) / 1000;
    await endRestore(text);
    expect([code, text]).toEqual([0, expect.stringContaining('is as it was')]);
    expect(await ids(pod)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
    rows.push(
      ['full backup', `${full.seconds.toFixed(0)} s`],
      ['shipment of binary logs', `${shipped.seconds.toFixed(0)} s, ${shipped.runs} runs`],
      ['drill', `${drill.seconds.toFixed(0)} s`],
      ['restore of a dropped table', `${seconds.toFixed(0)} s, 300 of 300 rows`],
    );
  },
  1_800_000,
);

given('nobody can read in the store what the databases hold', async () => {
  const objects = await server.objects();
  const sealed = objects.filter(({ key }) => key.endsWith('.age'));
  rows.push(
    ['objects', `${objects.length}, ${objects.reduce((sum, { size }) => sum + size, 0)} bytes`],
    ['of these sealed with age', String(sealed.length)],
  );
  expect(sealed.length).toBeGreaterThan(3);
  expect(sealed.filter(({ head }) => head !== 'age-encryption.org/v1')).toEqual([]);
  // times and transaction ids, which tell what there is and nothing of what it says
  const open = objects.filter((object) => !sealed.includes(object));
  expect(open.filter(({ key }) => !/\/(until|drills\/\w+)\.json$/.test(key))).toEqual([]);
  expect(await server.holding(MARK, 'CREATE TABLE', 'INSERT INTO', 's3_trial')).toEqual([]);
});

given('a store whose certificate the Secret does not vouch for is refused, and the log says why', async () => {
  const other = { ...server.access, 'ca.crt': await secretValue(config.name, config.secrets.databaseTls, 'ca.crt') };
  await kubectl([
    'patch',
    'secret',
    SECRET,
    '-n',
    config.name,
    '--type=merge',
    '-p',
    JSON.stringify({ stringData: other }),
  ]);
  await expect(runNow('backup-binlogs', 240)).rejects.toThrow(/certificate|UNABLE_TO/i);
});
