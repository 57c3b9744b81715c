import { execFileSync } from 'node:child_process';

/** Runs promtool in a directory and returns what it prints; for tests inside `withProgram`. @throws what it printed */
export function promtool(cwd: string, ...args: string[]): string {
  try {
    return execFileSync('promtool', args, { cwd, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${stdout}${stderr}`, { cause: error });
  }
}
