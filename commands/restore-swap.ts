import { spawn } from 'node:child_process';
import { places } from '../charts/backup/places';
import { RUN_PATH, SCHEMA } from '../charts/database/layout';
import { ClusterError, kubectl } from './kubectl';

/** A restored server in its pod, and the primary that takes over what it holds. */
export interface Ends {
  readonly namespace: string;
  readonly scratchPod: string;
  readonly primaryPod: string;
}

const ROOT = ['mysql', `--defaults-file=${RUN_PATH}/root.cnf`, '--batch', '--skip-column-names', '--raw'];
const SCRATCH = ['--no-defaults', '--user=root', `--socket=${places.run}/scratch.sock`];

/** Asks a database as root, over its own socket: no other account may do what a restore does. */
export const asRoot = (namespace: string, pod: string, sql: string): Promise<string> =>
  kubectl(['exec', '-i', pod, '-c', 'database', '-n', namespace, '--', ...ROOT], { input: sql, seconds: 600 });

const inScratch = ({ namespace, scratchPod }: Ends, sql: string): Promise<string> =>
  kubectl(
    [
      'exec',
      '-i',
      scratchPod,
      '-c',
      'scratch',
      '-n',
      namespace,
      '--',
      'mysql',
      ...SCRATCH,
      '--skip-column-names',
      '--batch',
      '--raw',
    ],
    { input: sql, seconds: 600 },
  );

/** The one database that can be written to. @throws ClusterError when there is none, or more than one */
export async function primaryOf(namespace: string, pods: readonly string[]): Promise<string> {
  const answers = await Promise.all(
    pods.map((pod) => asRoot(namespace, pod, 'SELECT @@global.read_only;').catch(() => '')),
  );
  const primaries = pods.filter((_, i) => answers[i]?.trim() === '0');
  const [primary, ...more] = primaries;
  if (!primary) throw new ClusterError('no database can be written to: there is no primary to restore into');
  if (more.length > 0) throw new ClusterError(`more than one database can be written to: ${primaries.join(', ')}`);
  return primary;
}

const OTHERS = `SELECT CONCAT(kind, ' ', name) FROM (
  SELECT 'trigger' kind, TRIGGER_NAME name FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '${SCHEMA}'
  UNION ALL SELECT 'view', TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '${SCHEMA}'
  UNION ALL SELECT ROUTINE_TYPE, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '${SCHEMA}'
  UNION ALL SELECT 'event', EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${SCHEMA}') o;`;

const TABLES = (schema: string): string =>
  `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${schema}' AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1;`;

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** A rename moves tables alone. @throws ClusterError that names what else there is */
export async function checkMovable(ends: Ends): Promise<void> {
  const found = [
    ...lines(await asRoot(ends.namespace, ends.primaryPod, OTHERS)),
    ...lines(await inScratch(ends, OTHERS)),
  ];
  if (found.length > 0) {
    throw new ClusterError(
      `the schema has more than tables (${[...new Set(found)].slice(0, 5).join(', ')}), which a rename cannot move; the restored server waits in pod ${ends.scratchPod} for you to copy from`,
    );
  }
}

/** Copies the restored tables into a schema of the primary beside the site's. @returns how many tables */
export async function copyAside(ends: Ends, schema: string): Promise<number> {
  const { namespace, scratchPod, primaryPod } = ends;
  await asRoot(namespace, primaryPod, `CREATE DATABASE \`${schema}\`;`);
  const dump = [
    'mysqldump',
    ...SCRATCH,
    '--single-transaction',
    '--set-gtid-purged=OFF',
    '--no-tablespaces',
    '--hex-blob',
    '--skip-masking-policies',
  ];
  await pipe(
    ['exec', scratchPod, '-c', 'scratch', '-n', namespace, '--', ...dump, '--skip-triggers', SCHEMA],
    ['exec', '-i', primaryPod, '-c', 'database', '-n', namespace, '--', ...ROOT, '--binary-mode', schema],
  );
  const [wanted, got] = [await inScratch(ends, TABLES(SCHEMA)), await asRoot(namespace, primaryPod, TABLES(schema))];
  if (wanted !== got) throw new ClusterError(`the copy in ${schema} is not complete; nothing of the site was changed`);
  return lines(got).length;
}

/** Puts the restored tables in the place of the present ones, which are kept: one statement, all or nothing. */
export async function swap({ namespace, primaryPod }: Ends, restored: string, kept: string): Promise<void> {
  const present = lines(await asRoot(namespace, primaryPod, TABLES(SCHEMA)));
  const fresh = lines(await asRoot(namespace, primaryPod, TABLES(restored)));
  const move = (from: string, to: string) => (table: string) => `\`${from}\`.\`${table}\` TO \`${to}\`.\`${table}\``;
  const moves = [...present.map(move(SCHEMA, kept)), ...fresh.map(move(restored, SCHEMA))];
  // what the restored schema has no table of any more was dropped since: the site is empty then, and so it becomes
  const rename = moves.length > 0 ? `RENAME TABLE ${moves.join(', ')};` : '';
  await asRoot(
    namespace,
    primaryPod,
    `SET SESSION lock_wait_timeout = 60; CREATE DATABASE \`${kept}\`; ${rename} DROP DATABASE \`${restored}\`;`,
  );
}

/** Rows of each table of a schema, for people. */
export async function rowsOf({ namespace, primaryPod }: Ends, schema: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const table of lines(await asRoot(namespace, primaryPod, TABLES(schema)))) {
    counts.set(table, Number(await asRoot(namespace, primaryPod, `SELECT COUNT(*) FROM \`${schema}\`.\`${table}\`;`)));
  }
  return counts;
}

/** Pipes one kubectl into another. @throws ClusterError when either fails */
async function pipe(from: readonly string[], to: readonly string[]): Promise<void> {
  const source = spawn('kubectl', from, { stdio: ['ignore', 'pipe', 'pipe'] });
  const target = spawn('kubectl', to, { stdio: ['pipe', 'ignore', 'pipe'] });
  source.stdout.pipe(target.stdin);
  target.stdin.on('error', () => source.kill());
  const ended = (child: typeof source | typeof target): Promise<string> =>
    new Promise((resolve, reject) => {
      let said = '';
      child.stderr.on('data', (text: Buffer) => {
        said += text.toString();
      });
      child.on('error', reject);
      child.on('close', (code) => resolve(code === 0 ? '' : said.trim() || `exit code ${code}`));
    });
  const [one, other] = await Promise.all([ended(source), ended(target)]);
  if (one || other)
    throw new ClusterError(`the copy into the primary broke off: ${[other, one].filter(Boolean).join('; ')}`);
}
