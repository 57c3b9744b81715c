import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentFiles, synthesize } from '../../library/environments';
import { refusedBy } from './site';

// the sample site is not compiled: its content does not matter here
jest.mock('../../bundle/programs', () => ({
  programs: { site: { 'server.mjs': '//', 'libraries.mjs': '//', static: {} } },
}));

let root: string;
let config: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'threewall-test-'));
  config = join(root, 'config');
  mkdirSync(config);
  writeFileSync(join(config, 'staging.yaml'), 'domain: staging.example.org');
});
afterEach(() => {
  rmSync(root, { recursive: true });
  jest.restoreAllMocks();
});

/** What is printed for a person, and the exit code. */
function synthesized(): { code: unknown; printed: string } {
  const lines: string[] = [];
  jest.spyOn(console, 'error').mockImplementation((line: string) => lines.push(line));
  const exit = jest.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  synthesize(root);
  return { code: exit.mock.calls[0]?.[0] ?? 0, printed: lines.join('\n') };
}

test('the file with which an editor locks another one is no environment', () => {
  // as Emacs does: a link to nothing
  symlinkSync('somebody@here.1234', join(config, '.#staging.yaml'));
  writeFileSync(join(config, '.yaml'), 'domain: hidden.example.org');
  expect(environmentFiles(root).map(({ name }) => name)).toEqual(['staging']);
});

test.each<[string, (path: string) => void, string]>([
  ['a folder', (path) => mkdirSync(path), 'must be a file that can be read: it is a folder'],
  ['a link to nothing', (path) => symlinkSync('nowhere', path), 'must be a file that can be read: ENOENT'],
])('an environment that is %s is a fault like another', (_, make, fault) => {
  make(join(config, 'live.yaml'));
  expect(refusedBy(() => environmentFiles(root))).toEqual([expect.stringContaining(fault)]);
  expect(synthesized()).toEqual({ code: 2, printed: expect.stringMatching(/^config\/live.yaml: 1 fault/) });
});

test.each(['__proto__', 'constructor'])('an environment called %s is a fault like another', (name) => {
  writeFileSync(join(config, `${name}.yaml`), 'domain: www.example.org');
  const printed = `config/${name}.yaml: 1 fault\n  must have another name, got "${name}", a word of JavaScript`;
  expect(synthesized()).toEqual({ code: 2, printed });
});

test('without an environment the manifests stay', () => {
  expect(synthesized()).toEqual({ code: 0, printed: '' });
  const before = readdirSync(join(root, 'dist/staging'));
  rmSync(join(config, 'staging.yaml'));
  expect(synthesized()).toEqual({ code: 2, printed: expect.stringContaining('must hold an environment') });
  expect(readdirSync(join(root, 'dist/staging'))).toEqual(before);
  expect(before.length).toBeGreaterThan(5);
});

test('an empty CDK8S_OUTDIR is none: manifests go to dist/, not beside config/', () => {
  const { CDK8S_OUTDIR } = process.env;
  process.env.CDK8S_OUTDIR = '';
  try {
    expect(synthesized().code).toBe(0);
  } finally {
    if (CDK8S_OUTDIR === undefined) delete process.env.CDK8S_OUTDIR;
    else process.env.CDK8S_OUTDIR = CDK8S_OUTDIR;
  }
  expect(existsSync(join(root, 'dist/staging'))).toBe(true);
  expect(existsSync(join(root, 'staging'))).toBe(false);
});
