import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RUN_PATH } from '../../charts/database/layout';
import { roleSh } from '../../charts/database/role-sh';
import { configOf } from '../support/firewalls';
import { withProgram } from '../support/programs';

const run = mkdtempSync(join(tmpdir(), 'role-'));
afterAll(() => rmSync(run, { recursive: true }));

/** A server whose first two clients find it away, and whose third is told that it is the primary. */
const MYSQL = `#!/bin/bash
cd "$(dirname "$0")"
echo . >>tries
if (($(wc -l <tries) < 3)); then exit 1; fi
while read -r line; do
  case $line in
    'SELECT "end of answer";') echo 'end of answer' ;;
    *database_read_only*) echo 'database_read_only 0' ;;
    'SELECT REPLACE('*) echo primary ;;
  esac
done
`;

withProgram('bash', () => {
  test('role.sh outlives clients that end, and tells the role as soon as one is answered', () => {
    writeFileSync(join(run, 'mysql'), MYSQL, { mode: 0o755 });
    const script = roleSh(configOf({}))
      .replace(/^\. .*$/m, `set -euo pipefail\nRUN=${run} ORDINAL=0`)
      .replaceAll(RUN_PATH, run);
    spawnSync('timeout', ['4', 'bash', '-c', script], { env: { PATH: `${run}:${process.env.PATH}` } });
    const [first, ...figures] = readFileSync(join(run, 'role'), 'utf8').trim().split('\n');
    expect(first).toMatch(/^\d+ primary$/);
    expect(figures).toEqual([
      'database_read_only 0',
      'database_semi_sync_required 1',
      'database_primary 1',
      'database_errant_transactions 0',
    ]);
  });
});
