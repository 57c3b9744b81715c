import { places } from './places';

/** How long a restored server waits to be taken over, in seconds. */
export const HOLD_SECONDS = 3600;

/**
 * A server in a temporary volume: loads the dump, compares it with the source's record, replays binary logs up to the
 * wanted time. A transaction is applied whole or not at all, by the microsecond in which its origin committed it.
 * Primaries may have changed to and fro: a file is replayed as soon as all that it follows (`Previous_gtids`) is there,
 * whichever server's logs brought it, without the transactions that are there already.
 * @see https://dev.mysql.com/doc/refman/9.7/en/point-in-time-recovery-binlog.html
 */
export const scratchSh = (): string => `. ${places.conf}/common.sh
DATA=$WORK/data
SOCKET=$RUN/scratch.sock
mkfifo "$WORK/dump.fifo"
mkdir -p "$WORK/tmp" "$WORK/streams"
server=
trap 'rc=$?; if [[ -n $server ]]; then kill -KILL "$server" 2>/dev/null || true; fi; ended $rc' EXIT

# nothing here has to survive a crash
run() {
  mysqld --no-defaults --datadir="$DATA" --socket="$SOCKET" --pid-file="$RUN/scratch.pid" --tmpdir="$WORK/tmp" \\
    --skip-networking --mysqlx=OFF --skip-log-bin --gtid-mode=ON --enforce-gtid-consistency=ON --secure-file-priv=NULL \\
    --performance-schema=OFF --innodb-buffer-pool-size=128M --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF \\
    --innodb-numa-interleave=OFF --auto-generate-certs=OFF --max-allowed-packet=1G --log-error-verbosity=1 --event-scheduler=OFF "$@"
}
run --initialize-insecure
run &
server=$!
here() { mysql --no-defaults --user=root --socket="$SOCKET" --skip-column-names --batch --raw --max-allowed-packet=1G "$@"; }
until mysqladmin --no-defaults --user=root --socket="$SOCKET" ping >/dev/null 2>&1; do
  kill -0 "$server" || fail 'the scratch server did not start'
  sleep 0.2
done

say 'loads the dump'
here <"$WORK/dump.fifo"
# only now is it certain that the end of the stream was the end of the dump
hear fetched
here --execute="SET GLOBAL gtid_purged = '$(<"$WORK/gtids")'"
mapfile -t records < <(here --execute="$RECORDS")
printf '%s\\n' "\${records[@]}" | here >"$WORK/found.tsv"
if ! difference=$(diff "$WORK/expected.tsv" "$WORK/found.tsv"); then
  fail "what was restored is not what the source had (< recorded, > restored): $difference"
fi
rows=$(awk -F '\\t' '{ n += $3 } END { print n + 0 }' "$WORK/found.tsv")
say "as recorded: \${#records[@]} tables, $rows rows"

# previous FILE: the transactions before it
previous() {
  mysqlbinlog --no-defaults "$1" 2>/dev/null | awk '/Previous-GTIDs$/ { on = 1; next } /^# at / && on { exit } on && $2 ~ /^[0-9a-f]+-[0-9a-f]+-/ { printf "%s", $2 }' || true
}
executed() { here --execute="SELECT REPLACE(@@global.gtid_executed, '\\n', '')"; }
# lacking SET: what of it was not applied
lacking() { here --execute="SELECT REPLACE(GTID_SUBTRACT('$1', @@global.gtid_executed), '\\n', '')" || echo unknown; }
# beyond FILE: where the first transaction begins that is later than the wanted time
cut=$(<"$WORK/cut")
beyond() {
  mysqlbinlog --no-defaults --base64-output=decode-rows "$1" |
    awk -v cut="$cut" '/^# at / { at = $3 } /^# original_commit_timestamp=/ { split($2, t, "="); if (t[2] + 0 > cut + 0) { print at; exit } }' || true
}

# the server of the last shipment comes first: its logs hold what the others' do, as far as they go back
places=() reached=0 files=0 gap=
shopt -s nullglob
streams=("$WORK"/streams/*/)
left() { local all=("\${streams[$1]}"*); ((\${places[$1]:-0} < \${#all[@]})); }
# advance STREAM: goes a file further there; false where none is left, or what it follows was not applied yet
advance() {
  local all=("\${streams[$1]}"*) i=\${places[$1]:-0} file next position missing
  left "$1" || return 1
  file=\${all[i]} next=\${all[i + 1]:-}
  # all of it is there already
  if [[ -n $next && -z $(lacking "$(previous "$next")") ]]; then places[$1]=$((i + 1)); return; fi
  missing=$(lacking "$(previous "$file")")
  if [[ -n $missing ]]; then
    gap=\${gap:-"\${file##*/} follows $missing, which is in no binary log of the store"}
    return 1
  fi
  position=$(beyond "$file")
  places[$1]=$((i + 1)) files=$((files + 1))
  # left out rather than skipped: a skipped transaction still says USE, and its schema may be gone since
  if ! mysqlbinlog --no-defaults --exclude-gtids="$(executed)" \${position:+--stop-position="$position"} "$file" |
    here --binary-mode; then
    if (($1 == 0)); then fail "\${file##*/} cannot be replayed"; fi
    say "\${file##*/} of an earlier primary cannot be replayed to its end"
    places[$1]=\${#all[@]}
  elif [[ -n $position ]]; then
    reached=1
  fi
}
while ((reached == 0)); do
  gap=
  for stream in "\${!streams[@]}"; do
    if advance "$stream"; then continue 2; fi
  done
  break
done
if ((reached == 0 && \${#streams[@]} > 0)) && left 0; then fail "gap: $gap"; fi
if ((reached == 0)) && [[ -s $WORK/broken ]]; then fail "$(<"$WORK/broken")"; fi
gtids=$(executed)
say "replayed $files binary logs; holds $gtids"
printf '{"tables": %d, "rows": %d, "binaryLogs": %d, "gtids": "%s"}\\n' "\${#records[@]}" "$rows" "$files" "$gtids" >"$WORK/result.tmp"
mv "$WORK/result.tmp" "$WORK/result.json"

if [[ \${BACKUP_HOLD:-} == 1 ]]; then
  say 'ready to be taken over'
  for ((i = 0; i < ${HOLD_SECONDS}; i++)); do
    if [[ -e $WORK/taken ]]; then break; fi
    sleep 1
  done
fi
`;
