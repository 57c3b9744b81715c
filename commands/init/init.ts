import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../command';
import { answersOf } from './answers';
import { type Answers, filesOf } from './files';

/** What is not a question about the site. */
interface Options {
  /** Writes package-lock.json, for which npm asks its registry. */
  readonly lock: boolean;
}

/**
 * Writes a repository into a new folder of the site's name: all of it or nothing.
 * @throws UsageError for a folder that holds something, or for answers that no site can have
 */
export async function init(name: string, given: Parameters<typeof answersOf>[1], { lock }: Options): Promise<void> {
  const folder = resolve(name);
  refuseFull(folder);
  const answers = await answersOf(name, given);
  write(folder, filesOf(answers));
  const locked = lock && locks(folder);
  console.log(next(answers, locked));
}

function refuseFull(folder: string): void {
  if (!existsSync(folder)) return;
  let content: string[];
  try {
    content = readdirSync(folder);
  } catch {
    throw new UsageError(`${folder}: is there and is no folder; nothing was written`);
  }
  if (content.length > 0) throw new UsageError(`${folder}: holds files already; nothing was written`);
}

/** Beside the folder first, so that it is there as a whole or not at all. */
function write(folder: string, files: Record<string, string>): void {
  let scratch: string | undefined;
  try {
    scratch = mkdtempSync(`${folder}.`);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(scratch, path)), { recursive: true });
      writeFileSync(join(scratch, path), text);
    }
    renameSync(scratch, folder);
  } catch (error) {
    if (scratch) rmSync(scratch, { recursive: true, force: true });
    throw new UsageError(`${folder}: cannot be written, and is as it was: ${(error as Error).message}`);
  }
}

function locks(folder: string): boolean {
  const args = ['install', '--package-lock-only', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return status === 0;
}

function next({ name }: Answers, locked: boolean): string {
  return [
    `wrote ${name}/`,
    '',
    `  cd ${name}`,
    `  npm ${locked ? 'ci' : 'install'} && npm run synth`,
    '  npm test',
    '  npm run up -- development',
  ].join('\n');
}
