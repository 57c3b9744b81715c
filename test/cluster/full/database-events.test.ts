import { hasBackup } from '../../../charts/backup';
import { dropKept, endRestore, primary, restore, runNow, sql } from '../support/backups';
import { NAMESPACE } from '../support/database/places';
import { eventually } from '../support/eventually';
import { config, kubectl } from '../support/kubectl';
import { table } from '../support/table';
import { rfc3339, secondBefore } from '../support/writer';

const SCHEMA = 'events_trial';
const isGroup = config.database.topology === 'group';
const givenGroup = isGroup ? test : test.skip;
const givenPair = isGroup ? test.skip : test;
const givenBackup = hasBackup(config) ? test : test.skip;
const rows: string[][] = [['step', 'seconds until events run again']];

/** Each event writes its name and the server that it ran on. */
const event = (name: string, rest: string): string =>
  `CREATE EVENT ${SCHEMA}.${name} ON SCHEDULE ${rest} DO INSERT INTO ${SCHEMA}.ran (name, server) VALUES ('${name}', @@server_id);`;

beforeEach(async () => {
  const pod = await primary();
  await sql(
    pod,
    [
      `DROP DATABASE IF EXISTS ${SCHEMA}; CREATE DATABASE ${SCHEMA};`,
      `CREATE TABLE ${SCHEMA}.ran (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20), server INT, at TIMESTAMP(6) DEFAULT NOW(6));`,
      event('runs', 'EVERY 1 SECOND'),
      event('rests', 'EVERY 1 SECOND DISABLE'),
      event('stopped', 'EVERY 1 SECOND'),
      event('once', 'AT NOW() + INTERVAL 2 SECOND ON COMPLETION PRESERVE'),
      `ALTER EVENT ${SCHEMA}.stopped DISABLE;`,
    ].join('\n'),
  );
  await eventually('the events of the first primary have run', 60, async () =>
    (await ran(pod)).some(([name]) => name === 'once'),
  );
}, 120_000);

afterAll(async () => {
  console.log(table(rows));
  await sql(await primary(), `DROP DATABASE IF EXISTS ${SCHEMA};`);
  if (hasBackup(config)) await dropKept();
}, 300_000);

/** How often each event ran, and on which servers. */
const ran = async (pod: string): Promise<string[][]> =>
  (
    await sql(
      pod,
      `SELECT name, COUNT(*), GROUP_CONCAT(DISTINCT server) FROM ${SCHEMA}.ran WHERE name <> 'stopped' GROUP BY name ORDER BY name;`,
    )
  ).map((line) => line.split('\t'));

const statuses = async (pod: string): Promise<string[]> =>
  sql(
    pod,
    `SELECT CONCAT(EVENT_NAME, ' ', STATUS) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${SCHEMA}' ORDER BY EVENT_NAME;`,
  );

const THEIR_STATUSES = ['once DISABLED', 'rests DISABLED', 'runs ENABLED', 'stopped DISABLED'];

/** Every server without writes knows which events are disabled, and runs none. */
const known = (but: string) =>
  eventually('the other servers know the statuses', 90, async () => {
    const text = await kubectl(['get', 'statefulset', 'database', '-n', NAMESPACE, '-o', 'jsonpath={.spec.replicas}']);
    const others = Array.from({ length: Number(text) }, (_, n) => `database-${n}`).filter((name) => name !== but);
    const found = await Promise.all(others.map(statuses));
    return found.every(
      (list) => list.join() === 'once DISABLED,rests DISABLED,runs REPLICA_SIDE_DISABLED,stopped DISABLED',
    );
  });

/** On the present primary events have their statuses, those that are enabled run, and nothing ran that should not. */
async function comesBack(step: string, since: number, tries: number): Promise<void> {
  const before = new Map<string, string>();
  const pod = await eventually(`${step}: events run again`, tries, async () => {
    const now = await primary();
    if ((await statuses(now)).join() !== THEIR_STATUSES.join()) return false;
    const [, count = '0'] = (await ran(now)).find(([name]) => name === 'runs') ?? [];
    const earlier = before.get(now);
    before.set(now, count);
    return earlier !== undefined && Number(count) > Number(earlier) && now;
  });
  rows.push([step, ((Date.now() - since) / 1000).toFixed(0)]);
  const names = (await ran(pod)).map(([name, count]) => (name === 'runs' ? name : `${name} ${count}`));
  expect(names).toEqual(['once 1', 'runs']);
  await known(pod);
}

givenGroup(
  'after the loss of the primary of a group its events run on the next one, and the disabled ones do not',
  async () => {
    const pod = await primary();
    await known(pod);
    const since = Date.now();
    await kubectl(['delete', 'pod', pod, '-n', NAMESPACE, '--grace-period=0', '--force', '--wait=false']);
    await eventually('another member is the primary', 90, async () => (await primary()) !== pod);
    await comesBack('primary of a group lost', since, 180);
  },
  600_000,
);

givenPair(
  'a primary that lost its volume and was cloned from its replica runs its events, and the disabled ones do not',
  async () => {
    await known('database-0');
    const since = Date.now();
    const [claim = ''] = (
      await kubectl([
        ...['get', 'pod', 'database-0', '-n', NAMESPACE],
        ...['-o', 'jsonpath={.spec.volumes[*].persistentVolumeClaim.claimName}'],
      ])
    ).split(' ');
    await kubectl(['delete', 'pvc', claim, '-n', NAMESPACE, '--wait=false']);
    await kubectl(['delete', 'pod', 'database-0', '-n', NAMESPACE, '--wait=false']);
    await eventually('database-0 has an empty volume', 180, async () => {
      const text = await kubectl([
        'get',
        'pod',
        'database-0',
        '-n',
        NAMESPACE,
        '-o',
        'jsonpath={.metadata.creationTimestamp}',
      ]);
      return Date.parse(text) > since - 1000;
    });
    await comesBack('primary cloned from its replica', since, 400);
  },
  900_000,
);

givenBackup(
  'after a restore events have the statuses of the wanted moment, from the backup and from binary logs alike',
  async () => {
    const pod = await primary();
    await sql(pod, `ALTER EVENT ${SCHEMA}.stopped ENABLE; ALTER EVENT ${SCHEMA}.runs DISABLE;`);
    await runNow('backup', 300);
    await sql(pod, `ALTER EVENT ${SCHEMA}.stopped DISABLE; ALTER EVENT ${SCHEMA}.runs ENABLE;`);
    await eventually('a moment has passed', 10, async () => (await ran(pod)).some(([name]) => name === 'runs'));
    await sql(pod, 'DO SLEEP(2);');
    const [time = ''] = await sql(
      pod,
      `SELECT UTC_TIMESTAMP(6); ALTER EVENT ${SCHEMA}.runs DISABLE; ALTER EVENT ${SCHEMA}.rests ENABLE;`,
    );
    const { code, text } = await restore(1200, '--at', secondBefore(rfc3339(time)), '--yes');
    const since = Date.now();
    await endRestore(text);
    expect([code, text]).toEqual([0, expect.stringContaining('the databases are as they were at')]);
    expect(text).toMatch(/events that do not run, .*`events_trial`\.`once`/);
    await comesBack('restore', since, 120);
  },
  1_800_000,
);
