import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, parseConfig } from '../../../config';

/** What a copy of the project does without. */
const LEFT_OUT = ['.git', 'node_modules', 'dist', 'test', 'docs', 'gitops', 'build'];

/** A copy of the project with a separate site, and the bare git repository that it is pushed to. */
export class Repository {
  private constructor(
    /** The copy. */
    readonly folder: string,
    /** The environment that is tried. */
    readonly environment: string,
  ) {}

  /** A development environment of a site of its own. @param site its name, and that of the domain below `.test` */
  static create(site: string): Repository {
    const repository = Repository.copy('development');
    repository.edit((text) =>
      text.replace(/^name: .*/m, `name: ${site}`).replace(/^domain: .*/m, `domain: ${site}.test`),
    );
    return repository;
  }

  /** An environment as it is. */
  static copy(environment: string): Repository {
    const folder = mkdtempSync(join(tmpdir(), 'threewall-gitops-'));
    for (const name of readdirSync('.').filter((name) => !LEFT_OUT.includes(name))) {
      cpSync(name, join(folder, name), { recursive: true });
    }
    symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
    for (const file of readdirSync(join(folder, 'config'))) {
      if (file.endsWith('.yaml') && file !== `${environment}.yaml`) rmSync(join(folder, 'config', file));
    }
    writeFileSync(join(folder, '.gitignore'), 'node_modules\nremote.git\n');
    const repository = new Repository(folder, environment);
    repository.git('init', '-q', '-b', 'main');
    repository.git('init', '-q', '--bare', '-b', 'main', 'remote.git');
    return repository;
  }

  get url(): string {
    return `file://${join(this.folder, 'remote.git')}`;
  }

  /** Its configuration as it is now. */
  get config(): Config {
    return parseConfig(readFileSync(join(this.folder, this.file), 'utf8'), this.file);
  }

  /** Changes the configuration, or another file. Nothing is committed. */
  edit(change: (text: string) => string, file = this.file): void {
    const path = join(this.folder, file);
    const before = readFileSync(path, 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`the edit of ${file} changes nothing`);
    writeFileSync(path, after);
  }

  /** Synthesizes, commits and pushes. @returns the commit */
  async commit(message: string): Promise<string> {
    await this.npm('synth');
    this.git('add', '-A');
    this.git('commit', '-q', '-m', message);
    return this.push();
  }

  /** Undoes the last commit with another one. @returns the commit */
  revert(): string {
    this.git('revert', '--no-edit', 'HEAD');
    return this.push();
  }

  /** Runs a command of the project. @throws Error with what it said where it fails */
  async npm(script: string, ...args: readonly string[]): Promise<string> {
    const { code, output } = await this.tryNpm(script, ...args);
    if (code !== 0) throw new Error(`npm run ${script}: exit code ${code}\n${output}`);
    return output;
  }

  /** Runs a command of the project that may fail. A visitor's requests go on meanwhile. */
  tryNpm(script: string, ...args: readonly string[]): Promise<{ code: number; stdout: string; output: string }> {
    const all = ['run', '-s', script, ...(args.length > 0 ? ['--', ...args] : [])];
    return new Promise((resolve) => {
      execFile('npm', all, { cwd: this.folder, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, output: `${stdout}${stderr}` });
      });
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private get file(): string {
    return `config/${this.environment}.yaml`;
  }

  private push(): string {
    this.git('push', '-q', this.url, 'HEAD:main');
    return this.git('rev-parse', 'HEAD');
  }

  private git(...args: readonly string[]): string {
    const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.org'];
    return execFileSync('git', [...author, ...args], { cwd: this.folder, encoding: 'utf8' }).trim();
  }
}
