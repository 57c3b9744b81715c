# shellcheck shell=bash
# Applies stored binary logs to the scratch server by the server's own applier, as if they were relay logs: whatever account,
# schema or type a change is about, it is applied as a replica would. What is not wanted counts as applied already.

# sets of transactions are the server's to compute with
set_of() { here_ask "SELECT REPLACE($1, '\n', '')"; }
minus() { set_of "GTID_SUBTRACT('$1', '$2')"; }
union() { minus "$1,$2" ''; }

# listing FILE: `P` and the transactions before it, then `G`, microseconds of the origin's commit, and id of each one. Statements may
# hold lines like these, so they are left out, by a name that no schema can have; transactions are not.
# https://dev.mysql.com/doc/refman/9.7/en/mysqlbinlog.html#option_mysqlbinlog_database
listing() {
  mysqlbinlog --no-defaults --base64-output=decode-rows --database='none ' "$1" 2>"$WORK/said" | awk '
    /Previous-GTIDs$/ { on = 1; next }
    on && /^# at / { on = 0; print "P", set }
    on && /^# *\[empty\]/ { next }
    on { line = $0; sub(/^# */, "", line); set = set line; next }
    /^# original_commit_timestamp=/ { split($2, t, "="); time = t[2] }
    /^SET @@SESSION.GTID_NEXT= / { split($0, q, "\047"); if (q[2] ~ /:/) print "G", time, q[2] }
    END { if (on) print "P", set }'
}

# compact: ids on standard input, as one set; a long list is no argument of a function
compact() {
  awk -F : '{ id = $1; for (i = 2; i < NF; i++) id = id ":" $i; n = $NF
      if (id == last && n == to + 1) { to = n; next }
      if (last != "") printf "%s%s:%s-%s", sep, last, from, to
      if (last != "") sep = ","
      last = id; from = to = n }
    END { if (last != "") printf "%s%s:%s-%s", sep, last, from, to }'
}

# plan CUT: sets files (in the order in which to apply them), wanted, all and until; CUT in microseconds since 1970.
# Streams follow each other as the primaries did. One that begins before the cut says by its `Previous` and `past` what was there: what
# another primary had beyond that is not wanted, be it lost or taken back by a restore. What was before a `reset` says nothing of a backup from after it.
plan() {
  local cut=$1 stream file before new any begun
  # shellcheck disable=SC2034 # for statuses.sh
  until=$cut
  files=() wanted='' all=''
  shopt -s nullglob
  mkdir -p "$WORK/streams"
  for file in "$WORK"/logs/*/*/{past,reset,binlog.*}; do
    stream=$WORK/streams/$(basename "${file%/*}")
    mkdir -p "$stream"
    # files only grow: what is longer has all that a beginning of it has
    if (($(stat -c %s "$file") > $(stat -c %s "$stream/${file##*/}" 2>/dev/null || echo 0))); then mv "$file" "$stream/"; fi
  done
  for stream in "$WORK"/streams/*/; do
    begun=$(basename "$stream")
    begun=${begun%%-*}
    if [[ -e ${stream}reset ]]; then
      if (($(date -d "$(<"$WORK/of")" +%s) >= begun)); then
        files=() wanted='' all=''
      elif (("${begun}000000" <= cut)); then
        fail "the primary began its binary logs anew at $(date -d "@$begun" '+%FT%TZ'): a later time needs a backup from after that; the newest one before the wanted time is of $(<"$WORK/of")"
      else
        break
      fi
    fi
    before=none
    : >"$WORK/new"
    for file in "${stream}"binlog.*; do
      listing "$file" >"$WORK/listing" || fail "${file#"$WORK/streams/"} cannot be read: $(tail -n 1 "$WORK/said")"
      if [[ $before == none ]]; then before=$(union "$(sed -n 's/^P //p' "$WORK/listing")" "$(cat "${stream}past" 2>/dev/null)"); fi
      awk -v cut="$cut" '$1 == "G" && $2 + 0 <= cut + 0 { print $3 }' "$WORK/listing" >>"$WORK/new"
      any=$(awk '$1 == "G" { print $3 }' "$WORK/listing" | compact)
      all=$(union "$all" "$any")
      files+=("$file")
    done
    new=$(compact <"$WORK/new")
    if [[ -z $wanted || -n $(minus "$new" "$wanted") ]]; then wanted=$(union "$before" "$new"); fi
  done
}

# lay FILE...: binary logs as relay logs of the server
lay() {
  local n=0 file
  rm -f "$WORK"/data/relay.*
  : >"$WORK/data/relay.index"
  for file; do
    n=$((n + 1))
    ln "$file" "$(printf '%s/data/relay.%06d' "$WORK" $n)"
    printf './relay.%06d\n' $n >>"$WORK/data/relay.index"
  done
}

# replay: until all that is wanted is applied
replay() {
  local have left unwanted status error start=$SECONDS last='' moved=$SECONDS
  have=$(set_of '@@global.gtid_executed')
  left=$(minus "$wanted" "$have")
  if [[ -n $(minus "$left" "$all") ]]; then fail "gap: $(minus "$left" "$all") is in no stored binary log"; fi
  # in the backup, but neither in the logs' past nor in what they bring: of a line that a restore has ended
  if [[ -n $wanted && -n $(minus "$have" "$(union "$wanted" "$all")") ]]; then
    fail "the backup of $(<"$WORK/of") holds what was taken back later by a restore: $(minus "$have" "$(union "$wanted" "$all")")"
  fi
  target=$(union "$have" "$wanted")
  if [[ -z $left ]]; then say 'nothing was logged since the backup'; return; fi
  unwanted=$(minus "$(minus "$all" "$target")" "$have")
  if [[ -n $unwanted ]]; then here_ask "SET GLOBAL gtid_purged = '+$unwanted'"; fi
  say "replays ${#files[@]} binary logs, $(du -smc "${files[@]}" | tail -n 1 | cut -f1) MiB"
  lay "${files[@]}"
  here_ask "CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'nowhere', SOURCE_AUTO_POSITION = 0, RELAY_LOG_FILE = 'relay.000001', RELAY_LOG_POS = 4;
    START REPLICA SQL_THREAD"
  until [[ $(here_ask "SELECT WAIT_FOR_EXECUTED_GTID_SET('$target', 10)") == 0 ]]; do
    status=$(mysql --defaults-file="$RUN/scratch.cnf" --vertical --execute='SHOW REPLICA STATUS')
    error=$(sed -n 's/^ *Last_SQL_Error: //p' <<<"$status")
    if [[ -n $error ]]; then fail "the binary logs cannot be replayed: $error"; fi
    status=$(sed -n 's/^ *\(Relay_Log_File\|Relay_Log_Pos\): //p' <<<"$status" | tr '\n' ' ')
    if [[ $status != "$last" ]]; then last=$status moved=$SECONDS; fi
    if ((SECONDS - moved > 3600)); then fail "the replay stands still at $last"; fi
    say "replays: file ${last%% *} of ${#files[@]}, $((SECONDS - start)) s"
  done
  here_ask 'STOP REPLICA; RESET REPLICA ALL'
  if [[ -n $unwanted ]]; then here_ask "RESET BINARY LOGS AND GTIDS; SET GLOBAL gtid_purged = '$target'"; fi
  say "replayed in $((SECONDS - start)) s"
}
