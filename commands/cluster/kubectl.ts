import { type ExecFileException, execFile } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A fault outside the project: a missing tool, a cluster that does not answer. Exit code 1. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
}

/** The API server did not answer. Nothing is known of what was asked for. */
export class UnreachableError extends ClusterError {}

/** Options of a kubectl call. */
export interface KubectlOptions {
  /** Text for its standard input, the only channel for secret values. @default - nothing */
  readonly input?: string;
  /** Deadline in seconds. @default 60 */
  readonly seconds?: number;
  /** Print the API server's warnings. @default false */
  readonly warnings?: boolean;
}

/**
 * Runs kubectl against the cluster that KUBECONFIG names.
 * @returns its standard output
 * @throws ClusterError with kubectl's message and a remedy
 */
export function kubectl(
  args: readonly string[],
  { input, seconds = 60, warnings = false }: KubectlOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: seconds * 1000, maxBuffer: 2 ** 28 };
    const child = execFile('kubectl', args, options, (error, stdout, stderr) => {
      if (error) {
        // a kubelet that does not answer is another matter
        const silent = UNREACHABLE.test(stderr) && !stderr.includes('dialing backend');
        const Kind = silent ? UnreachableError : ClusterError;
        return reject(new Kind(explain(args, error, stderr.trim(), seconds)));
      }
      if (warnings) for (const line of stderr.match(/^Warning:.*$/gm) ?? []) console.warn(line);
      const faulty = args.includes('json') ? notJson(args, stdout) : undefined;
      if (faulty) return reject(new ClusterError(faulty));
      resolve(stdout);
    });
    // a kubectl that ends before it has read its input prints the reason itself
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

const UNREACHABLE =
  /connection refused|no such host|i\/o timeout|was refused|deadline exceeded|no route to host|network is unreachable|TLS handshake timeout|Client\.Timeout/i;

/** Remedies by kubectl's message. */
const HELP: readonly (readonly [RegExp, string])[] = [
  [/You must be logged in|Unauthorized/i, 'the credentials of the current context are refused; log in again'],
  [/x509|certificate signed by unknown/i, "the kubeconfig's CA is not the cluster's; fetch the kubeconfig again"],
  [/context ".*" does not exist|context was not found/i, 'see `kubectl config get-contexts`'],
  [/Forbidden.*cannot|is forbidden: User/i, 'the account of the current context lacks this permission'],
  [
    /updates to statefulset spec|field is immutable|may not change once set/i,
    'this field is fixed when the object is made: take the change back, or delete the object with `kubectl delete --cascade=orphan` and run the command again',
  ],
  [/no matches for kind/i, 'the cluster lacks this kind: its CustomResourceDefinition is not installed'],
  [/being terminated/i, 'an earlier deletion is not complete; try again when it is'],
];

function explain(args: readonly string[], error: ExecFileException, said: string, seconds: number): string {
  if (error.code === 'ENOENT') {
    return 'kubectl: not found; install it (https://kubernetes.io/docs/tasks/tools/) and put it on PATH';
  }
  const file = process.env.KUBECONFIG;
  if (UNREACHABLE.test(said)) {
    const missing = file && !file.includes(':') && !existsSync(file) ? ', a file that does not exist' : '';
    return `the cluster does not answer (${file ? `KUBECONFIG=${file}${missing}` : 'the default kubeconfig'}): ${lastLine(said)}; check that it runs and that the current context is the right one`;
  }
  const command = shown(args);
  if (error.killed) return `${command}: no answer within ${seconds} s${said && `; it said: ${said}`}`;
  const help = HELP.find(([pattern]) => pattern.test(said))?.[1];
  return `${command} failed: ${said || `exit code ${error.code}`}${help ? `\n  ${help}` : ''}`;
}

/** A call without its options. */
function shown(args: readonly string[]): string {
  const options = args.findIndex((arg) => arg.startsWith('-'));
  return ['kubectl', ...args.slice(0, options < 0 ? undefined : options)].join(' ');
}

/** What is wrong with an answer in which a wrapper of kubectl, or a proxy with a login page, prints something of its own. */
function notJson(args: readonly string[], text: string): string | undefined {
  if (/^\s*([{[]|$)/.test(text)) return undefined;
  return `${shown(args)}: must answer JSON, got ${JSON.stringify(text.trim().slice(0, 80))}; see what \`kubectl\` on PATH prints`;
}

const lastLine = (text: string): string => text.split('\n').at(-1) ?? text;

/**
 * An object that kubectl printed as JSON, or undefined when there is none of that name.
 * @param more further arguments
 */
export async function get<T>(
  kind: string,
  name: string,
  namespace?: string,
  more: readonly string[] = [],
): Promise<T | undefined> {
  const where = namespace ? ['-n', namespace] : [];
  const text = await kubectl(['get', kind, name, ...where, '--ignore-not-found', ...more, '-o', 'json']);
  return text.trim() === '' ? undefined : (JSON.parse(text) as T);
}

/** Labels as kubectl takes them. */
export const selector = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map((pair) => pair.join('='))
    .join(',');

/**
 * All objects of a kind (or several, separated by commas) with the labels, in a namespace.
 * @param more further arguments, such as a field selector
 */
export async function list<T>(
  kind: string,
  namespace: string,
  labels: Readonly<Record<string, string>> = {},
  more: readonly string[] = [],
): Promise<T[]> {
  const chosen = Object.keys(labels).length > 0 ? ['-l', selector(labels)] : [];
  const text = await kubectl(['get', kind, '-n', namespace, ...chosen, ...more, '-o', 'json']);
  return (JSON.parse(text) as { items: T[] }).items;
}

/** Version of Kubernetes. */
export interface ServerVersion {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
}

/** Reads the cluster's version, which shows quickly whether it answers. */
export async function serverVersion(): Promise<ServerVersion> {
  const text = await kubectl(['version', '-o', 'json', '--request-timeout=10s'], { seconds: 30 });
  return (JSON.parse(text) as { serverVersion: ServerVersion }).serverVersion;
}

/** Which cluster the commands talk to, for people: context and address. */
export async function clusterName(): Promise<string> {
  const text = await kubectl(['config', 'view', '--minify', '-o', 'json']).catch(() => '{}');
  const view = JSON.parse(text) as {
    'current-context'?: string;
    clusters?: readonly { cluster: { server?: string } }[];
  };
  return `${view['current-context'] ?? 'no context'} (${view.clusters?.[0]?.cluster.server ?? 'no address'})`;
}
