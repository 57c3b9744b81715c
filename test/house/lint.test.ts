import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

// `npm run check` holds these rules for the project; here is what each of them refuses

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'threewall-house-'));
  copyFileSync('biome.json', join(root, 'biome.json'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** What the project's linter says of some files, as `file rule`. */
function faultsOf(files: Readonly<Record<string, string>>): string[] {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  const biome = join(process.cwd(), 'node_modules/@biomejs/biome/bin/biome');
  const { stdout, stderr } = spawnSync(process.execPath, [biome, 'lint', '--reporter=json'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stderr).not.toMatch('Failed to parse');
  const report = JSON.parse(stdout) as {
    diagnostics: readonly { severity: string; category: string; location: { path: string | { file: string } } }[];
  };
  return report.diagnostics
    .map(({ category, location: { path } }) => `${typeof path === 'string' ? path : path.file} ${category}`)
    .sort();
}

/** So many lines of which the linter likes each. */
const lines = (count: number): string => `${'// a line\n'.repeat(count - 1)}export const last = 1;\n`;

test('finds nothing where every rule is kept', () => {
  const files = {
    'charts/web/index.ts': `import { a } from './a';\nexport const b = a;\n${lines(148)}`,
    'charts/web/a.ts': `export const a = 1;\n${lines(249)}`,
    'site/server.ts': "import { c } from './c';\nexport const d = c;\n",
    'site/c.ts': 'export const c = 1;\n',
  };
  expect(faultsOf(files)).toEqual([]);
});

test('fails on a circle of imports, of types as well', () => {
  const files = {
    'charts/a.ts': "import { b } from './b';\nexport const a = b;\n",
    'charts/b.ts': "import { a } from './c';\nexport const b = () => a;\n",
    'charts/c.ts': "import { a } from './a';\nexport { a };\n",
    'commands/d.ts': "import type { E } from './e';\nexport type D = E | 1;\n",
    'commands/e.ts': "import type { D } from './d';\nexport type E = D[];\n",
  };
  const rule = 'lint/suspicious/noImportCycles';
  expect(faultsOf(files)).toEqual(Object.keys(files).map((file) => `${file} ${rule}`));
});

test('fails on a file of more than 250 lines, on a chart of more than 150', () => {
  const rule = 'lint/style/noExcessiveLinesPerFile';
  const long = { 'charts/web/nginx-conf.ts': lines(251), 'test/web.test.ts': lines(251), 'commands/up.ts': lines(251) };
  const files = { 'charts/web/index.ts': lines(151), ...long };
  expect(faultsOf(files)).toEqual(
    Object.keys(files)
      .sort()
      .map((file) => `${file} ${rule}`),
  );
});

test('fails where a room imports what it must know nothing of', () => {
  const rule = 'lint/style/noRestrictedImports';
  const files = {
    'charts/a.ts': "import { a } from '../commands/up/up';\nexport const b = a;\n",
    'charts/web/b.ts': "import { a } from '../../site/page';\nexport const b = a;\n",
    'config/a.ts': "import type { A } from '../charts/topology';\nexport type B = A;\n",
    'reachability/a.ts': "import { a } from '../charts/topology';\nexport const b = a;\n",
    'site/a.ts': "import { a } from '../charts/topology';\nexport const b = a;\n",
  };
  expect(faultsOf(files)).toEqual(Object.keys(files).map((file) => `${file} ${rule}`));
});

test('lets no file be longer', () => {
  const { overrides } = JSON.parse(readFileSync('biome.json', 'utf8')) as {
    overrides: readonly { linter: { rules: { style?: { noExcessiveLinesPerFile?: unknown } } } }[];
  };
  const rules = overrides.map(({ linter }) => linter.rules.style?.noExcessiveLinesPerFile);
  expect(rules.filter((rule) => rule === 'off')).toEqual([]);
});

test('scripts, pages and YAML have at most 250 lines as well, which no linter sees', () => {
  const files = execFileSync('git', ['ls-files', '*.sh', '*.lua', '*.sql', '*.md', '*.yaml', '*.yml', ':!dist'], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && existsSync(file));
  expect(files.length).toBeGreaterThan(100);
  const lengths = files.map((file) => ({ file, count: readFileSync(file, 'utf8').trimEnd().split('\n').length }));
  expect(lengths.filter(({ count }) => count > 250)).toEqual([]);
});
