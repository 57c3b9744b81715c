import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { hasBackup } from '../../charts/backup';
import { backupSettings } from '../../charts/backup/settings';
import { scriptFiles } from '../../charts/scripts';
import { configOf } from './configs';

/** What a script said, and its exit code; null when it was killed. */
export interface Run {
  readonly code: number | null;
  readonly text: string;
}

/** A folder in which the scripts for restic's image find what they find in their container, and a store that is a folder. */
export class BackupRoom {
  private constructor(readonly path: string) {}

  /** @param volumes of the app, empty */
  static create(...volumes: readonly string[]): BackupRoom {
    const room = new BackupRoom(mkdtempSync(join(tmpdir(), 'backup-room-')));
    const entries = volumes.map((name) => [name, { path: `/${name}`, accessMode: 'ReadWriteMany' }]);
    const config = configOf({ backup: { store: { type: 'claim' } }, app: { volumes: Object.fromEntries(entries) } });
    if (!hasBackup(config)) throw new Error('no backup');
    for (const name of ['conf', 'secret', 'store', 'work', 'bin']) mkdirSync(join(room.path, name));
    for (const name of volumes) mkdirSync(room.volume(name), { recursive: true });
    for (const [name, text] of Object.entries(scriptFiles('charts/backup/scripts'))) room.write(`conf/${name}`, text);
    const places = { SECRET: 'secret', WORK: 'work', REPOSITORY: 'store/', VOLUMES_AT: 'volumes' };
    const own = Object.entries(places).map(([name, folder]) => `${name}='${room.path}/${folder}'\n`);
    room.write('conf/settings.sh', backupSettings(config) + own.join(''));
    room.write('secret/password', 'one');
    return room;
  }

  volume(name: string): string {
    return join(this.path, 'volumes', name);
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.path, file), text);
  }

  /** Puts a program before those of the PATH. */
  program(name: string, script: string): void {
    this.write(`bin/${name}`, script);
    chmodSync(join(this.path, 'bin', name), 0o755);
  }

  /** Lets scripts find the programs of busybox before those of the PATH. */
  useBusybox(): void {
    mkdirSync(join(this.path, 'busybox'));
    this.bash('"$(command -v busybox)" --install -s busybox; rm -f busybox/busybox');
  }

  /** Runs a script as its container does. */
  run(script: string, env: Readonly<Record<string, string>> = {}): Run {
    const path = ['bin', 'busybox'].map((folder) => join(this.path, folder));
    const found = existsSync(join(this.path, 'busybox/sh')) ? join(this.path, 'busybox/sh') : 'sh';
    const { status, stdout, stderr } = spawnSync(found, [join(this.path, 'conf', script)], {
      env: { PATH: [...path, process.env.PATH].join(delimiter), HOME: this.path, ...env },
      encoding: 'utf8',
    });
    return { code: status, text: stdout + stderr };
  }

  /** Runs bash in the folder. @returns its output */
  bash(script: string): string {
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: this.path, encoding: 'utf8' });
    return stdout + stderr;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
