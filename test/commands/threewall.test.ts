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
  [['init', 'shop', '--port', 'abc'], 'error: --port: must be a whole number, 1024 to 65535, got "abc"'],
  [['init', 'shop', '--package', ''], 'error: --package: must not be empty'],
  [['init', 'shop', '--domain='], 'error: --domain: must not be empty'],
  [
    ['init', 'shop', '--port', '3000'],
    'error: --port: must be left out without --image, as the sample site has its own, got "3000"',
  ],
  [
    ['gitops', 'production', '--adopt', '--repo', 'https://git.example.org/a.git'],
    'error: --repo, --path and --branch: must be left out with --adopt, --release and --prune, which write no file',
  ],
  [
    ['gitops', 'production', '--repo', 'https://git.example.org/a.git', '--argocd-namespace', 'Argo CD'],
    'error: --argocd-namespace: must be the name of a namespace: lower case letters, digits and "-" (max 63), got "Argo CD"',
  ],
  [
    ['gitops', 'production', '--repo', 'https://git.example.org/a.git', '--server', 'in-cluster'],
    'error: --server: must be an address, like https://kubernetes.default.svc, got "in-cluster"',
  ],
])('%j ends with 2 and says what is wrong', (words, line) => {
  const { status, stdout, stderr } = run(...words);
  expect([status, stdout, stderr.split('\n')[0]]).toEqual([2, '', line]);
});

test('shows options as they are typed here, without the -- of npm', () => {
  expect(run('detect', '--help').stdout).toMatch('usage: threewall detect [--trial]');
});
