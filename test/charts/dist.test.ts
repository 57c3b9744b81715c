import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from '../../reachability/manifest';
import { textsBelow } from '../support/files';
import { readManifests } from '../support/manifests';
import { WITH_MOUNTS, withMounts } from '../support/programs';

const scratch = mkdtempSync(join(tmpdir(), 'threewall-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const synth = (root: string, out: string) =>
  execFileSync(process.execPath, ['bundle/run.mjs', 'main.ts'], {
    cwd: root,
    env: { ...process.env, CDK8S_OUTDIR: out },
    stdio: 'pipe',
  });

test('dist/ is what a fresh synth writes, byte for byte; if not, run `npm run synth` and commit', () => {
  const out = join(scratch, 'dist');
  synth(process.cwd(), out);
  const [fresh, committed] = [textsBelow(out), textsBelow('dist')];
  expect(Object.keys(committed)).toEqual(Object.keys(fresh));
  expect(Object.keys(fresh).filter((path) => fresh[path] !== committed[path])).toEqual([]);
});

test('fails with exit code 2 and every fault when a configuration is wrong, and leaves dist/ as it was', () => {
  const root = join(scratch, 'project');
  for (const path of [
    'bundle',
    'charts',
    'config',
    'imports',
    'library',
    'policy',
    'proof',
    'reachability',
    'site',
    'main.ts',
    'package.json',
    'tsconfig.json',
  ]) {
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
  expect(textsBelow(out)).toEqual(textsBelow('dist'));
});

test('every object fits the annotation of 262144 bytes that `kubectl apply` writes', () => {
  // the annotations together, as Go writes JSON: https://github.com/kubernetes/apimachinery/blob/v0.34.0/pkg/api/validation/objectmeta.go
  const bytes = (object: Manifest) => {
    const applied = JSON.stringify(object).replaceAll(/[<>&]/g, '\\u0000');
    return Buffer.byteLength(applied) + JSON.stringify(object.metadata).length + 100;
  };
  const all = readdirSync('dist').flatMap((environment) => readManifests(join('dist', environment)));
  const most = 262_144 - 16_384; // room for longer names and for annotations of the applier
  expect(all.filter((object) => bytes(object) > most).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(
    [],
  );
});

test('files of charts and environments that are no more go, and nothing else does; links stay', () => {
  const [out, real, elsewhere] = ['link', 'real', 'elsewhere'].map((name) => join(scratch, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of ['staging', 'development', 'notes']) mkdirSync(join(real, folder), { recursive: true });
  mkdirSync(elsewhere);
  symlinkSync(real, out);
  symlinkSync(elsewhere, join(real, 'production'));
  const kept = ['.gitkeep', 'README.md', 'notes/10-reasons.md', 'notes/values.yaml', 'development/.gitkeep'];
  const earlier = [
    'staging/40-web.yaml',
    'development/70-cache.yaml',
    'development/40-web.yaml.new',
    'production/99-earlier.yaml',
  ];
  for (const name of [...kept, ...earlier]) writeFileSync(join(out, name), 'a: 1\n');
  synth(process.cwd(), out);
  const made = Object.keys(textsBelow('dist')).filter((path) => !path.startsWith('production/'));
  expect(Object.keys(textsBelow(real)).sort()).toEqual([...made, ...kept].sort());
  expect(readdirSync(out)).not.toContain('staging');
  expect(lstatSync(out).isSymbolicLink()).toBe(true);
  expect(lstatSync(join(real, 'production')).isSymbolicLink()).toBe(true);
  expect(textsBelow(elsewhere)).toEqual(textsBelow('dist/production'));
});

/** Pages of memory that the files of dist/ take. */
const PAGES = Object.values(textsBelow('dist')).reduce((sum, text) => sum + Math.ceil(text.length / 4096), 0);

/** Runs a synth into a folder that is a mount, and lists it. */
const synthIntoMount = (pages: number, before = ':') => {
  const out = join(scratch, 'mount');
  mkdirSync(out, { recursive: true });
  const script = `mount -t tmpfs -o nr_blocks=${Math.round(pages)} none ${out}; cp -r dist/. ${out}; ${before}
    node bundle/run.mjs main.ts || echo "exit code $?"; cd ${out}; find . -type f | sort | xargs sha256sum`;
  return spawnSync('unshare', [...WITH_MOUNTS, 'sh', '-ec', script], {
    encoding: 'utf8',
    env: { ...process.env, CDK8S_OUTDIR: out },
  });
};
withMounts(() => {
  const sums = () =>
    spawnSync('sh', ['-c', 'cd dist; find . -type f | sort | xargs sha256sum'], { encoding: 'utf8' }).stdout;

  test('dist/ may be a mount', () => {
    expect(synthIntoMount(4 * PAGES, 'rm "$CDK8S_OUTDIR/development/40-web.yaml"').stdout).toBe(sums());
  });

  test('a disk that becomes full leaves every manifest as it was', () => {
    const { stdout, stderr } = synthIntoMount(1.5 * PAGES);
    expect(stdout).toBe(`exit code 1\n${sums()}`);
    expect(stderr).toMatch(/no space left on device[\s\S]*manifests are as they were/);
  });
});
