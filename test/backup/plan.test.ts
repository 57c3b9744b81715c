import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptFiles } from '../../charts/scripts';
import { withProgram } from '../support/programs';

// sets of transactions are lists with commas here; the server computes with them otherwise
const SETS = `minus() { local c out=; for c in \${1//,/ }; do [[ ,$2, == *,$c,* ]] || out+=,$c; done; echo "\${out#,}"; }
union() { local more; more=$(minus "$2" "$1"); echo "$1\${1:+\${more:+,}}$more"; }
compact() { local line out=; while read -r line; do out+=,$line; done; echo "\${out#,}"; }
mysqlbinlog() { local file=\${!#}; [[ "$*" == *--database=* ]] || echo "SET @@SESSION.GTID_NEXT= 'of:a statement'"; echo "$(<"$file")"; }
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

  /** What is wanted at a time, of files by their paths below `logs`, and the streams in which that is; `of` is the backup's time. */
  function wanted(cut: number, files: Readonly<Record<string, string>>, of = ''): string[] {
    writeFileSync(join(work, 'of'), of);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(work, 'logs', path, '..'), { recursive: true });
      writeFileSync(join(work, 'logs', path), text);
    }
    const script = `${scriptFiles('charts/backup/scripts')['replay.sh']}\n${SETS}\nset -euo pipefail\nplan ${cut}\necho "$wanted"\nfor file in "\${files[@]}"; do file=\${file%/*} && echo "\${file##*/}" >>"$WORK/from"; done`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], {
      encoding: 'utf8',
      env: { ...process.env, WORK: work, TZ: 'UTC' },
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

  describe('a primary that has begun its logs anew bears the same names again', () => {
    const files = {
      'id/100-a/binlog.000001': first,
      'id/200-a/reset': 'a:1,a:2,a:3\n',
      'id/200-a/past': '\n',
      'id/200-a/binlog.000001': log('', { 200000005: 'a:1', 200000009: 'a:2' }),
    };
    const from = (): string => readFileSync(join(work, 'from'), 'utf8').trim();

    test('a backup from after it takes what was logged after it alone', () => {
      expect(wanted(200_000_006, files, '1970-01-01 00:03:25')).toEqual(['a:1']);
      expect(from()).toBe('200-a');
    });
    test('a time before it wants what was logged before it', () => {
      expect(wanted(2, files, '1970-01-01 00:01:45')).toEqual(['a:1', 'a:2']);
      expect(from()).toBe('100-a');
    });
    test('a time after it is not reached by a backup from before it, and a line says so', () => {
      expect(wanted(200_000_006, files, '1970-01-01 00:01:45').join()).toMatch(
        /^the primary began its binary logs anew at 1970-01-01T00:03:20Z: .* is of 1970-01-01 00:01:45$/,
      );
    });
  });

  test('logs of an earlier version, without `past`, say it by `Previous` alone', () => {
    const files = {
      'id/100-a/binlog.000001': first,
      'open/200-b/binlog.000001': log('a:1,a:2,a:3', { 5: 'b:1' }),
    };
    expect(wanted(6, files)).toEqual(['a:1', 'a:2', 'a:3', 'b:1']);
  });
});
