import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  static create(): BackupRoom {
    const room = new BackupRoom(mkdtempSync(join(tmpdir(), 'backup-room-')));
    const config = configOf({ backup: { store: { type: 'claim' } } });
    if (!hasBackup(config)) throw new Error('no backup');
    for (const name of ['conf', 'secret', 'store', 'work']) mkdirSync(join(room.path, name));
    for (const [name, text] of Object.entries(scriptFiles('charts/backup/scripts'))) room.write(`conf/${name}`, text);
    const places = { SECRET: 'secret', WORK: 'work', REPOSITORY: 'store/' };
    const own = Object.entries(places).map(([name, folder]) => `${name}='${room.path}/${folder}'\n`);
    room.write('conf/settings.sh', backupSettings(config) + own.join(''));
    room.write('secret/password', 'one');
    return room;
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.path, file), text);
  }

  /** Runs a script as its container does. */
  run(script: string, env: Readonly<Record<string, string>> = {}): Run {
    const { status, stdout, stderr } = spawnSync('sh', [join(this.path, 'conf', script)], {
      env: { PATH: process.env.PATH, HOME: this.path, ...env },
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
