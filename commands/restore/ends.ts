import { spawn } from 'node:child_process';
import { places } from '../../charts/backup/places';
import { RUN_PATH, SCHEMA } from '../../charts/database/layout';
import { ClusterError, kubectl } from '../cluster/kubectl';

/** A restored server in its pod, and the primary that takes over what it holds. */
export interface Ends {
  readonly namespace: string;
  readonly scratchPod: string;
  readonly primaryPod: string;
}

const PRINTED = ['--batch', '--skip-column-names', '--raw'];
const DUMP = [
  '--single-transaction',
  '--set-gtid-purged=OFF',
  '--no-tablespaces',
  '--hex-blob',
  '--skip-masking-policies',
];

/** A server: where it is, and how its own root reaches it. */
interface Server {
  readonly pod: string;
  readonly container: string;
  readonly login: readonly string[];
}

const primary = (pod: string): Server => ({
  pod,
  container: 'database',
  login: [`--defaults-file=${RUN_PATH}/root.cnf`],
});
const scratch = (pod: string): Server => ({
  pod,
  container: 'scratch',
  login: ['--no-defaults', '--user=root', `--socket=${places.run}/scratch.sock`],
});

const client = (namespace: string, { pod, container, login }: Server, more: readonly string[] = []): string[] => [
  ...['exec', '-i', pod, '-c', container, '-n', namespace, '--', 'mysql', ...login, ...PRINTED, ...more],
];
const dumper = (namespace: string, { pod, container, login }: Server, options: readonly string[]): string[] => [
  ...['exec', pod, '-c', container, '-n', namespace, '--', 'mysqldump', ...login, ...DUMP, ...options],
];

/** Asks a database as root, over its own socket: no other account may do what a restore does. */
export const asRoot = (namespace: string, pod: string, sql: string): Promise<string> =>
  kubectl(client(namespace, primary(pod), ['--binary-mode']), { input: sql, seconds: 600 });

/** One of the two servers of a restore. */
export interface Side {
  readonly ask: (sql: string) => Promise<string>;
  /** Definitions of the site's schema, as mysqldump prints them. */
  readonly dump: (...options: readonly string[]) => Promise<string>;
}

const side = (namespace: string, server: Server): Side => ({
  ask: (sql) => kubectl(client(namespace, server), { input: sql, seconds: 600 }),
  dump: (...options) => kubectl(dumper(namespace, server, options), { seconds: 600 }),
});

/** The primary of the site. */
export const present = ({ namespace, primaryPod }: Ends): Side => side(namespace, primary(primaryPod));

/** The restored server. */
export const restoredSide = ({ namespace, scratchPod }: Ends): Side => side(namespace, scratch(scratchPod));

/** Lines that a client printed. */
export const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** Copies the tables of the restored server into a schema of the primary: rows and indexes, no triggers, no views. */
export const copyTables = ({ namespace, scratchPod, primaryPod }: Ends, schema: string): Promise<void> =>
  pipe(
    dumper(namespace, scratch(scratchPod), ['--skip-triggers', '--ignore-views', SCHEMA]),
    client(namespace, primary(primaryPod), ['--binary-mode', schema]),
  );

/** The one database that can be written to. @throws ClusterError when there is none, or more than one */
export async function primaryOf(namespace: string, pods: readonly string[]): Promise<string> {
  const answers = await Promise.all(
    pods.map((pod) => asRoot(namespace, pod, 'SELECT @@global.read_only;').catch(() => '')),
  );
  const primaries = pods.filter((_, i) => answers[i]?.trim() === '0');
  const [found, ...more] = primaries;
  if (!found) throw new ClusterError('no database can be written to: there is no primary to restore into');
  if (more.length > 0) throw new ClusterError(`more than one database can be written to: ${primaries.join(', ')}`);
  return found;
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
