import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** What a program said. */
export interface Said {
  readonly status: number | null;
  /** Both streams. */
  readonly text: string;
}

/** Runs a program of the project's dependencies, or one by its path, with Node. */
export function run(folder: string, program: string, ...args: string[]): Said {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, CI: 'true', FORCE_COLOR: '0', CDK8S_OUTDIR: undefined },
  });
  return { status, text: `${stdout}${stderr}` };
}

/** Path of a package's program. */
export function program(name: string, word = name): string {
  const { bin } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  return resolve('node_modules', name, typeof bin === 'string' ? bin : bin[word]);
}

/** Builds and packs the package. @returns the packed file, in a folder outside the checkout */
export function packed(): string {
  const folder = mkdtempSync(join(tmpdir(), 'threewall-package-'));
  execFileSync(process.execPath, ['--import', 'tsx', 'bundle/package.ts'], { stdio: 'pipe' });
  execFileSync('npm', ['pack', '--ignore-scripts', '--offline', '--pack-destination', folder], { stdio: 'pipe' });
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  if (file === undefined) throw new Error('npm pack wrote no file');
  return join(folder, file);
}

/** Puts the packed file into a project's node_modules, and everything else that this checkout has: no registry is asked. */
export function install(file: string, project: string): void {
  const modules = join(project, 'node_modules');
  const own = join(modules, 'threewall');
  mkdirSync(own, { recursive: true });
  execFileSync('tar', ['-xzf', file, '-C', own, '--strip-components=1']);
  for (const name of readdirSync('node_modules').filter((one) => !one.startsWith('.') && one !== 'threewall')) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(resolve('node_modules', name), join(modules, name));
  }
}
