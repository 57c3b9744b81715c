import { existsSync } from 'node:fs';
import { hasBackup } from '../../../charts/backup';
import { selectorOf } from '../../../charts/names';
import { applyTier } from '../support/apply';
import { dropKept, endRestore, primary, restore, runNow, sql } from '../support/backups';
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
/** Texts that no object of the store may contain. */
const MARK = 'only-its-owner-may-read-this';
const SECRET = `${config.secrets.backup}-s3-trial`;
const rows: string[][] = [['step', 'value']];
let server: S3Server;

beforeAll(async () => {
  if (reason !== '' || !hasBackup(config)) return;
  server = await S3Server.start(binary);
  const password = await secretValue(config.name, config.secrets.backup, 'password');
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: SECRET, namespace: config.name },
    stringData: { password, ...server.access },
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
  await sql(pod, `DROP TABLE IF EXISTS ${TABLE};`);
  await dropKept();
}, 400_000);

const ids = async (pod: string): Promise<number[]> =>
  (await sql(pod, `SELECT id FROM ${TABLE} ORDER BY id`)).map(Number);

/** A hundred rows. */
const fill = (pod: string, first: number) =>
  sql(
    pod,
    `INSERT INTO ${TABLE} WITH RECURSIVE n (i) AS (SELECT ${first} UNION ALL SELECT i + 1 FROM n WHERE i < ${first + 99}) SELECT i, '${MARK}' FROM n;`,
  );

given(
  'a backup, binary logs, a drill and a restore go through S3',
  async () => {
    const pod = await primary();
    await sql(pod, `DROP TABLE IF EXISTS ${TABLE}; CREATE TABLE ${TABLE} (id INT PRIMARY KEY, text VARCHAR(100));`);
    await fill(pod, 1);
    const full = await runNow('backup', 240);
    expect(full.log).toMatch(/backup of [-0-9: ]+ is stored/);
    await fill(pod, 101);
    const drill = await runNow('backup-drill', 300);
    expect(drill.log).toMatch(/give what the database held/);
    await fill(pod, 201);

    // the second that the wanted time leaves out
    await sleep(1.5);
    const [time = ''] = await sql(pod, `SELECT UTC_TIMESTAMP(6); DROP TABLE ${TABLE};`);
    const before = Date.now();
    const { code, text } = await restore(1200, '--at', secondBefore(rfc3339(time)), '--yes');
    const seconds = (Date.now() - before) / 1000;
    await endRestore(text);
    expect([code, text]).toEqual([0, expect.stringContaining('the databases are as they were at')]);
    expect(await ids(pod)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
    rows.push(
      ['full backup', `${full.seconds.toFixed(0)} s`],
      ['drill', `${drill.seconds.toFixed(0)} s`],
      ['restore of a dropped table', `${seconds.toFixed(0)} s, 300 of 300 rows`],
    );
  },
  1_800_000,
);

given('the store contains no readable data of the databases', async () => {
  const objects = await server.objects();
  rows.push(['objects', `${objects.length}, ${objects.reduce((sum, { size }) => sum + size, 0)} bytes`]);
  expect(objects.length).toBeGreaterThan(10);
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
  await expect(runNow('backup-drill', 240)).rejects.toThrow(/certificate/i);
});
