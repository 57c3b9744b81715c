import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleSite } from '../../bundle/site';

const site = join(process.cwd(), 'site');
const folder = mkdtempSync(join(tmpdir(), 'site-'));
const children: ChildProcess[] = [];
const bundle = bundleSite(site);
for (const name of ['server.mjs', 'libraries.mjs'] as const) writeFileSync(join(folder, name), bundle[name]);
writeFileSync(join(folder, 'secret'), 'not a real one\n');

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, ['server.mjs'], { cwd: folder, env });
  children.push(child);
  let output = '';
  const hear = (chunk: Buffer) => {
    output += chunk;
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
  const listening = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const port = /"message":"listening","port":(\d+)/.exec(output)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
    exit.then(() => reject(new Error(`exited: ${output}`)));
  });
  listening.catch(() => {});
  return { child, exit, listening, output: () => output };
}

test('the same source gives the same bytes in every folder', () => {
  const moved = join(folder, 'moved');
  cpSync(site, join(moved, 'site'), { recursive: true });
  cpSync(join(process.cwd(), 'package.json'), join(moved, 'package.json'));
  symlinkSync(join(process.cwd(), 'node_modules'), join(moved, 'node_modules'));
  const other = bundleSite(join(moved, 'site'));
  expect(other.static).toEqual(bundle.static);
  for (const name of ['server.mjs', 'libraries.mjs'] as const) {
    // Not `toBe`: a difference of 240 KB is unreadable.
    expect(other[name] === bundle[name]).toBe(true);
    expect(bundle[name].includes(process.cwd())).toBe(false);
  }
});

test('static files are those of the folder', () => {
  expect(Object.keys(bundle.static)).toEqual(['app.css', 'app.js', 'favicon.svg']);
});

test('a picture and a file of a sub-folder arrive as they are, and anything else is refused', () => {
  const rich = join(folder, 'rich/site');
  cpSync(site, rich, { recursive: true });
  cpSync(join(process.cwd(), 'package.json'), join(folder, 'rich/package.json'));
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'rich/node_modules'));
  mkdirSync(join(rich, 'static/icons/small'), { recursive: true });
  const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0xff, 0xfe]);
  writeFileSync(join(rich, 'static/icons/small/logo.png'), picture);
  const { static: files } = bundleSite(rich);
  expect(Object.keys(files)).toEqual(['app.css', 'app.js', 'favicon.svg', 'icons/small/logo.png']);
  expect(files['icons/small/logo.png']?.equals(picture)).toBe(true);

  symlinkSync('/etc/hostname', join(rich, 'static/link'));
  expect(() => bundleSite(rich)).toThrow('site/static/link: must be a file or a folder');
});

test('the bundle runs with no other file, answers without a database, and stops with 0 at SIGTERM', async () => {
  const { child, exit, listening, output } = start({
    PORT: '0',
    METRICS_PORT: '0',
    DRAIN_SECONDS: '0',
    DATABASE_PRIMARY_HOST: 'localhost',
    DATABASE_REPLICA_HOST: 'localhost',
    DATABASE_PORT: '1',
    DATABASE_PASSWORD_FILE: join(folder, 'secret'),
    DATABASE_CA_FILE: join(folder, 'secret'),
  });
  const base = await listening;
  const statuses = [];
  for (const path of ['/healthz', '/', '/whoami', '/nothing', '/readyz']) {
    statuses.push((await fetch(base + path)).status);
  }
  expect(statuses).toEqual([200, 200, 200, 404, 503]);
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
  for (const line of output().trim().split('\n')) JSON.parse(line);
});

test('fails with code 2 and every fault when the environment cannot be used', async () => {
  const { exit, output } = start({ PORT: 'http', DATABASE_NAME: 'a b' });
  expect(await exit).toBe(2);
  expect(output()).toMatch(/4 fault\(s\):\n {2}PORT: .*\n {2}DATABASE_NAME: .*\n {2}DATABASE_PASSWORD_FILE: /);
});
