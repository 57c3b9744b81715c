#!/bin/bash
# Rows and checksum of each table of a replica at one moment, and the transactions that it held then: what the drill
# compares a restored copy with. A read lock of some milliseconds makes moment and transactions one; on a replica no visitor
# waits for it.
. "${0%/*}/common.sh"
. "${0%/*}/server.sh"
options

for ((try = 1; ; try++)); do
  find_servers
  if current_replica; then break; fi
  if ((try == 10)); then fail 'no replica has caught up with the primary: nothing to compare a restored copy with'; fi
  sleep 10
done
coproc HOLDER { exec mysql --defaults-file="$RUN/client.cnf" --host="$source" --skip-column-names --batch --raw --unbuffered --force 2>"$WORK/sums.err"; }
# copies: a coprocess's own descriptors do not reach the parts of a pipeline
exec {to}>&"${HOLDER[1]}" {from}<&"${HOLDER[0]}"
tell() { printf '%s\n' "$1" >&"$to"; }
answer() { IFS= read -r -t 3600 line <&"$from" || fail "the session on $source was lost: $(tail -n 1 "$WORK/sums.err")"; }

# a lock that is not got within a second leaves its error; what follows goes on without it, and is done again
tell 'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET SESSION lock_wait_timeout = 1;'
for ((try = 1; ; try++)); do
  tell "FLUSH TABLES WITH READ LOCK; START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY;
    SELECT CONCAT_WS('|', REPLACE(@@global.gtid_executed, '\n', ''), DATE_FORMAT(UTC_TIMESTAMP(6) + INTERVAL 1 SECOND, '%Y-%m-%d %H:%i:%s'));
    $(sums_sql) UNLOCK TABLES; SELECT 'end';"
  answer
  state=$line sums=()
  while answer; [[ $line != end ]]; do sums+=("$line"); done
  if [[ ! -s $WORK/sums.err ]]; then break; fi
  if ((try == 60)); then fail "no moment's read lock on $source in a minute: $(tail -n 1 "$WORK/sums.err")"; fi
  : >"$WORK/sums.err"
  tell 'ROLLBACK;'
  sleep 1
done
printf '%s\n' "${state%%|*}" >"$WORK/sums.gtids"
printf '%s\n' "${state#*|}" >"$WORK/sums.time"
begun=$SECONDS
tell 'SET SESSION lock_wait_timeout = 3600;'
printf '%s\n' "${sums[@]}" "SELECT 'end';" >&"$to" &
: >"$WORK/sums.tsv"
while answer; [[ $line != end ]]; do printf '%s\n' "$line" >>"$WORK/sums.tsv"; done
# a table whose definition has changed, or that is gone, has no sum; anything else must not happen
fault=$(awk '!/^ERROR (1412|1146) / { print; exit }' "$WORK/sums.err")
if [[ -n $fault ]]; then fail "$source: $fault"; fi
say "${#sums[@]} tables of $source summed in $((SECONDS - begun)) s, as of ${state#*|}"
