import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesBelow } from './files';

/** Texts by name, such as modules by their file. */
type Texts = Record<string, string>;

/**
 * What a build gave for the same inputs before, or gives now.
 * @param file where it is kept. A file that cannot be read or written costs time and nothing else.
 * @param inputs files and folders that the result depends on; of a folder, every file below it
 */
export function kept(file: string, inputs: readonly string[], build: () => Texts): Texts {
  const key = hashOf(inputs);
  return key === undefined ? build() : (earlier(file, key) ?? built(file, key, build));
}

function earlier(file: string, key: string): Texts | undefined {
  try {
    const before = JSON.parse(readFileSync(file, 'utf8')) as { key: string; texts: Texts };
    return before.key === key ? before.texts : undefined;
  } catch {
    return undefined;
  }
}

function built(file: string, key: string, build: () => Texts): Texts {
  const texts = build();
  try {
    mkdirSync(dirname(file), { recursive: true });
    // whole or not at all, should two runs write at a time
    writeFileSync(`${file}.${process.pid}`, JSON.stringify({ key, texts }));
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // built again in the next run
  }
  return texts;
}

/** Undefined when an input is missing: what it would say is not known. */
function hashOf(inputs: readonly string[]): string | undefined {
  if (!inputs.every((path) => existsSync(path))) return undefined;
  const hash = createHash('sha256');
  for (const path of inputs.flatMap(filesOf)) hash.update(`${path}\0`).update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

const filesOf = (path: string): string[] =>
  statSync(path).isFile() ? [path] : filesBelow(path).map((file) => join(path, file));
