import { places } from '../../../charts/backup/places';
import { dropKept, endRestore, primary, restore, runNow, sql } from '../support/backups';
import { eventually } from '../support/eventually';
import { config, ENVIRONMENT, kubectl } from '../support/kubectl';
import { table } from '../support/table';
import { rfc3339, secondBefore, Writer } from '../support/writer';

const TABLE = 'site.restore_trial';
const VIEW = 'site.restore_trial_view';
const rows: string[][] = [['step', 'value']];

if (!config.backup) console.log(`${ENVIRONMENT} has no backup section: nothing of it is tried`);
const given = config.backup ? test : test.skip;
const givenGroup = config.backup && config.database.topology === 'group' ? test : test.skip;

afterAll(async () => {
  console.log(table(rows));
  if (!config.backup) return;
  const pod = await primary();
  await sql(pod, clear.join('\n'));
  await dropKept();
});

const clear = [`DROP VIEW IF EXISTS ${VIEW};`, `DROP TABLE IF EXISTS ${TABLE};`];

/** A table with a trigger that marks what is inserted, and a view on it. */
const begin = (pod: string) =>
  sql(
    pod,
    [
      ...clear,
      `CREATE TABLE ${TABLE} (id INT PRIMARY KEY, text VARCHAR(100));`,
      `CREATE TRIGGER ${TABLE}_mark BEFORE INSERT ON ${TABLE} FOR EACH ROW SET NEW.text = CONCAT(NEW.text, '!');`,
      `CREATE VIEW ${VIEW} AS SELECT id, text FROM ${TABLE};`,
    ].join('\n'),
  );

const written = (writer: Writer, count: number) =>
  eventually(`${count} rows are written`, 180, async () => writer.acknowledged.size >= count);

/** Drops the table under the writers, restores to a second before, and compares with what was acknowledged. */
async function dropAndRestore(pod: string, writers: readonly Writer[]): Promise<number> {
  const [time = ''] = await sql(pod, `SELECT UTC_TIMESTAMP(6); DROP TABLE ${TABLE};`);
  for (const writer of writers) await writer.stop();
  const wanted = secondBefore(rfc3339(time));
  const before = Date.now();
  const { code, text } = await restore(1200, '--at', wanted, '--yes');
  rows.push(['duration of the restore', `${((Date.now() - before) / 1000).toFixed(0)} s`]);
  await endRestore(text);
  expect([code, text]).toEqual([0, expect.stringContaining('the databases are as they were at')]);

  const back = new Set((await sql(pod, `SELECT id FROM ${TABLE}`)).map(Number));
  const acknowledged = writers.flatMap((writer) => [...writer.acknowledged]);
  const due = acknowledged.filter(([, at]) => at <= wanted);
  const lost = due.filter(([id]) => !back.has(id));
  const after = acknowledged.filter(([id]) => !back.has(id));
  rows.push(
    ['rows written and acknowledged', String(acknowledged.length)],
    ['acknowledged until one second before the drop', String(due.length)],
    ['of these lost', String(lost.length)],
    ['rows of the last second, which the wanted time leaves out', String(after.length)],
  );
  expect(lost).toEqual([]);
  // to the row: no later acknowledged row came back, except the one in flight at that time
  expect(acknowledged.filter(([id, at]) => at > wanted && back.has(id)).length).toBeLessThanOrEqual(1);
  return due.length;
}

given(
  'a table that was dropped is back as it was one second before, with its trigger and a view on it',
  async () => {
    const pod = await primary();
    await begin(pod);
    const writer = new Writer(pod, TABLE);
    await written(writer, 100);
    const full = await runNow('backup', 240);
    rows.push(['full backup while rows are written', `${full.seconds.toFixed(0)} s`]);
    await written(writer, 1000);
    // more files than one run takes
    await sql(pod, 'FLUSH BINARY LOGS; '.repeat(20));
    const { rate } = writer;
    rows.push(['rows per second', rate.toFixed(0)]);
    expect(await dropAndRestore(pod, [writer])).toBeGreaterThan(500);
    expect(rate).toBeGreaterThan(20);
    expect(await sql(pod, `INSERT INTO ${TABLE} VALUES (-1, 'new'); SELECT text FROM ${VIEW} WHERE id = -1;`)).toEqual([
      'new!',
    ]);
  },
  1_500_000,
);

/**
 * Most seconds of writes that would be lost with the cluster, asked of the streaming pod for a while: the time since what the store
 * holds was read from the primary.
 */
async function mostLost(seconds: number): Promise<number> {
  const script = `cd ${places.work}; most=0; end=$((SECONDS + ${seconds}))
while ((SECONDS < end)); do
  if [[ shipped -nt open/state ]]; then stored=$(date -d "$(head -n 1 open/state) UTC" +%s); fi
  if [[ -n \${stored-} ]]; then lost=$(($(date +%s) - stored)); most=$((lost > most ? lost : most)); fi
  sleep 0.3
done
echo $most`;
  const target = ['deployment/backup-binlogs', '-n', config.name, '-c', 'stream'];
  return Number(await kubectl(['exec', ...target, '--', 'bash', '-c', script], { seconds: seconds + 60 }));
}

given(
  'a cluster that is lost at any moment has lost what was written within 30 s, also while a backup is made',
  async () => {
    const pod = await primary();
    await begin(pod);
    const writer = new Writer(pod, TABLE);
    try {
      await written(writer, 100);
      const [alone, beside] = [await mostLost(90), (await Promise.all([mostLost(90), runNow('backup', 240)]))[0]];
      rows.push([
        'most seconds of writes that the store lacks',
        `${alone} s; while a full backup is made, ${beside} s`,
      ]);
      expect(Math.max(alone, beside)).toBeLessThanOrEqual(30);
    } finally {
      await writer.stop();
    }
  },
  480_000,
);

/** Makes another member the primary. @returns its pod */
async function passOn(from: string): Promise<string> {
  const [to = ''] = await sql(
    from,
    "SELECT MEMBER_ID FROM performance_schema.replication_group_members WHERE MEMBER_STATE = 'ONLINE' AND MEMBER_ROLE = 'SECONDARY' LIMIT 1;",
  );
  await sql(from, `SELECT group_replication_set_as_primary('${to}');`);
  return eventually('another member is the primary', 60, async () => {
    const now = await primary();
    return now !== from && now;
  });
}

givenGroup(
  'and so it is when the primary changed to and fro between backup and drop',
  async () => {
    let pod = await primary();
    await begin(pod);
    const writers: Writer[] = [];
    for (const turn of [0, 1, 2]) {
      const writer = new Writer(pod, TABLE, turn * 100_000 + 1);
      writers.push(writer);
      await written(writer, 200);
      if (turn === 0) await runNow('backup', 240);
      if (turn === 2) break;
      await writer.stop();
      pod = await passOn(pod);
    }
    expect(await dropAndRestore(pod, writers)).toBeGreaterThan(500);
  },
  1_500_000,
);

given(
  'a drill restores what the last backup recorded',
  async () => {
    const { log, seconds } = await runNow('backup-drill', 400);
    rows.push(['drill', `${seconds.toFixed(0)} s`]);
    expect(log).toMatch(/give what the database held/);
  },
  360_000,
);

given(
  'fails to restore with another key, and says so',
  async () => {
    const other = `${config.secrets.backup}-other`;
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: other, namespace: config.name } };
    await kubectl(['create', '-f', '-'], {
      input: JSON.stringify({ ...secret, stringData: { password: 'another one' } }),
    });
    const cronJob = JSON.parse(await kubectl(['get', 'cronjob', 'backup-drill', '-n', config.name, '-o', 'json']));
    const volumes = cronJob.spec.jobTemplate.spec.template.spec.volumes;
    volumes.find(({ name }: { name: string }) => name === 'key').projected.sources[0].secret.name = other;
    const job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'trial-other-key', namespace: config.name },
      spec: { ...cronJob.spec.jobTemplate.spec, backoffLimit: 0 },
    };
    try {
      await kubectl(['create', '-f', '-'], { input: JSON.stringify(job) });
      await kubectl(['wait', '--for=condition=Failed', 'job/trial-other-key', '-n', config.name, '--timeout=240s'], {
        seconds: 250,
      });
      const log = await kubectl([
        'logs',
        '-n',
        config.name,
        '-l',
        'batch.kubernetes.io/job-name=trial-other-key',
        '-c',
        'fetch',
      ]);
      expect(log).toContain('does not open it, it was made with another one');
    } finally {
      await kubectl(['delete', 'job', 'trial-other-key', '-n', config.name, '--ignore-not-found', '--wait=false']);
      await kubectl(['delete', 'secret', other, '-n', config.name]);
    }
  },
  360_000,
);

given(
  'refuses a time that is none, and one before every backup, and changes nothing',
  async () => {
    expect(await restore(60, '--at', 'yesterday', '--yes')).toMatchObject({
      code: 2,
      text: expect.stringContaining('--at: must be'),
    });
    expect(await restore(60, '--at', 'latest')).toMatchObject({ code: 2, text: expect.stringContaining('Add --yes') });
    const early = await restore(300, '--at', '2020-01-01T00:00:00Z', '--yes');
    await endRestore(early.text);
    expect([early.code, early.text]).toEqual([2, expect.stringContaining('the store holds no backup from before')]);
  },
  480_000,
);
