import { RUN_PATH } from '../../charts/database/layout';
import { selectorOf } from '../../charts/names';
import { CONF_PATH } from '../../charts/paths';
import type { Config } from '../../config';
import { ClusterError, kubectl, list } from '../cluster/kubectl';
import { patiently } from '../cluster/patience';

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Pods of the databases, by their numbers. */
export async function databasePods(config: Config): Promise<string[]> {
  const pods = await patiently(() => list<Pod>('pods', config.name, selectorOf('database', config)));
  return pods.map(({ metadata }) => metadata.name).sort();
}

/** True when every database takes part in the site. */
export async function allReady(config: Config, count: number): Promise<boolean> {
  const pods = await patiently(() => list<Pod>('pods', config.name, selectorOf('database', config)));
  const ready = pods.filter(({ status }) =>
    status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
  return ready.length === count;
}

/** Whatever a restore asks of a database may be asked twice. */
const inPod = (namespace: string, pod: string, command: readonly string[], input = ''): Promise<string> =>
  patiently(() =>
    kubectl(['exec', '-i', pod, '-c', 'database', '-n', namespace, '--', ...command], { input, seconds: 600 }),
  );

/** Asks a database as root, over its own socket: no other account may do what a restore does. @returns lines, their values between tabs */
export const asRoot = (namespace: string, pod: string, sql: string): Promise<string> =>
  inPod(
    namespace,
    pod,
    ['mysql', `--defaults-file=${RUN_PATH}/root.cnf`, '--batch', '--skip-column-names', '--raw', '--binary-mode'],
    sql,
  );

/** Runs restored.sh in a database. @param input its standard input */
export const restored = async (
  namespace: string,
  pod: string,
  args: readonly string[],
  input?: string,
): Promise<string> => (await inPod(namespace, pod, ['bash', `${CONF_PATH}/restored.sh`, ...args], input)).trim();

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

/** How far a database has come with a restore, as restored.sh reports it. */
export interface State {
  readonly step: 'none' | 'clones' | 'failed' | 'complete' | 'adopted';
  /** Bytes that are there, and bytes in all; or why it failed. */
  readonly rest: string;
}

/** Asks a database for its state; one that restarts has none. */
export async function stateOf(namespace: string, pod: string, id: string): Promise<State> {
  const text = await restored(namespace, pod, ['state', id]).catch(() => 'none');
  const [step = 'none', ...rest] = text.split(' ');
  return { step: step as State['step'], rest: rest.join(' ') };
}

/**
 * Databases take the clone as their data, by a restart of their servers. All are marked first, so that one that
 * restarts on its own takes it as well. One that has done so is left alone.
 */
export async function adopt(namespace: string, pods: readonly string[], id: string): Promise<void> {
  const marked: string[] = [];
  for (const pod of pods) {
    if ((await stateOf(namespace, pod, id)).step === 'adopted') continue;
    await restored(namespace, pod, ['adopt', id]);
    marked.push(pod);
  }
  // the session ends with the server
  await Promise.all(marked.map((pod) => asRoot(namespace, pod, 'SHUTDOWN;').catch(() => undefined)));
}
