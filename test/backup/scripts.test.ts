import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasBackup } from '../../charts/backup';
import { backupSettings } from '../../charts/backup/settings';
import { accessOf, secretKeys } from '../../charts/backup/store';
import { scriptFiles } from '../../charts/scripts';
import { rate } from '../../commands/restore/rate';
import { configOf } from '../support/configs';
import { withProgram } from '../support/programs';

const SCRIPTS = 'charts/backup/scripts';
const storeOf = (store: object) => {
  const config = configOf({ backup: { store } });
  if (!hasBackup(config)) throw new Error('no backup');
  return { config, store: config.backup.store };
};

test.each([
  ['claim', { type: 'claim' }, '/var/lib/backups/restic/', ['password']],
  [
    's3',
    { type: 's3', endpoint: 'https://s3.example.org', bucket: 'site-backups', prefix: 'shop/' },
    's3:https://s3.example.org/site-backups/shop/',
    ['password', 'access-key-id', 'secret-access-key'],
  ],
  [
    'sftp',
    { type: 'sftp', host: 'backups.example.org', user: 'shop', path: '/srv/backups' },
    'sftp://shop@backups.example.org:22//srv/backups/',
    ['password', 'ssh-key', 'known-hosts'],
  ],
  [
    'Azure',
    { type: 'restic', repository: 'azure:backups:/shop/', secretKeys: ['AZURE_ACCOUNT_KEY'] },
    'azure:backups:/shop/',
    ['password', 'AZURE_ACCOUNT_KEY'],
  ],
])('restic gets the address of a store of type %s, and its keys', (_, given, repository, keys) => {
  const { store } = storeOf(given);
  expect(accessOf(store).repository).toBe(repository);
  expect(secretKeys(store)).toEqual(keys);
});

test('a restore says how much is there, how fast it comes, and when it will be done', () => {
  let now = 0;
  const progress = rate(() => now);
  expect(progress(0, 1000 * 2 ** 20)).toBeUndefined();
  now = 20_000;
  expect(progress(200 * 2 ** 20, 1000 * 2 ** 20)).toBe('200 of 1000 MiB, 10.0 MiB/s, 80 s left');
});

/** What mysqlbinlog prints of statements about events; before the first one `s.kept` and others were disabled. */
const STATEMENTS = `DELIMITER /*!*/;
# at 4
# original_commit_timestamp=100 (2026-01-01 00:00:00.000100 UTC)
use \`s\`/*!*/;
SET TIMESTAMP=1/*!*/;
CREATE DEFINER=\`own\`@\`%\` EVENT off ON SCHEDULE EVERY 1 SECOND DISABLE DO INSERT INTO s.t VALUES ('ENABLE')
/*!*/;
CREATE DEFINER=\`event\`@\`%\` EVENT IF NOT EXISTS \`x\`.\`On\`\`e\` ON SCHEDULE EVERY 1 SECOND /* DISABLE */ COMMENT 'it\\'s DISABLE' DO BEGIN
  ALTER EVENT a DISABLE;
# DISABLE
END
/*!*/;
ALTER EVENT Kept COMMENT 'x' -- ENABLE
/*!*/;
alter event back enable
/*!*/;
ALTER EVENT moved ON SCHEDULE EVERY 2 DAY RENAME TO other.\`Moved \`\` too\` COMMENT 'ENABLE'
/*!*/;
/*!50106 CREATE*/ /*!50117 DEFINER=\`root\`@\`localhost\`*/ /*!50106 EVENT \`dumped\` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE DISABLE DO SELECT 1 */
/*!*/;
CREATE DEFINER="own"@"%" EVENT "schön" ON SCHEDULE AT '2030-01-01' DISABLE DO SELECT 1
/*!*/;
CREATE DEFINER=CURRENT_USER() EVENT replica ON SCHEDULE EVERY 1 DAY DISABLE ON SLAVE DO SELECT 1
/*!*/;
CREATE DEFINER=\`r\`@\`l\` PROCEDURE p() BEGIN CREATE EVENT z ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1; END
/*!*/;
CREATE TABLE event (disable INT)
/*!*/;
DROP DATABASE IF EXISTS gone
/*!*/;
DROP EVENT IF EXISTS"s"."dropped"
/*!*/;
# original_commit_timestamp=200 (2026-01-01 00:00:00.000200 UTC)
ALTER EVENT off ENABLE
/*!*/;
`;

withProgram(['bash', 'shellcheck', 'awk'], () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'backup-'));
    for (const [name, text] of Object.entries(scriptFiles(SCRIPTS))) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, 'altering.sh'), scriptFiles('charts/database/scripts')['altering.sh'] as string);
    writeFileSync(join(folder, 'settings.sh'), backupSettings(storeOf({ type: 'claim' }).config));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('the scripts are clean', () => {
    const names = Object.keys(scriptFiles(SCRIPTS)).filter((name) => name.endsWith('.sh'));
    const { stdout } = spawnSync('shellcheck', ['--external-sources', '--format=gcc', ...names], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  }, 300_000);

  test('an event whose name is not in latin1, or that cannot be altered, ends no restore', () => {
    // it reads all, as the client does: who writes to it would end by SIGPIPE
    const mysql = `cat >/dev/null; case "$*" in *default-character-set=utf8mb4*) ;; *) echo 'not in utf8mb4' >&2; exit 1 ;; esac
case "$*" in *--force*) echo 'ERROR 1539 (HY000): Unknown event' >&2; exit 1 ;; *) echo 'ALTER EVENT x DISABLE;' ;; esac`;
    writeFileSync(join(folder, 'mysql'), `#!/bin/bash\n${mysql}\n`, { mode: 0o755 });
    const script = `set -euo pipefail; WORK=$PWD RUN=$PWD files=() until=1; say() { echo "$*"; }
. ./server.sh; . ./statuses.sh; disabled_before; statuses; echo goes on`;
    writeFileSync(join(folder, 'restores.sh'), script);
    const { stdout, stderr } = spawnSync('bash', ['./restores.sh'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
    });
    expect(stderr).toBe('');
    expect(stdout).toBe('an event keeps the status that replay gave it: ERROR 1539 (HY000): Unknown event\ngoes on\n');
  });

  test.each([
    ['a:1-5', 'a:1-4', 'database-1'],
    ['a:1-5', 'a:1-5,b:1', ''],
  ])('of a primary that holds %s a replica that holds %s is copied: "%s"', (primary, replica, source) => {
    const script = `. ./common.sh; primary=database-0 replicas=(database-1) source=
executed() { [[ $1 == database-0 ]] && echo ${primary} || echo ${replica}; }
comes_to() { [[ $1 != database-0 || $2 != *b:1* ]]; }
current_replica || true; echo "$source"`;
    writeFileSync(join(folder, 'asks.sh'), script);
    const { stdout, stderr } = spawnSync('bash', ['./asks.sh'], { cwd: folder, encoding: 'utf8' });
    expect(stdout.trim()).toBe(source);
    expect(stderr).toEqual(
      source ? '' : expect.stringContaining('database-1 holds transactions that database-0 lacks'),
    );
  });

  test('which events are disabled is read from the statements of binary logs, until the wanted moment', () => {
    const hex = (name: string): string => Buffer.from(name).toString('hex').toUpperCase();
    const key = (schema: string, event: string): string => `${hex(schema)}.${hex(event)}`;
    writeFileSync(
      join(folder, 'before'),
      [key('s', 'kept'), key('s', 'back'), key('s', 'dropped'), key('gone', 'x'), key('s', 'moved'), ''].join('\n'),
    );
    const { stdout, stderr } = spawnSync('awk', ['-v', 'cut=150', '-f', 'statuses.awk', 'before', '-'], {
      cwd: folder,
      input: STATEMENTS,
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
    });
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n').sort()).toEqual(
      [
        key('s', 'off'),
        key('s', 'kept'),
        key('other', 'moved ` too'),
        key('s', 'dumped'),
        key('s', 'schön'),
        key('s', 'replica'),
      ].sort(),
    );
  });

  test.each([
    [['a:1', 'a:2', 'a:4', 'b:7'], 'a:1-2,a:4-4,b:7-7'],
    [['a:tag:1', 'a:tag:2', 'a:3'], 'a:tag:1-2,a:3-3'],
    [[], ''],
  ])('transactions %j are the set %s', (ids, expected) => {
    const { stdout } = spawnSync('bash', ['-c', '. ./replay.sh; compact'], {
      cwd: folder,
      input: ids.map((id) => `${id}\n`).join(''),
      encoding: 'utf8',
    });
    expect(stdout).toBe(expected);
  });
});
