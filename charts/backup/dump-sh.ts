import { SCHEMA } from '../database/layout';
import { ours } from './common-sh';
import { places } from './places';

/**
 * Dumps the site into the pipe, and records what was in it. A second session holds the very snapshot of the dump: its
 * read lock keeps commits off while both begin, for some milliseconds; on a replica nobody waits for it. That session
 * counts and sums the rows afterwards. mysqldump would take such a lock itself, with GTIDs or `--source-data`, but for its
 * own snapshot alone; without both it takes none.
 * @see https://dev.mysql.com/doc/refman/9.7/en/mysqldump.html#option_mysqldump_single-transaction
 * @see https://github.com/mysql/mysql-server/commit/022e73ba697
 */
export const dumpSh = (): string => `. ${places.conf}/common.sh
options
mkfifo "$WORK/dump.fifo"

# source: a replica that has all that the primary had a moment ago, else the primary
find_servers
source=$primary
held=
if [[ -n $primary ]]; then held=$(ask "$primary" "SELECT REPLACE(@@global.gtid_executed, '\\n', '')"); fi
for replica in "\${replicas[@]}"; do
  if [[ $(ask "$replica" "SELECT WAIT_FOR_EXECUTED_GTID_SET('$held', 20)") == 0 ]]; then
    source=$replica
    break
  fi
done
if [[ -z $source ]]; then fail 'no database answers'; fi
say "dumps $source"

coproc HOLDER { exec mysql --defaults-file="$RUN/my.cnf" --host="$source" --skip-column-names --batch --raw --unbuffered; }
# copies: a coprocess's own descriptors do not reach the parts of a pipeline
exec {to}>&"\${HOLDER[1]}" {from}<&"\${HOLDER[0]}"
tell() { printf '%s\\n' "$1" >&"$to"; }
answer() { IFS= read -r -t "\${1:-120}" line <&"$from" || fail 'the session that holds the snapshot was lost'; }

# no table changes its shape until the record is complete
tell 'LOCK INSTANCE FOR BACKUP; SELECT 1;'
answer
mapfile -t records < <(ask "$source" "$RECORDS")
mapfile -t schemas < <(ask "$source" "SHOW DATABASES LIKE '${SCHEMA}%'")
if ((\${#schemas[@]} == 0)); then fail "$source has no schema ${SCHEMA}"; fi
# mysqldump stops at a view that cannot be read, because a table of it was dropped: one such view must not end all backups
mapfile -t broken < <(ask "$source" "SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) FROM information_schema.TABLES
  WHERE TABLE_TYPE = 'VIEW' AND TABLE_COMMENT <> 'VIEW' AND ${ours('TABLE_SCHEMA')}")
for view in "\${broken[@]}"; do say "the view $view cannot be read, so it is not in the dump"; done
tell "SET SESSION lock_wait_timeout = 60; SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
FLUSH TABLES WITH READ LOCK;
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY;
SELECT JSON_OBJECT('time', DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%fZ'), 'server', @@server_uuid,
  'gtids', REPLACE(@@global.gtid_executed, '\\n', ''), 'version', @@version);"
answer
printf '%s\\n' "$line" >"$WORK/source.tmp"
mv "$WORK/source.tmp" "$WORK/source.json"

# the first schema is named when the dump has its snapshot; a line at a time, or a small dump would be over before it is seen
through() {
  local line
  while IFS= read -r line; do
    printf '%s\\n' "$line"
    if [[ $line == '-- Current Database: '* ]]; then
      tell 'UNLOCK TABLES;'
      break
    fi
  done
  cat
}
# line by line, so that the first one is seen at once; an image without stdbuf shows it when a buffer is full
by_line=()
if command -v stdbuf >/dev/null; then by_line=(stdbuf -oL); fi
"\${by_line[@]}" mysqldump --defaults-file="$RUN/my.cnf" --host="$source" --single-transaction --set-gtid-purged=OFF --no-tablespaces \\
  --routines --triggers --events --hex-blob --skip-masking-policies "\${broken[@]/#/--ignore-table=}" --databases "\${schemas[@]}" | through >"$WORK/dump.fifo"

for record in "\${records[@]}"; do
  tell "$record"
  answer 3600
  printf '%s\\n' "$line"
done >"$WORK/tables.tmp"
mv "$WORK/tables.tmp" "$WORK/tables.tsv"
say "recorded \${#records[@]} tables"
`;
