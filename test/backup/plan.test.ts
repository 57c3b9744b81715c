import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptFiles } from '../../charts/scripts';
import { withProgram } from '../support/programs';

// sets of transactions are lists with commas here; the server computes with them otherwise
const SETS = `minus() { local c out=; for c in \${1//,/ }; do [[ ,$2, == *,$c,* ]] || out+=,$c; done; echo "\${out#,}"; }
union() { local more; more=$(minus "$2" "$1"); echo "$1\${1:+\${more:+,}}$more"; }
compact() { local line out=; while read -r line; do out+=,$line; done; echo "\${out#,}"; }
mysqlbinlog() { local file=\${!#}; echo "$(<"$file")"; }
fail() { echo "$*"; exit 1; }`;

/** A binary log as mysqlbinlog prints it: what was there before, and transactions by the time of their commit. */
const log = (previous: string, transactions: Readonly<Record<number, string>>): string =>
  [
    '# at 126',
    '#260101 12:00:00 server id 1 end_log_pos 157 CRC32 0x0 \tPrevious-GTIDs',
    previous === '' ? '# [empty]' : `# ${previous}`,
    '# at 157',
    ...Object.entries(transactions).flatMap(([time, id]) => [
      `# original_commit_timestamp=${time} (2026-01-01 12:00:00 UTC)`,
      `SET @@SESSION.GTID_NEXT= '${id}'/*!*/;`,
    ]),
    '',
  ].join('\n');

withProgram(['bash', 'awk'], () => {
  let work: string;
  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), 'plan-'));
  });
  afterEach(() => rmSync(work, { recursive: true }));

  /** What is wanted at a time, of files by their paths below `logs`. */
  function wanted(cut: number, files: Readonly<Record<string, string>>): string[] {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(work, 'logs', path, '..'), { recursive: true });
      writeFileSync(join(work, 'logs', path), text);
    }
    const script = `${scriptFiles('charts/backup/scripts')['replay.sh']}\n${SETS}\nset -euo pipefail\nplan ${cut}\necho "$wanted"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], {
      encoding: 'utf8',
      env: { ...process.env, WORK: work },
    });
    expect(stderr).toBe('');
    return stdout.trim().split(',').sort();
  }

  const first = log('', { 1: 'a:1', 2: 'a:2', 3: 'a:3' });

  test('what a primary had that was cloned is wanted, though its logs do not name it', () => {
    const files = {
      'id/100-a/binlog.000001': first,
      'open/200-b/past': 'a:1,a:2\n',
      'open/200-b/binlog.000001': log('', { 5: 'b:1', 9: 'b:2' }),
    };
    expect(wanted(6, files)).toEqual(['a:1', 'a:2', 'b:1']);
  });

  test('a time before that primary wants what the one before it had', () => {
    const files = {
      'id/100-a/binlog.000001': first,
      'id/100-a/past': '\n',
      'open/200-b/past': 'a:1,a:2\n',
      'open/200-b/binlog.000001': log('', { 5: 'b:1' }),
    };
    expect(wanted(2, files)).toEqual(['a:1', 'a:2']);
  });

  test('logs of an earlier version, without `past`, say it by `Previous` alone', () => {
    const files = {
      'id/100-a/binlog.000001': first,
      'open/200-b/binlog.000001': log('a:1,a:2,a:3', { 5: 'b:1' }),
    };
    expect(wanted(6, files)).toEqual(['a:1', 'a:2', 'a:3', 'b:1']);
  });
});
