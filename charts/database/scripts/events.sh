#!/usr/bin/env bash
# Runs beside the server and keeps the status of the events of MySQL's scheduler: a server disables each event that it receives,
# and forgets whether it was enabled where it comes from. So after an election, a restore or a clone none would run.
#
# - A server that takes no writes asks one that does which events are disabled there, and disables these (unlogged). All
#   others are disabled on it as events of another server.
# - A server that begins to take writes enables the latter. Logged: where they ran before, they are disabled by that.
#
# Invariants:
# - Never twice: an event that runs on another server that takes writes is left alone, and one whose only or last time has
#   passed is disabled, because it may have run.
# - Not exact in one case: an event that was disabled less than PERIOD before its server was lost is enabled again.
# https://dev.mysql.com/doc/refman/9.7/en/replication-features-invoked.html
. "${0%/*}/common.sh"
. "${0%/*}/altering.sh"

PERIOD=3

key="CONCAT(HEX(EVENT_SCHEMA), '.', HEX(EVENT_NAME))"
over="COALESCE(CONVERT_TZ(COALESCE(EXECUTE_AT, ENDS), TIME_ZONE, '+00:00') <= UTC_TIMESTAMP(), EXECUTE_AT IS NOT NULL)"

# root SQL: as `here`, without escapes
root() { printf '%s\n' "$1" | mysql --defaults-file="$RUN/root.cnf" --default-character-set=utf8mb4 --skip-column-names --batch --raw; }

# survey: what servers that take writes have: sets asked (how many answered), enabled and disabled (lists for IN, never
# empty); fails when one does not answer, or the account may see no events yet
survey() {
  local host answer status id
  asked=0 enabled="''" disabled="''"
  options replication
  for host in $(writers); do
    answer=$(printf '%s\n' "SELECT STATUS, $key FROM information_schema.EVENTS WHERE STATUS IN ('ENABLED', 'DISABLED');
        SELECT 'end', PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'EVENT'" |
      remote replication "$host" 3 --skip-column-names --batch 2>/dev/null) || return
    if [[ $answer != *end$'\t'EVENT ]]; then return 1; fi
    while read -r status id; do
      if [[ ! $id =~ ^[0-9A-F]+\.[0-9A-F]+$ ]]; then continue; fi
      case $status in
        ENABLED) enabled+=",'$id'" ;;
        DISABLED) disabled+=",'$id'" ;;
      esac
    done <<<"$answer"
    asked=$((asked + 1))
  done
}

# behind: as on the server that takes writes
behind() {
  local sql
  sql=$(altering DISABLE "STATUS <> 'DISABLED' AND $key IN ($disabled) AND $key NOT IN ($enabled)") || return
  sql+=$(altering 'DISABLE ON REPLICA' "STATUS = 'ENABLED' AND $key NOT IN ($disabled) OR STATUS = 'DISABLED' AND $key NOT IN ($disabled)") || return
  if [[ -n $sql ]]; then unlocked "$sql"; fi
}

# ahead: all that run nowhere else. One that is disabled here as an event of another server, by a statement on this server, stays disabled
ahead() {
  local mine=TRUE sql
  if [[ -n $led ]]; then mine='ORIGINATOR <> @@server_id'; fi
  sql=$(altering ENABLE "$foreign AND $mine AND NOT $over AND $key NOT IN ($enabled, $disabled)") || return
  sql+=$'\n'$(altering DISABLE "$foreign AND ($over OR NOT $mine) AND $key NOT IN ($enabled, $disabled)") || return
  if [[ $sql != $'\n' ]]; then
    say 'gives events their status: they run on this server from now on'
    # one that cannot be altered keeps none of the others
    printf '%s\n' "$sql" | mysql --defaults-file="$RUN/root.cnf" --default-character-set=utf8mb4 --force >/dev/null || true
  fi
  led=1
}

check() {
  local role state
  # none yet: the server has just begun
  read -r _ role state _ 2>/dev/null <"$ROLE_FILE" || return
  if [[ $role != primary ]]; then led=''; fi
  if [[ $role != primary && $role != replica || $state == yielding ]]; then return; fi
  if [[ $(here 'SELECT EXISTS (SELECT * FROM information_schema.EVENTS)') == 0 ]]; then
    if [[ $role == primary ]]; then led=1; fi
    return
  fi
  survey || return
  if [[ $role == replica ]]; then
    # each try opens a read-only server for a moment
    if ((asked > 0)); then behind || sleep 60; fi
  elif leads; then
    ahead
  fi
}

led=
while sleep "$PERIOD"; do
  check || true
done
