import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'threewall-run-'));
  cpSync('bundle/run.mjs', join(root, 'bundle/run.mjs'));
  mkdirSync(join(root, 'node_modules'));
  writeFileSync(join(root, 'node_modules/.package-lock.json'), '{}');
  for (const name of ['esbuild', '@esbuild'])
    symlinkSync(resolve('node_modules', name), join(root, 'node_modules', name));
  mkdirSync(join(root, 'part'));
  writeFileSync(join(root, 'main.ts'), "import { say } from './part/say';\nsay(process.argv.slice(2) as string[]);\n");
});
afterAll(() => rmSync(root, { recursive: true }));

const write = (word: string): void =>
  writeFileSync(
    join(root, 'part/say.ts'),
    `export const say = (words: string[]): void => console.log('${word}', import.meta.dirname, ...words);\n`,
  );
const run = (folder: string): string =>
  spawnSync(process.execPath, ['bundle/run.mjs', 'main.ts', 'a', 'b'], { cwd: folder, encoding: 'utf8' }).stdout;

test('runs a program with its arguments, and what is kept is what the sources say', () => {
  write('one');
  expect(run(root)).toBe(`one ${join(root, 'part')} a b\n`);
  expect(run(root)).toBe(`one ${join(root, 'part')} a b\n`);
  write('two');
  expect(run(root)).toBe(`two ${join(root, 'part')} a b\n`);
});

test('a copy of the project does not run the module of the original', () => {
  const copy = mkdtempSync(join(tmpdir(), 'threewall-run-'));
  try {
    cpSync(root, copy, { recursive: true, verbatimSymlinks: true });
    expect(run(copy)).toBe(`two ${join(copy, 'part')} a b\n`);
  } finally {
    rmSync(copy, { recursive: true });
  }
});

test('runs where nothing can be kept', () => {
  const cache = join(root, 'node_modules/.cache');
  rmSync(cache, { recursive: true, force: true });
  writeFileSync(cache, 'a file in the place of the folder');
  expect(run(root)).toBe(`two ${join(root, 'part')} a b\n`);
  rmSync(cache);
});
