import { AppTrial, duringTests } from '../support/apps/trial';
import { runNow } from '../support/backups';
import { percentile } from '../support/database/summary';
import { eventually, sleep } from '../support/eventually';
import { kubectl } from '../support/kubectl';

/** Data of the databases, in GiB. The disks of the nodes need six times as much while a restore is kept. */
const GIB = Number(process.env.THREEWALL_GIB ?? 10);
const ROOM = `${Math.ceil(GIB * 2.5)}Gi`;
/** Each is one page of 16 KiB, of which a half is the same everywhere and so takes no room in the repository. */
const ROWS = GIB * 2 ** 16;
const BATCH = 4096;
const RANDOM = 7 * 1024;
const HOUR = 3600;
/** Milliseconds between two visits. */
const EVERY = 100;

let trial: AppTrial;
const rows = duringTests(async () => {
  trial = await AppTrial.start('size', {
    app: {},
    database: { topology: 'primary-replica', whenReplicaIsLost: 'continue', storage: { size: ROOM } },
    backup: { store: { type: 'claim', storage: { size: ROOM } }, retentionDays: 3, scratchSize: ROOM },
  });
  return trial;
});

const inPod = (pod: string, container: string, ...command: readonly string[]): Promise<string> =>
  kubectl(['exec', pod, '-n', trial.config.name, '-c', container, '--', ...command], { seconds: HOUR });
/** Runs SQL in a database as root. */
const sql = (text: string, pod = 'database-0'): Promise<string> =>
  inPod(pod, 'database', 'mysql', '--defaults-file=/run/threewall/root.cnf', '-N', '-e', text, 'site');
const backUp = (cronJob: string) => runNow(cronJob, HOUR, trial.config.name);
const rate = (mebibytes: number, seconds: number): string =>
  `${seconds.toFixed(0)} s, ${(mebibytes / seconds).toFixed(0)} MiB/s`;
/** Size of the repository, in MiB. */
const stored = async (): Promise<number> =>
  Number.parseInt(await inPod('deployment/backup-binlogs', 'ship', 'du', '-sm', '/var/lib/backups'), 10);

/** How long a page of the databases takes a visitor meanwhile, in ms, and the most memory that a pod of the backup has. */
async function beside<T>(what: string, event: () => Promise<T>): Promise<T> {
  const visitor = await trial.visitor();
  const took: number[] = [];
  const bad: number[] = [];
  let memory = 0;
  let over = false;
  const asks = (async () => {
    while (!over) {
      const begun = performance.now();
      const { status } = await visitor.get('/messages?limit=20').catch(() => ({ status: 0 }));
      took.push(performance.now() - begun);
      if (status !== 200) bad.push(status);
      await sleep(Math.max(0, EVERY - (performance.now() - begun)) / 1000);
    }
  })();
  const looks = (async () => {
    while (!over) {
      memory = Math.max(memory, await mostMemory());
      await sleep(5);
    }
  })();
  try {
    return await event();
  } finally {
    over = true;
    await Promise.all([asks, looks]);
    const ms = (share: number): string => percentile(took, share).toFixed(0);
    rows.push(
      `  visitors, ${what} | p50 ${ms(0.5)} ms, p99 ${ms(0.99)} ms, ${bad.length} of ${took.length} failed${memory ? `, memory of its pod ${memory} MiB at most` : ''}`,
    );
  }
}

/** Memory of the largest container of a Job, without what the kernel may take back, in MiB. */
async function mostMemory(): Promise<number> {
  const nodes = (await kubectl(['get', 'nodes', '-o', 'name'])).trim().split('\n');
  const all = await Promise.all(
    nodes.map(async (node) => {
      const text = await kubectl(['get', '--raw', `/api/v1/nodes/${node.replace('node/', '')}/proxy/stats/summary`]);
      const { pods } = JSON.parse(text) as Stats;
      return pods
        .filter(({ podRef }) => podRef.namespace === trial.config.name && /^(trial|restore)-/.test(podRef.name))
        .flatMap(({ containers = [] }) => containers.map(({ memory }) => memory?.workingSetBytes ?? 0));
    }),
  ).catch(() => []);
  return Math.round(Math.max(0, ...all.flat()) / 2 ** 20);
}

/** @see https://kubernetes.io/docs/reference/instrumentation/node-metrics/ */
interface Stats {
  readonly pods: readonly {
    readonly podRef: { readonly name: string; readonly namespace: string };
    readonly containers?: readonly { readonly memory?: { readonly workingSetBytes?: number } }[];
  }[];
}

test('the databases hold so much', async () => {
  const begun = performance.now();
  const row = `CONCAT(${Array.from({ length: RANDOM / 1024 }, () => 'RANDOM_BYTES(1024)').join()}, REPEAT('same', ${RANDOM / 4}))`;
  await sql('CREATE TABLE large (id INT PRIMARY KEY AUTO_INCREMENT, n INT DEFAULT 0, b MEDIUMBLOB)');
  // not through the binary logs, whose size is not what is measured; the replica is cloned anew
  for (let i = 0; i < ROWS / BATCH; i++)
    await sql(
      `SET sql_log_bin = 0, cte_max_recursion_depth = ${BATCH}; INSERT INTO large (b) WITH RECURSIVE i (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < ${BATCH}) SELECT ${row} FROM i`,
    );
  rows.push(`${GIB} GiB written | ${rate(GIB * 1024, (performance.now() - begun) / 1000)}`);
  const cloned = performance.now();
  await trial.kubectl(['delete', 'pvc', 'data-database-1', '--wait=false']);
  await trial.kubectl(['delete', 'pod', 'database-1']);
  await eventually(
    'the new replica has it',
    HOUR,
    async () => (await sql('SELECT COUNT(*) FROM large', 'database-1')).trim() === String(ROWS),
  );
  rows.push(`a new replica | ${rate(GIB * 1024, (performance.now() - cloned) / 1000)}`);
  await beside('nothing else', () => sleep(60));
}, 7_200_000);

test('a full backup, and one of what has changed', async () => {
  const before = await stored();
  const first = await beside('a full backup', () => backUp('backup'));
  const full = await stored();
  rows.push(`full backup | ${rate(GIB * 1024, first.seconds)}, ${full - before} MiB stored`);
  // one after the other; of evenly strewn ones each is in another piece of the repository, which are of 1 MiB on average
  for (const [where, rowsOf] of [
    ['together', `id <= ${ROWS / 100}`],
    ['strewn evenly', 'id % 100 = 0'],
  ]) {
    const held = await stored();
    await sql(`UPDATE large SET n = n + 1, b = INSERT(b, 1, 8, RANDOM_BYTES(8)) WHERE ${rowsOf}`);
    const next = await beside(`a backup, 1 % changed ${where}`, () => backUp('backup'));
    rows.push(
      `1 % changed ${where} | ${next.seconds.toFixed(0)} s, ${(await stored()) - held} MiB more stored, binary logs among them`,
    );
  }
}, 7_200_000);

test('the drill', async () => {
  const drill = await beside('the drill', () => backUp('backup-drill'));
  rows.push(`drill | ${drill.seconds.toFixed(0)} s`);
}, 7_200_000);

test('a restore of all of it', async () => {
  await sql("UPDATE large SET n = 2 WHERE id = 1; CREATE TABLE last_words AS SELECT 'kept' AS word");
  const what = 'SELECT COUNT(*), SUM(n), (SELECT word FROM last_words) FROM large';
  const expected = await sql(what);
  const begun = performance.now();
  const said = await beside('a restore', () =>
    trial.npm('restore', 'development', '--at', 'latest', '--yes', '--timeout', '2h'),
  );
  const seconds = (performance.now() - begun) / 1000;
  console.log(said);
  expect(await sql(what)).toBe(expected);
  rows.push(`restore to the last moment, both databases | ${rate(GIB * 1024, seconds)}`);
}, 7_200_000);
