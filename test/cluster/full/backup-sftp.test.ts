import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runNow } from '../support/backups';
import { config } from '../support/kubectl';
import { beside, DATA_PATH, FILES_PATH, startProgram } from '../support/program';
import { StoreTrial, storeProgram, thereAndBack } from '../support/store-trial';

/** Path of rclone (https://rclone.org/commands/rclone_serve_sftp/): `CGO_ENABLED=0 go install github.com/rclone/rclone@latest`. */
const { binary, given } = storeProgram('SFTP', 'THREEWALL_SFTP_SERVER', 'rclone');

const PORT = 2022;
const SERVER = { name: 'sftp', namespace: `${config.name}-sftp`, port: PORT } as const;
const HOST = `sftp.${SERVER.namespace}.svc`;

let trial: StoreTrial;

/** A pair of keys. */
function keys(): { secret: string; open: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sftp-'));
  try {
    const file = join(folder, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
    return { secret: readFileSync(file, 'utf8'), open: readFileSync(`${file}.pub`, 'utf8').trim() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const hostLine = (open: string): string => `[${HOST}]:${PORT} ${open}\n`;

beforeAll(async () => {
  if (binary === '') return;
  const [host, user] = [keys(), keys()];
  const where = `--addr :${PORT} --key ${FILES_PATH}/host-key --authorized-keys ${FILES_PATH}/authorized`;
  await startProgram({
    ...SERVER,
    binary,
    script: `mkdir -p ${DATA_PATH}/store; export HOME=${DATA_PATH}; exec "$PROGRAM" serve sftp ${DATA_PATH}/store ${where} --user backup --vfs-cache-mode off`,
    files: { 'host-key': host.secret, authorized: user.open },
  });
  const store = { type: 'sftp', host: HOST, port: PORT, user: 'backup', path: '/site' } as const;
  trial = await StoreTrial.begin(SERVER, store, { 'ssh-key': user.secret, 'known-hosts': hostLine(host.open) });
}, 600_000);

afterAll(async () => {
  await trial?.end();
}, 900_000);

given('a backup, binary logs, a drill and a restore go through SFTP', () => thereAndBack(trial), 1_800_000);

given('a server with another host key is refused, and the log says why', async () => {
  await trial.give('known-hosts', hostLine(keys().open));
  await expect(runNow('backup-drill', 240)).rejects.toThrow(/host key/i);
  expect(await beside(SERVER, `ls ${DATA_PATH}/store/site`)).toContain('logs');
});
