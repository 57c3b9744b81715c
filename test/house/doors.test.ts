import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { loadedWith } from './sources';

/** What one can type, by its script in package.json, and the file that answers. */
const doors = Object.entries(
  (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts,
).flatMap(([name, line]) => {
  const file = /commands\/\S+\.ts/.exec(line)?.[0];
  return file ? [[name, file] as const] : [];
});

/** Those that the package's program alone opens. */
const ofThePackage = ['init', 'completion'].map((name) => [name, `commands/${name}.ts`] as const);

test('package.json names every command', () => {
  expect(doors.length).toBeGreaterThan(8);
});

// a room is imported when its command runs: help, and a word too many, answer before any chart or schema is read
test.each([...doors, ...ofThePackage])('%s loads nothing but the command line before it runs', (_, door) => {
  const own = [...loadedWith(door)].filter((file) => !file.startsWith('node:'));
  expect(own).toEqual([door, 'commands/command.ts', 'commands/cluster/kubectl.ts']);
});

test.each(doors)('%s --help prints its usage and loads no more than that', (name, door) => {
  const args = ['--import', 'tsx', '--import', './test/house/loaded.mjs', door, '--help'];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(status).toBe(0);
  expect(stdout.replace('npm run -s ', 'npm run ')).toMatch(`usage: npm run ${name}`); // -s: what it prints is for a file
  const loaded = stderr.split('\n').filter((url) => url.startsWith('file:') && !url.includes('/node_modules/tsx/'));
  expect(loaded.map((url) => url.replace(/.*\/(?=commands\/)|\?.*/g, '')).sort()).toEqual(
    [door, 'commands/command.ts', 'commands/cluster/kubectl.ts'].sort(),
  );
});
