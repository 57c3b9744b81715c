import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Testing } from 'cdk8s';
import { DatabaseChart } from '../../charts/database';
import { ACCOUNT_NAMES } from '../../charts/database/accounts';
import { settingsOf } from '../../charts/database/settings';
import { settingsSh } from '../../charts/scripts';
import type { Config } from '../../config';

// scripts start dozens of programs, and the machine may be busy
jest.setTimeout(60_000);

const rendered = new Map<string, Record<string, string>>();

/** What a pod of the databases mounts as configuration, by file name. */
export function filesOf(config: Config): Record<string, string> {
  const key = JSON.stringify(config);
  const files =
    rendered.get(key) ??
    Testing.synth(new DatabaseChart(Testing.app(), config)).find(({ kind }) => kind === 'ConfigMap').data;
  rendered.set(key, files);
  return files;
}

/** Result of a script. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A database's container without its server: the scripts as they are mounted, settings with separate folders, and
 * stubs of MySQL's programs. `sleep` does not rest; after `rounds` calls of one script it ends that script.
 */
export class Room {
  readonly path = mkdtempSync(join(tmpdir(), 'database-'));
  readonly run: string;

  constructor(
    config: Config,
    readonly ordinal: number,
    { rounds = 3, ...settings }: { rounds?: number } & Record<string, string | number> = {},
  ) {
    const folder = (name: string): string => {
      mkdirSync(join(this.path, name), { recursive: true });
      return join(this.path, name);
    };
    this.run = folder('run');
    for (const [name, text] of Object.entries(filesOf(config))) this.write(`conf/${name}`, text);
    for (const name of ACCOUNT_NAMES) this.write(`users/${name}`, `password-of-${name}`);
    this.write('tls/ca.crt', 'certificate');
    const places = {
      RUN: this.run,
      VOLUME: folder('volume'),
      DATA: join(this.path, 'volume/data'),
      TMP: join(this.path, 'volume/tmp'),
      CONF: folder('conf'),
      USERS: folder('users'),
      TLS: folder('tls'),
      SOCKET: join(this.run, 'mysqld.sock'),
      ROLE_FILE: join(this.run, 'role'),
      HOSTS_FILE: join(this.path, 'hosts'),
    };
    this.write('conf/settings.sh', settingsSh({ ...settingsOf(config), ...places, ...settings }));
    // one name of a process a script: the shell that calls sleep
    this.program(
      'sleep',
      `echo >>"${this.path}/rounds.$PPID"\n[[ $(wc -l <"${this.path}/rounds.$PPID") -lt ${rounds} ]] || kill "$PPID"`,
    );
  }

  write(name: string, text: string): void {
    mkdirSync(join(this.path, name, '..'), { recursive: true });
    writeFileSync(join(this.path, name), text);
  }

  /** What a file of the room holds, nothing when there is none. */
  read(name: string): string {
    return this.has(name) ? readFileSync(join(this.path, name), 'utf8') : '';
  }

  has(name: string): boolean {
    return existsSync(join(this.path, name));
  }

  /** Adds a program that takes precedence over the machine's. */
  program(name: string, body: string): void {
    mkdirSync(join(this.path, 'bin'), { recursive: true });
    writeFileSync(join(this.path, 'bin', name), `#!/bin/bash\ncd '${this.path}' || exit\n${body}\n`, { mode: 0o755 });
  }

  private get env(): NodeJS.ProcessEnv {
    const path = `${join(this.path, 'bin')}:${process.env.PATH}`;
    return { PATH: path, HOSTNAME: `database-${this.ordinal}`, POD_IP: '10.0.0.7' };
  }

  /** Runs a script of the pod until it ends, then kills its remaining processes. */
  script(name: string, ...args: string[]): Promise<Outcome> {
    const child = spawn('bash', [join(this.path, 'conf', name), ...args], { env: this.env, detached: true });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', () => {
        try {
          process.kill(-(child.pid as number), 'SIGKILL');
        } catch {} // nothing was left behind
      });
      child.on('close', (status) => resolve({ status, stdout, stderr }));
    });
  }

  /** Runs commands with the functions of common.sh. */
  with(body: string, ...args: string[]): Outcome {
    const text = `. '${this.path}/conf/common.sh'\n${body}`;
    return spawnSync('bash', ['--norc', '-c', text, 'bash', ...args], { env: this.env, encoding: 'utf8' });
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
