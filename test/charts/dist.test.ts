import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const scratch = mkdtempSync(join(tmpdir(), 'threewall-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const synth = (root: string, out: string) =>
  execFileSync(process.execPath, ['--import', 'tsx', 'main.ts'], {
    cwd: root,
    env: { ...process.env, CDK8S_OUTDIR: out },
    stdio: 'pipe',
  });

/** Every file below a folder by its relative path. */
const filesOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
  );

test('dist/ is what a fresh synth writes, byte for byte; if not, run `npm run synth` and commit', () => {
  const out = join(scratch, 'dist');
  synth(process.cwd(), out);
  const [fresh, committed] = [filesOf(out), filesOf('dist')];
  expect(Object.keys(committed)).toEqual(Object.keys(fresh));
  expect(Object.keys(fresh).filter((path) => fresh[path] !== committed[path])).toEqual([]);
});

test('fails with exit code 2 and every fault when a configuration is wrong, and leaves dist/ as it was', () => {
  const root = join(scratch, 'project');
  for (const path of ['charts', 'config', 'imports', 'site', 'main.ts', 'package.json', 'tsconfig.json']) {
    cpSync(path, join(root, path), { recursive: true });
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(root, 'node_modules'));
  writeFileSync(
    join(root, 'config', 'broken.yaml'),
    'domain: example.org\nweb: { replicas: 1 }\nimages: { nginx: "nginx:latest" }\n',
  );
  const out = join(root, 'dist');
  cpSync('dist', out, { recursive: true });

  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'main.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^config\/broken\.yaml: 2 faults$/m);
  expect(stderr).toMatch('web.replicas: must be');
  expect(stderr).toMatch('images.nginx: must be');
  expect(filesOf(out)).toEqual(filesOf('dist'));
});
