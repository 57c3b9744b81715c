import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chart, Testing } from 'cdk8s';
import { appFiles } from '../../charts/app/files';
import { ConfigError } from '../../config';
import { configOf } from '../support/configs';
import { ownApp } from '../support/firewalls';
import { synthesize } from '../support/manifests';
import { withProgram } from '../support/programs';

// biome-ignore lint/suspicious/noExplicitAny: manifests, read at many depths
type Node = any;

const IMAGE = 'registry.example/shop:1.4.2';

describe('files of an image', () => {
  test('are mounted at their paths from a ConfigMap that is named after them', () => {
    const own = synthesize(ownApp.config) as Node[];
    const app = own.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'app');
    const { volumes, containers, initContainers } = app.spec.template.spec;
    const mounts = containers[0].volumeMounts.filter(({ name }: Node) => name.startsWith('files'));
    expect(mounts).toEqual([
      {
        name: 'files',
        mountPath: '/app/config.yml',
        subPath: expect.stringMatching(/^app\.config\.yml-/),
        readOnly: true,
      },
      {
        name: 'files-expanded',
        mountPath: '/app/database.yml',
        subPath: expect.stringMatching(/^app\.database\.yml-/),
        readOnly: true,
      },
    ]);
    expect(volumes.find(({ name }: Node) => name === 'files').configMap.name).toMatch(/^app-files-[0-9a-f]{10}$/);
    expect(volumes.find(({ name }: Node) => name === 'files-expanded').emptyDir.medium).toBe('Memory');
    expect(initContainers.map(({ name }: Node) => name)).toEqual(['router', 'seed-1', 'files']);
  });

  test('lie in the ConfigMap as bytes where YAML would not give them back as they are', () => {
    const config = configOf({ app: { image: IMAGE, files: { '/app/odd': './odd', '/app/text': './text' } } });
    const odd = Buffer.from('a DEL \x7f and a return\r\n');
    const contents = new Map([
      ['/app/odd', odd],
      ['/app/text', Buffer.from('text\n')],
    ]);
    const [{ data, binaryData }] = Testing.synth(appFiles(Testing.app(), config, contents) as unknown as Chart);
    expect(Object.values(data)).toEqual(['text\n']);
    expect(Object.values(binaryData)).toEqual([odd.toString('base64')]);
  });

  test('have a key that Kubernetes takes, whatever their path, and no two the same', () => {
    const paths = ['/.env', '/..env', '/env', '/a/b', '/a.b', '/ä/ö', `/${'long/'.repeat(80)}x`, '/expand.awk'];
    const config = configOf({ app: { image: IMAGE, files: Object.fromEntries(paths.map((path) => [path, './x'])) } });
    const contents = new Map(paths.map((path) => [path, Buffer.from(path)]));
    const [{ data }] = Testing.synth(appFiles(Testing.app(), config, contents) as unknown as Chart);
    expect(Object.values(data).sort()).toEqual([...paths].sort());
    for (const key of Object.keys(data)) {
      expect(key).toMatch(/^(?!\.\.)[-._a-zA-Z0-9]{1,253}$/);
      expect(key).not.toBe('.');
    }
  });

  test('are refused where no ConfigMap takes them, with their paths and what to do', () => {
    const config = configOf({ app: { image: IMAGE, files: { '/app/large': './l', '/app/small': './s' } } });
    const contents = new Map([
      ['/app/large', Buffer.alloc(255 * 1024, 'x')],
      ['/app/small', Buffer.from('s')],
    ]);
    const make = () => appFiles(Testing.app(), config, contents);
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(
      /must have at most 260096 bytes, got 261\d{3} \(largest: \/app\/large 261122, \/app\/small 3\); put large files of app\.files into the image/,
    );
  });

  test('give the container that fills them in no variable that they do not name', () => {
    const app = {
      image: IMAGE,
      env: { TOKEN: { secret: 'random' }, URL: 'mysql://$(DATABASE_USER)@$(HOST)', HOST: 'x', OTHER: '$(TOKEN)' },
      files: { '/app/config.yml': { file: './config.yml', expand: true } },
    };
    const contents = new Map([['/app/config.yml', Buffer.from('url: $(URL)\n$$(TOKEN)\n')]]);
    const { initContainers } = appFiles(Testing.app(), configOf({ app }), contents);
    expect(initContainers[0]?.env?.map(({ name }) => name)).toEqual(['DATABASE_USER', 'HOST', 'URL']);
  });

  withProgram('awk', () => {
    describe('that name variables', () => {
      let folder: string;
      beforeAll(() => {
        folder = mkdtempSync(join(tmpdir(), 'expand-'));
      });
      afterAll(() => rmSync(folder, { recursive: true }));
      const expand = (text: string, env: Record<string, string>): string => {
        writeFileSync(join(folder, 'in'), text);
        const out = mkdtempSync(join(folder, 'out-'));
        execFileSync('awk', ['-v', `to=${out}`, '-f', 'charts/app/scripts/expand.awk', join(folder, 'in')], {
          env: { PATH: process.env.PATH, ...env },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        return readFileSync(join(out, 'in'), 'utf8');
      };

      test('have their values in them, whatever these are, and nothing else changed', () => {
        const env = { A: 'a\\b&c/$(B)\n"x"', B: '2', C_1: '' };
        expect(expand('one $(A) $(B)$(C_1)!\n\n$$(A) $(x y) $A $(\n', env)).toBe(
          'one a\\b&c/$(B)\n"x" 2!\n\n$(A) $(x y) $A $(\n',
        );
      });

      test.each([
        ['an empty file', ''],
        ['no newline at the end', '$(A)', '1'],
        ['several newlines at the end', 'x\n\n\n'],
        ['Windows lines', 'a=$(A)\r\nb\r\n', 'a=1\r\nb\r\n'],
        ['the character between records', '\u0001a\u0001\u0001$(A)', '\u0001a\u0001\u00011'],
        ['a percent sign and a backslash', '%s %d \\n $(A)\\', '%s %d \\n 1\\'],
        ['letters of other scripts', 'ключ=$(A) ü', 'ключ=1 ü'],
        [
          '200 KB in one line',
          `${'x'.repeat(100_000)}$(A)${'y'.repeat(100_000)}`,
          `${'x'.repeat(100_000)}1${'y'.repeat(100_000)}`,
        ],
      ])('stay what they are: %s', (_, text, expanded = text) => {
        expect(expand(text, { A: '1' })).toBe(expanded);
      });

      test('end the pod where one is missing', () => {
        expect(() => expand('$(MISSING)\n', {})).toThrow(/no variable MISSING/);
      });
    });
  });
});
