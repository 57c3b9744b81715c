import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsSh } from '../../charts/scripts';
import { settings } from '../../charts/web/settings';
import { withProgram } from '../support/programs';

const SCRIPT = 'charts/web/scripts/start.sh';

/** Stubs of the image's programs: nginx accepts a certificate unless its text is `bad`. */
const PROGRAMS = {
  nginx: `case $* in *-t*) ! grep -q bad "$FOLDER/pem/next.pem" ;; *) exec sleep 60 ;; esac`,
  openssl: 'echo notAfter=Jan  2 00:00:00 2030 GMT',
};

let folder: string;
let log: string;
let started: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
  log = '';
  for (const name of ['pem', 'bin', 'conf', 'secrets/site-tls']) mkdirSync(join(folder, name), { recursive: true });
  for (const [name, text] of Object.entries(PROGRAMS)) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  copyFileSync(SCRIPT, join(folder, 'conf/start.sh'));
  const own = {
    CONF: join(folder, 'conf'),
    SECRETS_FOLDER: join(folder, 'secrets'),
    PEM_FOLDER: join(folder, 'pem'),
    NEXT_PEM: join(folder, 'pem/next.pem'),
    METRICS_FOLDER: join(folder, 'metrics'),
    NAME_SERVERS: join(folder, 'name-servers.conf'),
    DRAINING: join(folder, 'draining'),
    LOOK_SECONDS: 0.05,
  };
  // a setting that is new in settings.ts must be given here, too
  writeFileSync(join(folder, 'conf/settings.sh'), settingsSh({ ...settings(), ...own }));
  expect(Object.keys(own)).toEqual(Object.keys(settings()));
});
afterEach(() => {
  // the watch as well
  if (started?.pid !== undefined && started.exitCode === null) process.kill(-started.pid, 'SIGKILL');
  started = undefined;
  rmSync(folder, { recursive: true });
});

/** Updates the certificate's volume as a kubelet does: the symlink `..data` is replaced atomically. */
function put(version: string, text: string): void {
  const secret = join(folder, 'secrets/site-tls');
  mkdirSync(join(secret, version));
  writeFileSync(join(secret, version, 'tls.crt'), `certificate ${text}`);
  writeFileSync(join(secret, version, 'tls.key'), `key ${text}`);
  symlinkSync(version, join(secret, '..next'));
  renameSync(join(secret, '..next'), join(secret, '..data'));
}

function start(): ChildProcess {
  const env = { ...process.env, FOLDER: folder, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
  started = spawn('sh', [join(folder, 'conf/start.sh'), 'site'], {
    env,
    detached: true,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  started.stderr?.on('data', (data) => {
    log += data;
  });
  return started;
}

const served = (): string => readFileSync(join(folder, 'pem/site.pem'), 'utf8');

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) {
    if (started?.exitCode) throw new Error(`start.sh ended with ${started.exitCode}: ${log}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

// what start.sh and the stubs run
withProgram(['awk', 'cat', 'grep'], () => {
  test('a certificate is served with its key; one that does not fit is named and the one before stays', async () => {
    writeFileSync(join(folder, 'draining'), '');
    put('..1', 'good');
    start();
    await until(() => log.includes('certificate site: ..1 taken'));
    expect(served()).toBe('certificate good\nkey good');
    expect(existsSync(join(folder, 'draining'))).toBe(false);
    expect(readFileSync(join(folder, 'metrics/metrics'), 'utf8')).toBe(
      '# TYPE web_certificate_not_after_seconds gauge\nweb_certificate_not_after_seconds{certificate="site"} 1893542400\n',
    );

    put('..2', 'bad');
    await until(() => log.includes('certificate site: ..2 does not fit, the one before stays'));
    expect(served()).toBe('certificate good\nkey good');

    put('..3', 'better');
    await until(() => log.includes('certificate site: ..3 taken'));
    expect(served()).toBe('certificate better\nkey better');
  });

  test('without a certificate that fits nginx does not start', async () => {
    put('..1', 'bad');
    const { pid } = start();
    const status = await new Promise((resolve) => started?.on('exit', resolve));
    expect([pid === undefined, status]).toEqual([false, 1]);
    expect(existsSync(join(folder, 'pem/site.pem'))).toBe(false);
  });

  test('name servers are those of the pod', async () => {
    put('..1', 'good');
    start();
    await until(() => log.includes('taken'));
    const servers = readFileSync('/etc/resolv.conf', 'utf8').match(/^nameserver/gm) ?? [];
    const lines = readFileSync(join(folder, 'name-servers.conf'), 'utf8').match(/^server \S+:53;$/gm) ?? [];
    expect(lines).toHaveLength(servers.length);
  });
});

withProgram('shellcheck', () => {
  test('shellcheck finds nothing', () => {
    const { stdout, status } = spawnSync('shellcheck', ['-x', SCRIPT], { encoding: 'utf8' });
    expect([stdout, status]).toEqual(['', 0]);
  });
});
