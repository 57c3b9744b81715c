#!/usr/bin/env bash
# Functions shared by the scripts of a database. They use bash 5.1 or newer, coreutils and MySQL's programs: every image of MySQL
# has these; grep, sed, awk, find and ps may be missing.
#
# Invariant: passwords pass through files in memory and through pipes, never through an argument, the
# environment or a log.
#
# Files in $RUN by which the scripts communicate:
#   *.cnf       option files of the clients, one per account
#   init.sql    what the server executes before it accepts clients
#   state       checksums of the Secrets that the server uses
#   joined      the server follows its primary, or is in its group
#   refused     state and reason of a server that is kept out; its data is kept
#   yields      the primary takes no writes while a replica is cloned from it (pair/yield.sh)
#   stopping    the pod is about to stop: the server gets no new sessions
#   draining    the same for the router of this pod (role.lua)
#   lost-NUMBER an operator has given up that member of the group
#   restored.*  of a clone for a restore (restored.sh)
#   role        latest result of role.sh
set -euo pipefail
umask 077

# rendered from charts/database/settings.ts
# shellcheck source=/dev/null
. "${BASH_SOURCE[0]%/*}/settings.sh"

export LC_ALL=C TMPDIR=$RUN
CA=$TLS/ca.crt
ORDINAL=${HOSTNAME##*-}
SERVERS=${#HOSTS[@]}

say() { printf '%(%FT%TZ)T [threewall] %s\n' -1 "$*" >&2; }

# password USER QUOTE: its password, escaped for use between two QUOTEs in SQL or in an option file
password() {
  local value backslash=$'\\'
  value=$(<"$USERS/$1")
  if [[ -z $value || $value == *$'\n'* ]]; then
    say "the password of $1 is empty or has more than one line"
    return 1
  fi
  value=${value//"$backslash"/"$backslash$backslash"}
  printf '%s' "${value//"$2"/"$backslash$2"}"
}

# options USER: an option file for the clients of these scripts
options() {
  local secret
  secret=$(password "$1" '"')
  printf '[client]\nuser=%s\npassword="%s"\nsocket=%s\nssl-mode=REQUIRED\n' "$1" "$secret" "$SOCKET" >"$RUN/$1.cnf"
}

# accounts: accounts.sql with its passwords
accounts() {
  local sql user secret
  sql=$(<"$CONF/accounts.sql")
  for user in "${ACCOUNTS[@]}"; do
    secret=$(password "$user" "'") || return
    sql=${sql//"{{$user}}"/"$secret"}
  done
  printf '%s\n' "$sql"
}

# state: a checksum that changes with any of the Secrets
state() { sha256sum "$USERS"/* "$TLS"/*; }

# here SQL: runs it on this server, as root
here() { printf '%s\n' "$1" | mysql --defaults-file="$RUN/root.cnf" --skip-column-names --batch; }

# unlocked SQL: executes it outside the binary log, on a server that may be read-only. Meanwhile a read-only server accepts writes
# from root-like accounts only, and runs no event of these
unlocked() {
  local lock='SET GLOBAL super_read_only = ON;' halt='' read_only scheduler
  read -r read_only scheduler < <(here 'SELECT @@global.read_only, @@global.event_scheduler')
  if [[ $read_only == 0 ]]; then
    lock=
  elif [[ $scheduler == ON ]]; then
    halt='SET GLOBAL event_scheduler = OFF; '
    lock+=' SET GLOBAL event_scheduler = ON;'
  fi
  here "SET SESSION sql_log_bin = 0; ${halt}SET GLOBAL super_read_only = OFF; $1 $lock" || { here "$lock"; return 1; }
}

# end_sessions WHERE: ends sessions of performance_schema.threads except its own
end_sessions() {
  here "SELECT CONCAT('KILL ', PROCESSLIST_ID, ';') FROM performance_schema.threads WHERE $1 AND PROCESSLIST_ID <> CONNECTION_ID()" |
    mysql --defaults-file="$RUN/root.cnf" --force 2>/dev/null || true
}

# remote ACCOUNT HOST SECONDS OPTION...: the client of another server, with seconds to connect
remote() {
  mysql --defaults-file="$RUN/$1.cnf" --protocol=TCP --host="$2" --port="$PORT" \
    --ssl-mode=VERIFY_IDENTITY --ssl-ca="$CA" --connect-timeout="$3" "${@:4}"
}

# ask HOST SQL: queries another server; fails when it does not answer, with the reason in $RUN/ask
ask() { printf '%s\n' "$2" | remote monitoring "$1" 3 --skip-column-names --batch 2>"$RUN/ask"; }

# pause TEXT: sleeps a second; logs what it waits for at first and then occasionally
tries=0
pause() {
  if ((tries % 30 == 0)); then say "$1"; fi
  tries=$((tries + 1))
  sleep 1
}

# refuse STATE REASON: keeps this server out; checks again in ten seconds
refuse() {
  printf '%s %s\n' "$1" "$2" >"$RUN/refused"
  say "$2"
  sleep 10
}

# end_idle WHERE CLIENT...: ends idle sessions of the app that a server's processlist shows, which a connection pool
# tolerates. CLIENT is the client of that server. Selecting and killing in one batch leaves a statement
# less than a millisecond to start in between. Fails while sessions are left
end_idle() {
  local app="FROM performance_schema.processlist WHERE USER = 'app' AND ID <> CONNECTION_ID() AND $1" sessions
  shift
  sessions=$(echo "SELECT COUNT(*) $app" | "$@" --skip-column-names --batch 2>/dev/null) || return 0
  if ((sessions == 0)); then return; fi
  for ((; sessions > 0; sessions--)); do
    echo "SET @idle = (SELECT ID $app AND COMMAND = 'Sleep' LIMIT 1); KILL @idle;"
  done | "$@" --force 2>/dev/null || true
  return 1
}

# end_own: ends the app's sessions with this server
end_own() { end_idle TRUE mysql --defaults-file="$RUN/root.cnf"; }

# end_led: ends the app's sessions that the router of this pod connects to other servers. Each account may end its own sessions, so
# the app's account is used there; a server that has another password for it by now is skipped
end_led() {
  local n left=0
  for ((n = 0; n < SERVERS; n++)); do
    if ((n == ORDINAL)); then continue; fi
    end_idle "HOST LIKE CONCAT(SUBSTRING_INDEX(USER(), '@', -1), ':%')" remote app "${HOSTS[n]}" 1 || left=1
  done
  return "$left"
}

# leave MARK...: clients leave before the pod stops. Half a second after the marks, routers send no new sessions and keep the
# existing ones; then idle sessions are ended. A shutdown would end them during a statement. Marks in $RUN: `stopping`, no
# new sessions for this server; `draining`, none for the router of this pod
leave() {
  local mark own left
  for mark; do touch "$RUN/$mark"; done
  options app || true
  sleep 1
  for _ in {1..10}; do
    own='' left=0
    # at the same moment: a client that still loses a statement loses only one
    if [[ -e $RUN/stopping ]]; then end_own & own=$!; fi
    end_led || left=1
    if [[ -n $own ]]; then wait "$own" || left=1; fi
    if ((left == 0)); then break; fi
    sleep 0.2
  done
  rm -f "$RUN/app.cnf"
}

# the part that differs between the topologies
. "${BASH_SOURCE[0]%/*}/topology.sh"
