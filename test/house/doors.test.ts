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

test('--help prints the usage of each and loads no more than that', () => {
  // one process for all: starting tsx costs more than any door
  const program = `process.argv[2] = '--help'; for (const door of ${JSON.stringify(doors.map(([, door]) => door))}) {
    console.log('door', door);
    await import(\`file://${process.cwd()}/\${door}\`);
  }`;
  const args = ['--import', 'tsx', '--import', './test/house/loaded.mjs', '--input-type=module', '-e', program];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect([status, stderr.split('\n').filter((line) => line && !line.includes(':'))]).toEqual([0, []]);
  const usages = Object.fromEntries(stdout.split(/^door /m).map((text) => [text.split('\n')[0], text]));
  for (const [name, door] of doors) {
    expect(usages[door]?.replace('npm run -s ', 'npm run ')).toMatch(`usage: npm run ${name}`); // -s: what it prints is for a file
  }
  const loaded = stderr.split('\n').filter((url) => url.startsWith('file:') && !url.includes('/node_modules/tsx/'));
  expect([...new Set(loaded.map((url) => url.replace(/.*\/(?=commands\/)|\?.*/g, '')))].sort()).toEqual(
    [...doors.map(([, door]) => door), 'commands/command.ts', 'commands/cluster/kubectl.ts'].sort(),
  );
});
