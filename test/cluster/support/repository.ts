import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, parseConfig } from '../../../config';

const CONFIG = 'config/development.yaml';
/** What a copy of the project does without. */
const LEFT_OUT = ['.git', 'node_modules', 'dist', 'test', 'docs', 'gitops'];

/** A copy of the project with a site of its own, and the bare git repository that it is pushed to. */
export class Repository {
  private constructor(
    /** The copy. */
    readonly folder: string,
  ) {}

  /** @param site name of its site, and of the domain below `.test` */
  static create(site: string): Repository {
    const folder = mkdtempSync(join(tmpdir(), 'threewall-gitops-'));
    for (const name of readdirSync('.').filter((name) => !LEFT_OUT.includes(name))) {
      cpSync(name, join(folder, name), { recursive: true });
    }
    symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
    rmSync(join(folder, 'config/production.yaml'));
    writeFileSync(join(folder, '.gitignore'), 'node_modules\nremote.git\n');
    const repository = new Repository(folder);
    repository.git('init', '-q', '-b', 'main');
    repository.git('init', '-q', '--bare', '-b', 'main', 'remote.git');
    repository.edit((text) =>
      text.replace(/^name: .*/m, `name: ${site}`).replace(/^domain: .*/m, `domain: ${site}.test`),
    );
    return repository;
  }

  get url(): string {
    return `file://${join(this.folder, 'remote.git')}`;
  }

  get config(): Config {
    return parseConfig(readFileSync(join(this.folder, CONFIG), 'utf8'), CONFIG);
  }

  /** Changes the configuration, or another file. Nothing is committed. */
  edit(change: (text: string) => string, file = CONFIG): void {
    const path = join(this.folder, file);
    const before = readFileSync(path, 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`the edit of ${file} changes nothing`);
    writeFileSync(path, after);
  }

  /** Synthesizes, commits and pushes. @returns the commit */
  commit(message: string): string {
    this.npm('synth');
    this.git('add', '-A');
    this.git('-c', 'user.name=test', '-c', 'user.email=test@example.org', 'commit', '-q', '-m', message);
    this.git('push', '-q', this.url, 'HEAD:main');
    return this.git('rev-parse', 'HEAD');
  }

  /** Undoes the last commit with another one. @returns the commit */
  revert(): string {
    this.git('-c', 'user.name=test', '-c', 'user.email=test@example.org', 'revert', '--no-edit', 'HEAD');
    this.git('push', '-q', this.url, 'HEAD:main');
    return this.git('rev-parse', 'HEAD');
  }

  /** Runs a command of the project. @throws Error with what it said where it fails */
  npm(script: string, ...args: readonly string[]): string {
    const { code, output } = this.tryNpm(script, ...args);
    if (code !== 0) throw new Error(`npm run ${script}: exit code ${code}\n${output}`);
    return output;
  }

  /** Runs a command of the project that may fail. */
  tryNpm(script: string, ...args: readonly string[]): { code: number | null; output: string } {
    const all = ['run', '-s', script, ...(args.length > 0 ? ['--', ...args] : [])];
    const { status, stdout, stderr } = spawnSync('npm', all, {
      cwd: this.folder,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    return { code: status, output: `${stdout}${stderr}` };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private git(...args: readonly string[]): string {
    return execFileSync('git', args, { cwd: this.folder, encoding: 'utf8' }).trim();
  }
}
