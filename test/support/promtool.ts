import { execFileSync } from 'node:child_process';

/** Runs promtool in a directory. @throws what it printed, or that it is missing */
export function promtool(cwd: string, ...args: string[]): string {
  try {
    return execFileSync('promtool', args, { cwd, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { code, stdout, stderr } = error as NodeJS.ErrnoException & { stdout?: string; stderr?: string };
    if (code === 'ENOENT') throw new Error('promtool is missing: install Prometheus (Debian: apt install prometheus)');
    throw new Error(`${stdout}${stderr}`);
  }
}
