import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptFiles } from '../../charts/scripts';
import { withProgram } from '../support/programs';

/** A primary `u` with two binary logs that holds $HELD; it does not answer a question that has $SILENT in it. */
const PRIMARY = `say() { echo "$*"; }
find_servers() { primary=database-0; }
executed() { ask "$1" gtid_executed; }
mysqlbinlog() { echo reads "\${!#}"; }
ask() {
  if [[ -n $SILENT && $2 == *"$SILENT"* ]]; then return 1; fi
  case $2 in
    *GTID_SUBSET*) local a; a=$(cut -d "'" -f 2 <<<"$2"); [[ ,$(cut -d "'" -f 4 <<<"$2"), == *"\${a%,},"* ]] && echo 1 || echo 0 ;;
    *server_uuid*) echo u ;;
    *'BINARY LOGS'*) printf 'binlog.000001\\t1\\nbinlog.000002\\t1\\n' ;;
    *000002*) printf 'f\\t4\\tPrevious_gtids\\t1\\t2\\ta:2\\n' ;;
    *gtid_executed*) echo "$HELD" ;;
  esac
}`;

withProgram(['bash', 'awk', 'sed', 'cat'], () => {
  let work: string;
  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), 'stream-'));
    mkdirSync(join(work, 'open', '100-u'), { recursive: true });
    writeFileSync(join(work, 'open', 'state'), 'now\n100-u\na:2\nbinlog.000002 9\n');
  });
  afterEach(() => rmSync(work, { recursive: true }));

  /** What is said, and whether a gap is noted and a stream has begun anew. */
  function follows(held: string, silent = '') {
    const [, functions] =
      /(reader=''[\s\S]*?)\nsize\(\)/.exec(scriptFiles('charts/backup/scripts')['stream.sh'] ?? '') ?? [];
    const script = `set -euo pipefail\n${PRIMARY}\n${functions}\nfollow && wait "$reader" || echo again`;
    const { stdout } = spawnSync('bash', ['-c', script], {
      encoding: 'utf8',
      env: { ...process.env, WORK: work, RUN: work, HELD: held, SILENT: silent },
    });
    const open = join(work, 'open');
    const streams = readdirSync(open).filter((name) => name.endsWith('-u'));
    return {
      said: stdout.trim().split('\n').at(-1),
      gap: existsSync(join(open, 'gap')),
      anew: streams.some((name) => existsSync(join(open, name, 'reset'))),
    };
  }

  test('the same primary is followed from the newest log that follows what is stored', () => {
    expect(follows('a:2')).toEqual({ said: 'reads binlog.000002', gap: false, anew: false });
  });
  test('a primary that lacks what is stored has begun anew', () => {
    expect(follows('')).toEqual({ said: 'reads binlog.000001', gap: true, anew: true });
  });
  test.each(['server_uuid', 'gtid_executed', 'gtid_purged', 'GTID_SUBSET', 'BINLOG EVENTS'])(
    'a primary that does not answer %s is asked again: that is no gap',
    (silent) => {
      expect(follows('a:2', silent)).toEqual({ said: 'again', gap: false, anew: false });
    },
  );
});
