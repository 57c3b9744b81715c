import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seconds, UsageError } from '../../commands/command';
import { environment, manifestFiles, objectsOf } from '../../commands/environment';
import { ConfigError } from '../../config';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'threewall-test-'));
  for (const folder of ['config', 'dist/staging']) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'config/staging.yaml'), 'domain: staging.example.org');
  writeFileSync(join(root, 'config/live.yaml'), 'domain: [');
  writeFileSync(join(root, 'config/canary.yml'), 'domain: canary.example.org');
});
afterEach(() => rmSync(root, { recursive: true }));

test('an environment is its file and its folder of manifests, read in the order of the names', () => {
  writeFileSync(join(root, 'dist/staging/20-b.yaml'), 'kind: B\n---\nkind: C\n');
  writeFileSync(join(root, 'dist/staging/10-a.yaml'), 'kind: A\n');
  const chosen = environment('staging', root);
  expect(chosen.config.domain).toBe('staging.example.org');
  expect(manifestFiles(chosen)).toEqual([join(root, 'dist/staging/10-a.yaml'), join(root, 'dist/staging/20-b.yaml')]);
  expect(objectsOf(chosen).map(({ kind }) => kind)).toEqual(['A', 'B', 'C']);
});

test.each<[string, string | undefined, RegExp]>([
  ['none is named', undefined, /^name an environment: live or staging$/],
  ['it is unknown', 'prod', /^unknown environment "prod", there are: live, staging$/],
  ['its name is a path', '../config/staging', /^unknown environment/],
  ['it is misspelt', 'stagin', /there are: live, staging; did you mean "staging"\?$/],
  ['it is named by its file', 'config/staging.yaml', /there are: live, staging; write staging$/],
  ['its file has another extension', 'canary', /; config\/canary.yml must be called canary.yaml$/],
])('fails with the names there are when %s', (_, name, message) => {
  expect(() => environment(name, root)).toThrow(UsageError);
  expect(() => environment(name, root)).toThrow(message);
});

test('fails with the faults of a configuration that is wrong', () => {
  expect(() => environment('live', root)).toThrow(ConfigError);
});

test('fails when its manifests were never made, naming the command that makes them', () => {
  rmSync(join(root, 'dist'), { recursive: true });
  expect(() => environment('staging', root)).toThrow('dist/staging: is missing; run `npm run synth`');
});

test('fails outside the project', () => {
  expect(() => environment('staging', join(root, 'dist'))).toThrow("run this in the project's folder");
});

test.each([
  ['10m', 600],
  ['90s', 90],
  ['90', 90],
  ['1.5h', 5400],
])('%s is %d seconds', (text, value) => {
  expect(seconds(text, '--timeout')).toBe(value);
});

test.each(['', '0', '-5', 'soon', '10 m', '5d'])('"%s" is no time', (text) => {
  expect(() => seconds(text, '--timeout')).toThrow(`--timeout: must be a time like "10m" or "90s", got "${text}"`);
});
