import { spawnSync } from 'node:child_process';

const run = (...words: string[]) =>
  spawnSync(process.execPath, ['bundle/run.mjs', 'commands/threewall.ts', ...words], { encoding: 'utf8' });

test.each([
  [['stauts', 'production'], 'error: unknown command "stauts", did you mean "status"?'],
  [['frobnicate'], 'error: unknown command "frobnicate"'],
  [['--', 'stauts'], 'error: unknown command "stauts", did you mean "status"?'],
  [[], 'error: name a command'],
  [['--verison'], "error: Unknown option '--verison', did you mean --version?"],
  [['down', 'production', '--delete-dta'], "error: Unknown option '--delete-dta', did you mean --delete-data?"],
  [['status', 'production', '--help-me=1'], "error: Unknown option '--help-me'"],
])('%j ends with 2 and says what is wrong', (words, line) => {
  const { status, stdout, stderr } = run(...words);
  expect([status, stdout, stderr.split('\n')[0]]).toEqual([2, '', line]);
});

test('shows options as they are typed here, without the -- of npm', () => {
  expect(run('detect', '--help').stdout).toMatch('usage: threewall detect [--trial]');
});
