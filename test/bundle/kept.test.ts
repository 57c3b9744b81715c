import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { kept } from '../../bundle/kept';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'threewall-kept-'));
  write('site/server.ts', 'one');
  write('lock.json', '{}');
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Asks for the texts of the inputs. @returns how many builds that took, and what was given */
function ask(file = 'cache/site.json'): [number, Record<string, string>] {
  let builds = 0;
  const inputs = ['site', 'lock.json'].map((path) => join(folder, path));
  const texts = kept(join(folder, file), inputs, () => {
    builds += 1;
    return { 'server.mjs': 'one' };
  });
  return [builds, texts];
}

test('is built once for the same inputs', () => {
  expect(ask()).toEqual([1, { 'server.mjs': 'one' }]);
  expect(ask()).toEqual([0, { 'server.mjs': 'one' }]);
  expect(readdirSync(join(folder, 'cache'))).toEqual(['site.json']);
});

test.each<[string, () => void]>([
  ['changed file', () => write('site/server.ts', 'two')],
  ['new file', () => write('site/parts/menu.ts', 'two')],
  ['file of another name', () => renameSync(join(folder, 'site/server.ts'), join(folder, 'site/index.ts'))],
  ['other package', () => write('lock.json', '{"a":1}')],
  ['torn file of what was kept', () => write('cache/site.json', '{"key":')],
])('is built again after a %s', (_, change) => {
  ask();
  change();
  expect(ask()[0]).toBe(1);
  expect(ask()[0]).toBe(0);
});

test('is built each time where it cannot be kept, or an input is missing', () => {
  write('file', '');
  expect([ask('file/site.json')[0], ask('file/site.json')[0]]).toEqual([1, 1]);
  rmSync(join(folder, 'lock.json'));
  expect([ask()[0], ask()[0]]).toEqual([1, 1]);
  expect(existsSync(join(folder, 'cache'))).toBe(false);
});
