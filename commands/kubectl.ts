import { type ExecFileException, execFile } from 'node:child_process';

/** Something outside the project is not as it should be: a missing tool, a cluster that does not answer. Exit code 1. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
}

/** How to run kubectl. */
export interface KubectlOptions {
  /** Text for its standard input: the only way that a secret value travels. @default - nothing */
  readonly input?: string;
  /** Deadline. @default 60 */
  readonly seconds?: number;
}

/**
 * Runs kubectl against the cluster that KUBECONFIG names.
 * @returns its standard output
 * @throws ClusterError that tells what kubectl said and what to do about it
 */
export function kubectl(args: readonly string[], { input, seconds = 60 }: KubectlOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: seconds * 1000, maxBuffer: 2 ** 28 };
    const child = execFile('kubectl', args, options, (error, stdout, stderr) =>
      error ? reject(new ClusterError(explain(args, error, stderr.trim()))) : resolve(stdout),
    );
    // a kubectl that ends before it has read everything says why in its own words
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

function explain(args: readonly string[], { code, killed }: ExecFileException, said: string): string {
  if (code === 'ENOENT') {
    return 'kubectl: not found; install it (https://kubernetes.io/docs/tasks/tools/) and put it on PATH';
  }
  if (killed || /connection refused|no such host|i\/o timeout|was refused|deadline exceeded/i.test(said)) {
    const named = process.env.KUBECONFIG ? `KUBECONFIG=${process.env.KUBECONFIG}` : 'the default kubeconfig';
    return `the cluster does not answer (${named}): ${said || 'timeout'}; check that it runs and that the current context is the right one`;
  }
  return `kubectl ${args.slice(0, 4).join(' ')} failed: ${said || `exit code ${code}`}`;
}

/** An object that kubectl printed as JSON, or undefined when there is none of that name. */
export async function get<T>(kind: string, name: string, namespace: string): Promise<T | undefined> {
  const text = await kubectl(['get', kind, name, '-n', namespace, '--ignore-not-found', '-o', 'json']);
  return text.trim() === '' ? undefined : (JSON.parse(text) as T);
}

/** All objects of a kind that bear the labels, in a namespace. */
export async function list<T>(
  kind: string,
  namespace: string,
  labels?: Readonly<Record<string, string>>,
): Promise<T[]> {
  const selector = labels
    ? [
        '-l',
        Object.entries(labels)
          .map((pair) => pair.join('='))
          .join(','),
      ]
    : [];
  const text = await kubectl(['get', kind, '-n', namespace, ...selector, '-o', 'json']);
  return (JSON.parse(text) as { items: T[] }).items;
}
