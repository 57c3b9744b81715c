import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { textsBelow } from '../support/files';
import { install, packed, program, run } from './installed';

const file = packed();
const folder = dirname(file);
afterAll(() => rmSync(folder, { recursive: true }));
const listed = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).split('\n');

test('has every file that commands and charts read, not only their modules', () => {
  const read = execFileSync('git', ['ls-files', 'commands', 'charts'], { encoding: 'utf8' }).trim().split('\n');
  expect(read.filter((path) => !path.endsWith('.ts') && !listed.includes(`package/${path}`))).toEqual([]);
});

test('has every page that a message or the README names', () => {
  const sources = execFileSync('git', ['ls-files', 'README.md', 'charts', 'commands', 'config', 'docs/*.md'], {
    encoding: 'utf8',
  });
  const named = sources
    .trim()
    .split('\n')
    .flatMap((path) => readFileSync(path, 'utf8').match(/\bdocs\/[\w/-]+\.md\b/g) ?? []);
  expect(new Set(named).size).toBeGreaterThan(8);
  expect(named.filter((page) => !listed.includes(`package/${page}`))).toEqual([]);
});

// the build that was packed is what it documents
test('no link of the documentation site leads nowhere', () => {
  const { status, stderr } = spawnSync('npm', ['run', 'docs', '--ignore-scripts'], { encoding: 'utf8' });
  expect(stderr).toMatch(/Successfully scanned [1-9]\d{2,} links/);
  expect(status).toBe(0);
}, 120_000);

describe('a fresh cdk8s app with the package', () => {
  const project = join(folder, 'app');
  const TSCONFIG = {
    compilerOptions: { target: 'ES2022', module: 'NodeNext', strict: true, noEmit: true, types: ['node'] },
    include: ['*.ts'],
  };
  beforeAll(() => {
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'app', type: 'module' }));
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    writeFileSync(
      join(project, 'main.ts'),
      "import { synthesize } from 'threewall';\n\nsynthesize(import.meta.dirname);\n",
    );
    writeFileSync(
      join(project, 'sites.ts'),
      [
        "import { App } from 'cdk8s';",
        "import { ConfigError, Quantity, Threewall, type ThreewallProps } from 'threewall';",
        "import { parseConfig } from 'threewall/config';",
        "import { flows } from 'threewall/flows';",
        "import { expectFirewalls } from 'threewall/jest';",
        "import { clusterOf } from 'threewall/reachability';",
        "const props: ThreewallProps = { domain: 'www.example.org', web: { replicas: 3 } };",
        "const app = new App({ outdir: 'sites' });",
        "const [shop, blog] = [new Threewall(app, 'shop', props), new Threewall(app, 'blog', props)];",
        "shop.app.flow({ to: blog.app, ports: [8080], reason: 'news of the blog' });",
        "shop.web.extend({ volumes: [{ name: 'x', emptyDir: { sizeLimit: Quantity.fromString('1Mi') } }],",
        "  volumeMounts: [{ name: 'x', mountPath: '/x' }] });",
        'expectFirewalls(shop.toJson(), shop.config);',
        'const host: string = shop.database.services.primary.host;',
        '// @ts-expect-error a setting that there is not',
        "const wrong: ThreewallProps = { domain: 'www.example.org', webb: {} };",
        "try { parseConfig('domain: 1', 'a.yaml'); } catch (error) { console.log((error as ConfigError).faults[0]); }",
        "try { new Threewall(app, 'wrong', wrong); } catch (error) { console.log((error as ConfigError).message); }",
        'app.synth();',
        "console.log(host, flows(shop.config).some(({ reason }) => reason === 'news of the blog'));",
        "console.log(clusterOf(shop.toJson()).pods.some(({ name }) => name === 'shop/web'));",
      ].join('\n'),
    );
    cpSync('config', join(project, 'config'), { recursive: true });
    install(file, project);
  });

  test('type-checks as a project of Node', () => {
    expect(run(project, program('typescript', 'tsc'))).toEqual({ status: 0, text: '' });
  });

  test('synthesizes the same bytes as the repository', () => {
    expect(run(project, '--import', 'tsx', 'main.ts')).toEqual({ status: 0, text: '' });
    expect(textsBelow(join(project, 'dist'))).toEqual(textsBelow('dist'));
  });

  test('holds several sites, and answers with the same errors', () => {
    const { status, text } = run(project, '--import', 'tsx', 'sites.ts');
    expect(text.split('\n')).toEqual([
      expect.stringMatching('^domain: must be text, got 1|^domain: '),
      'wrong: 1 fault',
      '  webb: unknown setting, did you mean "web"?',
      'database-primary.shop.svc.cluster.local true',
      'true',
      '',
    ]);
    expect(status).toBe(0);
    expect(readdirSync(join(project, 'sites')).length).toBeGreaterThan(20);
  });
});

test('publint and Are The Types Wrong have nothing to say', () => {
  const lint = run(folder, program('publint'), 'run', file, '--strict');
  expect(lint.text).toMatch('All good!');
  const types = run(folder, program('@arethetypeswrong/cli', 'attw'), file, '--profile', 'esm-only', '--no-color');
  // what an ES module is not for is listed as ignored
  expect(types.text).not.toMatch(/(from ESM|bundler)\)?: (?!🟢)/);
  expect(types.text.match(/bundler: 🟢/g)).toHaveLength(7);
  expect([lint.status, types.status]).toEqual([0, 0]);
});

describe('the repository that `threewall init` writes', () => {
  const started = join(folder, 'start');
  const project = join(started, 'shop');
  const threewall = (cwd: string, ...args: string[]) =>
    run(cwd, join(started, 'node_modules/threewall/build/threewall.js'), ...args);
  beforeAll(() => {
    mkdirSync(started);
    install(file, started);
    const flags = ['--no-lock', '--cluster', 'kind', '--image', 'registry.example/shop:1.2.3', '--port', '3000'];
    expect(threewall(started, 'init', 'shop', ...flags)).toMatchObject({ status: 0 });
    install(file, project);
  });

  test('has a main.ts of at most 15 lines and a README of one screen', () => {
    const lines = (name: string) => readFileSync(join(project, name), 'utf8').trimEnd().split('\n').length;
    expect(lines('main.ts')).toBeLessThanOrEqual(15);
    expect(lines('README.md')).toBeLessThanOrEqual(40);
  });

  test('synthesizes and passes its tests at once', () => {
    expect(run(project, '--import', 'tsx', 'main.ts')).toEqual({ status: 0, text: '' });
    expect(run(project, program('typescript', 'tsc'))).toEqual({ status: 0, text: '' });
    const tests = run(project, program('jest'), '--ci=false');
    expect(tests.text).toMatch(/Tests:\s+6 passed, 6 total/);
    expect(tests.status).toBe(0);
  });

  test('has the commands', () => {
    const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
    for (const line of Object.values<string>(scripts).filter((one) => one.startsWith('threewall '))) {
      const [, ...words] = line.split(' ');
      const { status, text } = threewall(project, ...words, '--help');
      expect([line, status, text.startsWith(`usage: ${line}`)]).toEqual([line, 0, true]);
    }
    expect(threewall(project, 'firewall-diff', 'dist', 'dist', '--json')).toEqual({ status: 0, text: '[]\n' });
  });

  test('is left alone by a second init, and a faulty one writes nothing', () => {
    const before = textsBelow(join(project, 'config'));
    expect(threewall(started, 'init', 'shop')).toMatchObject({ status: 2 });
    expect(textsBelow(join(project, 'config'))).toEqual(before);
    const { status, text } = threewall(started, 'init', 'other', '--image', 'nginx:latest', '--topology', 'ring');
    expect([status, text]).toEqual([2, expect.stringMatching('topology: must be primary-replica, group, got "ring"')]);
    expect(threewall(started, 'init', '../other').status).toBe(2);
    expect(existsSync(join(started, 'other'))).toBe(false);
  });
});
