import { execFile, spawn } from 'node:child_process';
import { generateX25519Identity } from 'age-encryption';
import { CLIENT, primary, runNow, sql } from '../support/backups';
import { eventually } from '../support/eventually';
import { config, ENVIRONMENT, kubectl } from '../support/kubectl';
import { table } from '../support/table';

const TABLE = 'site.restore_trial';
const rows: string[][] = [['step', 'figure']];
afterAll(async () => {
  console.log(table(rows));
  if (!config.backup) return;
  const pod = await primary();
  const kept = await sql(pod, "SHOW DATABASES LIKE 'site\\_before\\_%'");
  await sql(
    pod,
    [`DROP TABLE IF EXISTS ${TABLE};`, ...kept.map((name) => `DROP DATABASE IF EXISTS \`${name}\`;`)].join('\n'),
  );
});

if (!config.backup) console.log(`${ENVIRONMENT} has no backup section: nothing of it is tried`);
const given = config.backup ? test : test.skip;

/** Inserts one row after the other in one session; what was printed was committed. */
class Writer {
  /** Number of the row, and the server's time right after its commit. */
  readonly acknowledged = new Map<number, string>();
  private readonly client;
  private running = true;
  private rest = '';
  private readonly done: Promise<void>;

  constructor(pod: string) {
    this.client = spawn('kubectl', ['exec', '-i', pod, '-c', 'database', '-n', config.name, '--', ...CLIENT]);
    this.client.stdin.on('error', () => undefined);
    this.client.stdout.on('data', (text: Buffer) => this.read(text.toString()));
    this.done = new Promise((resolve) => this.client.on('close', () => resolve()));
    void this.write();
  }

  private async write(): Promise<void> {
    for (let i = 1; this.running; i++) {
      this.client.stdin.write(
        `INSERT INTO ${TABLE} (id, text) VALUES (${i}, 'row ${i}'); SELECT ${i}, UTC_TIMESTAMP(6);\n`,
      );
      await new Promise((resolve) => setTimeout(resolve, 8));
    }
    this.client.stdin.end();
  }

  private read(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      const [id, time] = line.split('\t');
      this.acknowledged.set(Number(id), `${(time ?? '').replace(' ', 'T')}Z`);
    }
  }

  async stop(): Promise<void> {
    this.running = false;
    // kubectl does not notice that the client at the other end has stopped at an error
    this.client.kill();
    await this.done;
  }
}

const restore = (...args: string[]) =>
  new Promise<{ code: number; text: string }>((resolve) => {
    const all = ['--import', 'tsx', 'commands/restore.ts', ENVIRONMENT, ...args];
    execFile(process.execPath, all, { timeout: 400_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, text: stdout + stderr }),
    );
  });

given(
  'a table that was dropped is back as it was one second before',
  async () => {
    const pod = await primary();
    await sql(pod, `DROP TABLE IF EXISTS ${TABLE}; CREATE TABLE ${TABLE} (id INT PRIMARY KEY, text VARCHAR(100));`);
    const writer = new Writer(pod);
    const started = Date.now();
    await eventually('rows are written', 60, async () => writer.acknowledged.size > 100);
    const full = await runNow('backup', 120);
    rows.push(['full backup while rows are written', `${full.seconds.toFixed(0)} s`]);
    await eventually('rows are written after the backup', 60, async () => writer.acknowledged.size > 1000);
    const [time = ''] = await sql(pod, `SELECT UTC_TIMESTAMP(6); DROP TABLE ${TABLE};`);
    const dropped = `${time.replace(' ', 'T')}Z`;
    await writer.stop();
    const perSecond = writer.acknowledged.size / ((Date.now() - started) / 1000);
    expect(perSecond).toBeGreaterThan(50);

    const wanted = secondBefore(dropped);
    const before = Date.now();
    const { code, text } = await restore('--at', wanted, '--yes');
    expect([code, text]).toEqual([0, expect.stringContaining('is as it was')]);
    const seconds = (Date.now() - before) / 1000;

    const back = new Set((await sql(pod, `SELECT id FROM ${TABLE}`)).map(Number));
    const acknowledged = [...writer.acknowledged];
    const due = acknowledged.filter(([, at]) => at <= wanted);
    const lost = due.filter(([id]) => !back.has(id));
    const after = acknowledged.filter(([id]) => !back.has(id));
    rows.push(
      ['rows written and acknowledged', `${acknowledged.length} (${perSecond.toFixed(0)}/s)`],
      ['acknowledged until one second before the drop', String(due.length)],
      ['of these lost', String(lost.length)],
      ['rows of the last second, which the wanted time leaves out', String(after.length)],
      ['duration of the restore', `${seconds.toFixed(0)} s`],
    );
    expect(lost).toEqual([]);
    expect(due.length).toBeGreaterThan(500);
    // to the row: none that was committed later came back
    expect(back.size - due.length).toBeLessThanOrEqual(1);
  },
  600_000,
);

/** A second earlier, all six decimals kept. */
const secondBefore = (time: string): string =>
  new Date(Date.parse(time.replace(/\.\d+/, '')) - 1000).toISOString().replace('.000', /\.\d+/.exec(time)?.[0] ?? '');

given(
  'a drill restores what the last backup recorded',
  async () => {
    const { log, seconds } = await runNow('backup-drill', 180);
    rows.push(['drill', `${seconds.toFixed(0)} s`]);
    expect(log).toContain('restored and as recorded');
  },
  240_000,
);

given(
  'fails to restore with another key, and says so',
  async () => {
    const other = `${config.secrets.backup}-other`;
    const identity = await generateX25519Identity();
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: other, namespace: config.name } };
    await kubectl(['create', '-f', '-'], { input: JSON.stringify({ ...secret, stringData: { identity } }) });
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
      await kubectl(['wait', '--for=condition=Failed', 'job/trial-other-key', '-n', config.name, '--timeout=120s'], {
        seconds: 130,
      });
      const log = await kubectl([
        'logs',
        '-n',
        config.name,
        '-l',
        'batch.kubernetes.io/job-name=trial-other-key',
        '-c',
        'agent',
      ]);
      expect(log).toContain('cannot be opened with the key of the Secret');
    } finally {
      await kubectl(['delete', 'job', 'trial-other-key', '-n', config.name, '--ignore-not-found', '--wait=false']);
      await kubectl(['delete', 'secret', other, '-n', config.name]);
    }
  },
  180_000,
);

given(
  'refuses a time that is none, and one before every backup, and changes nothing',
  async () => {
    expect(await restore('--at', 'yesterday', '--yes')).toMatchObject({
      code: 2,
      text: expect.stringContaining('--at: must be'),
    });
    expect(await restore('--at', 'latest')).toMatchObject({ code: 2, text: expect.stringContaining('Say --yes') });
    const early = await restore('--at', '2020-01-01T00:00:00Z', '--yes');
    expect([early.code, early.text]).toEqual([1, expect.stringContaining('the store holds no backup from before')]);
  },
  240_000,
);
