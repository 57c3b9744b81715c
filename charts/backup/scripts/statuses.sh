# shellcheck shell=bash
# Statuses of the events of MySQL's scheduler on the scratch server. Replay disables each event that it makes or alters, whatever
# the statement says, so the statements of the stored binary logs are read for it (statuses.awk).
. "${0%/*}/altering.sh"

root() { here_ask "$1"; }
event_id="CONCAT(HEX(EVENT_SCHEMA), '.', HEX(LOWER(EVENT_NAME)))"

# disabled_before: notes which events the backup holds disabled
disabled_before() { here_ask "SELECT $event_id FROM information_schema.EVENTS WHERE STATUS = 'DISABLED'" >"$WORK/disabled"; }

# statuses: those that were disabled are disabled, all others wait for the database that takes writes, which enables them
# (charts/database/scripts/events.sh)
statuses() {
  local file keys
  if [[ $(here_ask 'SELECT EXISTS (SELECT * FROM information_schema.EVENTS)') == 0 ]]; then return; fi
  # shellcheck disable=SC2154 # files, until: of replay.sh
  for file in "${files[@]}"; do mysqlbinlog --no-defaults --base64-output=decode-rows "$file" 2>/dev/null; done |
    awk -v cut="$until" -f "${0%/*}/statuses.awk" "$WORK/disabled" - >"$WORK/disabled.now"
  keys=$(sed "s/.*/'&'/" "$WORK/disabled.now" | tr '\n' ,)\'\'
  # shellcheck disable=SC2154 # of altering.sh
  {
    altering DISABLE "STATUS <> 'DISABLED' AND $event_id IN ($keys)"
    altering 'DISABLE ON REPLICA' "NOT $foreign AND $event_id NOT IN ($keys)"
  } >"$WORK/altering.sql"
  # one that cannot be altered ends no restore
  if ! client --force <"$WORK/altering.sql" 2>"$WORK/said"; then
    say "an event keeps the status that replay gave it: $(tail -n 1 "$WORK/said")"
  fi
}
