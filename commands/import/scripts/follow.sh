# shellcheck shell=bash disable=SC2034,SC2154 # of run.sh, which sources it
# Applies what the old server goes on writing, until the switch. In steps: where does its log end now? All up to there is read, filtered and applied,
# and how far that came is kept by the same transactions, in the row `position` of threewall_import. So a pod that is lost costs nothing: the next
# one goes on. The row `wish` is what the command asks for.

QUIET=5

there() { mysql --defaults-file="$RUN/source.cnf" --connect-timeout=20 --batch --skip-column-names --execute="$1" "${@:2}"; }
kept() { here "SELECT value FROM threewall_import WHERE name = '$1'" "$DATABASE"; }
keep() { here "REPLACE INTO threewall_import VALUES ('$1', '$2')" "$DATABASE"; }
log_end() { there 'SHOW BINARY LOG STATUS' 2>/dev/null || there 'SHOW MASTER STATUS'; }

# goes_on: whether an earlier pod of this Job had come to following, or to its end (over); what another Job left begins anew
over=''
goes_on() {
  local part place wish
  until part=$(here "SELECT COUNT(*) FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = '$DATABASE' AND TABLE_NAME = 'threewall_import' AND COLUMN_NAME = 'value'"); do sleep 5; done
  if [[ $part == 0 ]]; then
    answers applier 3600
    if [[ -n $over ]]; then say 'has ended already'; exit 0; fi
    return 1
  fi
  until place=$(here "SELECT p.value FROM threewall_import p JOIN threewall_import j ON j.name = 'job' AND j.value = '$JOB'
    WHERE p.name = 'position'" "$DATABASE"); do sleep 5; done
  if [[ -z $place ]]; then
    say 'begins anew: a copy was cut'
    empty
    return 1
  fi
  until wish=$(kept wish); do sleep 5; done
  if [[ $wish == over ]]; then over=1; return; fi
  say 'goes on following'
  # of a switch that was cut
  until drop_definitions; do sleep 5; done
}

# burn: with the place gone, nothing but its account tells a pod that this Job has come to its end
burn() { mysql --defaults-file="$RUN/applier.cnf" --execute='SET PASSWORD TO RANDOM' >/dev/null 2>&1 || true; }

# What is neither a table nor a row changes nothing while rows are followed, so it is copied at the switch, as it is then
definitions() {
  local views
  mysqldump --defaults-file="$RUN/source.cnf" "${DUMP[@]}" --no-data --no-create-info --routines --triggers "$@" "$FROM" || return
  views=$(there "SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '$FROM'") || return
  if [[ -z $views ]]; then return; fi
  mapfile -t views <<<"$views"
  mysqldump --defaults-file="$RUN/source.cnf" "${DUMP[@]}" --no-data --skip-triggers "$FROM" "${views[@]}"
}
drop_definitions() {
  local drops
  drops=$(here "SELECT CONCAT('DROP ', kind, ' \`', REPLACE(name, '\`', '\`\`'), '\`;') FROM (
      SELECT 'VIEW' AS kind, TABLE_NAME AS name FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '$DATABASE'
      UNION ALL SELECT ROUTINE_TYPE, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '$DATABASE'
      UNION ALL SELECT 'TRIGGER', TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '$DATABASE'
      UNION ALL SELECT 'EVENT', EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '$DATABASE') objects" --raw) || return
  mysql --defaults-file="$RUN/here.cnf" --binary-mode "$DATABASE" <<<"$drops"
}
define() { drop_definitions && definitions "$@" | translated | load_sql; }

# begin_following: after the copy
begin_following() {
  local place
  place=$(sed -n "s/.*LOG_FILE='\([^']*\)'.*LOG_POS=\([0-9]*\).*/\1 \2/p" "$RUN/place")
  if [[ -z $place ]]; then fail 'the copy does not say where the log of the old server was'; fi
  # what cannot be loaded is to be known before the old site stops; events would run
  if ! { define && drop_definitions; }; then fail 'its views, routines or triggers cannot be loaded, see above'; fi
  collate_as_there
  keep job "$JOB"
  keep position "$place"
}
# collate NAME: what tables have that are made without one
collate() { here "ALTER DATABASE \`$DATABASE\` COLLATE $1"; }
collate_as_there() { collate "$(there "SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '$FROM'")"; }

# apply LOG POSITION END: applies a log of the source, up to END where that is not empty; seen: changes of the database among them
apply() {
  local log=$1 end=$3 codes passed
  # large statements lie in files meanwhile
  TMPDIR=$WORK mysqlbinlog --defaults-file="$RUN/source.cnf" --read-from-remote-server --skip-gtids --rewrite-db="$FROM->$DATABASE" \
    --database="$DATABASE" --start-position="$2" ${end:+"--stop-position=$end"} "$log" 2>"$RUN/read" |
    awk -v place="$place" -v from="$FROM" -v foot="$RUN/foot" -f "${0%/*}/follow.awk" 2>"$RUN/filtered" |
    mysql --defaults-file="$RUN/applier.cnf" --connect-timeout=20 --skip-reconnect --binary-mode --max-allowed-packet=1G "$DATABASE" 2>"$RUN/applied"
  codes=("${PIPESTATUS[@]}")
  if [[ ${codes[1]} == 3 ]]; then fail "following ends at $(<"$RUN/filtered")"; fi
  if [[ ${codes[2]} != 0 ]]; then error="here: $(grep -m 1 ^ERROR "$RUN/applied" || echo 'mysql was killed')"; return 1; fi
  if [[ "${codes[*]}" != '0 0 0' ]]; then error="there: $(tail -n 1 "$RUN/read")"; return 1; fi
  seen=$((seen + $(sed -n 's/^seen //p' "$RUN/foot")))
  sed -n 's/^passed //p' "$RUN/foot" >"$RUN/passed"
  while read -r passed; do others "$passed" 2 || return; done <"$RUN/passed"
}

# others POSITION COUNT: looks at events of the log that may be other databases'
others() {
  there "SHOW BINLOG EVENTS IN '$log' FROM $1 LIMIT $2" </dev/null >"$RUN/events" || return
  awk -F '\t' -v from="$FROM" -f "${0%/*}/others.awk" "$RUN/events" >"$RUN/to" 2>"$RUN/filtered" || fail "following ends at $log $(<"$RUN/filtered")"
}
# skip END: over those that come last
skip() {
  while ((position < $1)); do
    others "$position" 500 || return
    if [[ ! -s $RUN/to ]]; then return; fi
    position=$(<"$RUN/to")
    keep position "$log $position $stamp" || return
  done
}

# step: sets level when all is applied that was written before it began, behind (bytes) otherwise
step() {
  local last end size stamp next logs upto='' now=$SECONDS
  level='' error='here: no answer'
  place=$(kept position) || return
  error='there: no answer'
  end=$(log_end) || return
  read -r last end _ <<<"$end"
  if [[ $place == *doubt ]]; then
    fail "following ends at ${place% doubt}: a statement failed, or it is not known whether it was run: $(cat "$RUN/applied" 2>/dev/null)"
  fi
  read -r log position _ <<<"$place"
  if [[ $log != "$last" || $position != "$end" ]]; then
    logs=$(there 'SHOW BINARY LOGS') || return
    size=$(awk -v at="$log" '$1 == at { print $2 }' <<<"$logs")
    if [[ -z $size || $position -gt $size ]]; then
      fail "following ends at $log $position: the old server has it no more; let it keep its logs for longer (binlog_expire_logs_seconds)"
    fi
    if [[ $log == "$last" ]]; then upto=$end; fi
    apply "$log" "$position" "$upto" || return
    place=$(kept position) || return
    read -r log position stamp <<<"$place"
    skip "${upto:-$size}" || return
    # nothing is added to a log that is not the last one
    next=$(awk -v at="$log" 'found { print $1; exit } $1 == at { found = 1 }' <<<"$logs")
    if [[ $log != "$last" && -n $next ]]; then
      keep position "$next 4" || return
      log=$next position=4
    fi
    behind=$(awk -v at="$log" -v position="$position" -v end="$end" -v last="$last" '
      $1 == at { on = 1; n = -position }
      on { n += $1 == last ? end : $2 }
      $1 == last { exit }
      END { printf "%d", n }' <<<"$logs")
  else
    behind=0
  fi
  if ((behind <= 0)); then level=1 since=$now; fi
}

# follow: until the switch
follow() {
  local wish tries=0 error='' complaint='' noted=-60 log='' position='' before=''
  following=1 since=$seconds place='' behind=0 seen=0 level=''
  while :; do
    wish=$(kept wish) || wish=''
    if [[ $wish == give-up ]]; then
      burn
      given_up='given up'
      exit 0
    fi
    if step; then
      tries=0 complaint=''
    else
      # who does not answer will come back; what is refused by both that answer stays refused
      if [[ $error != "$complaint" ]]; then say "tries again: $error"; fi
      complaint=$error
      if [[ "$log $position" != "$before" ]]; then tries=0; fi
      before="$log $position"
      if mysqladmin --defaults-file="$RUN/source.cnf" --connect-timeout=5 status &>/dev/null && here 'DO 1' &>/dev/null; then tries=$((tries + 1)); fi
      if ((tries == 12)); then fail "following ends at $before: $error"; fi
      sleep 5
      continue
    fi
    if ((SECONDS - noted >= 30)); then
      noted=$SECONDS
      say "follows: $((SECONDS - since)) s and $((behind >> 10)) KiB behind, at $log $position"
    fi
    if [[ $wish == switch* ]]; then
      if switch "$wish"; then break; fi
      here "DELETE FROM threewall_import WHERE name = 'wish'" "$DATABASE" || true
    fi
    if [[ -n $level ]]; then sleep 2; fi
  done
  until keep wish over; do sleep 5; done
}

# refuse WHY [writes]: with `writes` the command ends with exit code 2, because the old site still runs
refuse() { say "switch refused${2:+, $2}: $1; following goes on"; return 1; }

# switch WISH: fails where the old server is not still or something differs
switch() {
  local begun=$SECONDS
  say 'switches'
  until [[ -n $level ]]; do step || { refuse "$error"; return; }; done
  seen=0
  sleep "$QUIET"
  still || return
  if [[ $1 != switch-unchecked ]]; then
    compare || return
    still || return
  fi
  if ! { collate "$COLLATION" && define --events; }; then
    drop_definitions
    collate_as_there
    refuse 'its views, routines, triggers or events cannot be loaded, see above'
    return
  fi
  say "switched in $((SECONDS - begun)) s"
}

still() {
  step || { refuse "$error"; return; }
  if [[ -z $level || $seen != 0 ]]; then refuse "the old server still writes into $FROM ($seen changes): stop the old site, and its events" writes; fi
}

COLUMNS="SELECT c.TABLE_NAME, 'column', c.COLUMN_NAME, c.DATA_TYPE, REPLACE(COALESCE(c.COLLATION_NAME, ''), 'utf8_', 'utf8mb3_')
  FROM information_schema.COLUMNS c
  JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME AND t.TABLE_TYPE = 'BASE TABLE'
  WHERE c.TABLE_SCHEMA = DATABASE() AND c.COLUMN_NAME <> 'my_row_id' AND c.TABLE_NAME <> 'threewall_import'
  ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION;"

# compare: columns, then rows and checksums of every table
compare() {
  local begun=$SECONDS
  printf '%s\n' "$COLUMNS" >"$RUN/ask.sql"
  same || return
  mysql --defaults-file="$RUN/source.cnf" --batch --skip-column-names --raw "$FROM" <"${0%/*}/sums.sql" >"$RUN/ask.sql" ||
    { refuse 'the tables there cannot be listed'; return; }
  same || return
  say "compared $(wc -l <"$RUN/answer.here") tables in $((SECONDS - begun)) s: they are the same"
}
# same: both sides are asked at once
same() {
  local names
  answer source "$FROM" & answer here "$DATABASE" || { refuse 'the tables here cannot be read'; return; }
  wait $! || { refuse 'the tables there cannot be read'; return; }
  if [[ $(<"$RUN/answer.source") == "$(<"$RUN/answer.here")" ]]; then return; fi
  names=$(sort "$RUN/answer.source" "$RUN/answer.here" | uniq -u | cut -f1 | sort -u)
  refuse "tables differ ($(wc -l <<<"$names")): $(head -n 20 <<<"$names" | paste -sd ' ')"
}
answer() {
  mysql --defaults-file="$RUN/$1.cnf" --batch --skip-column-names --init-command="SET SESSION time_zone = '+00:00', sql_mode = ''" "$2" \
    <"$RUN/ask.sql" >"$RUN/answer.$1"
}
