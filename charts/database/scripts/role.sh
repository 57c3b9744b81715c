#!/usr/bin/env bash
# Runs beside the server and writes, four times a second, what the server may be used for: the router of each pod reports it to
# the others (role.lua), and readiness reads it (ready.sh).
#
# $ROLE_FILE has on its first line the seconds since 1970, the role, the state (charts/database/states.ts) and details
# of it, then metrics for Prometheus.
#
# Invariants:
# - While the server does not answer, nothing is written, and the file becomes too old to be used.
# - One persistent connection is used: a full server (max_connections) can still be queried.
# - A role is only given by what the server itself reports, and may be taken away by what the scripts know.
# As in https://patroni.readthedocs.io/en/latest/rest_api.html#health-check-endpoints
. "${0%/*}/common.sh"
trap '' PIPE

# seconds between two checks of the role
PERIOD=0.25
# checks between two readings of the metrics: five seconds
METRICS_EVERY=20
# seconds of lag up to which a server serves reads
MOST_LAG=10

# tell SQL: sets $rows to its rows; fails on an error or without an answer within two seconds
tell() {
  local line
  rows=
  printf "%s\nSELECT 'end of answer';\n" "$1" >&"$to" || return
  while IFS= read -r -t 2 -u "$from" line; do
    if [[ $line == 'end of answer' ]]; then return 0; fi
    rows+=$line$'\n'
  done
  return 1
}

note() {
  printf '%s %s\n%s' "$EPOCHSECONDS" "$1" "$metrics" >"$ROLE_FILE.new"
  mv "$ROLE_FILE.new" "$ROLE_FILE"
}

role_sql="SET @most_lag = $MOST_LAG;
$(<"$CONF/lag.sql")
$(<"$CONF/role.sql")"
role() {
  tell "$role_sql" || return
  role=${rows%%$'\n'*}
  if [[ -e $RUN/stopping ]]; then role='leaving stopping'; return; fi
  # it still serves reads, and no other server is the primary
  if [[ -e $RUN/yields && $role == 'none read-only '* ]]; then role='primary yielding'; fi
  if [[ -e $RUN/refused ]]; then role="none $(<"$RUN/refused")"; fi
  if [[ $role == 'replica '* && ! -e $RUN/joined ]]; then role='none catching-up has not caught up with the primary since it started'; fi
}

metrics_sql=$(<"$CONF/metrics.sql")
metrics() {
  tell "$metrics_sql" || return
  metrics="$rows$(wanted_metrics)
database_primary $([[ $role == 'primary '* ]] && echo 1 || echo 0)
"
}

# rest: sleeps without starting a process
exec {silent}<> <(:)
rest() {
  read -rt "$PERIOD" -u "$silent" || true
}

# serve: over one connection, until it breaks
serve() {
  local round
  coproc ASK { exec mysql --defaults-file="$RUN/monitoring.cnf" --connect-timeout=3 --skip-column-names --batch --raw --unbuffered 2>&1; }
  client=$ASK_PID
  trap 'kill "$client" 2>/dev/null || true' EXIT
  exec {from}<&"${ASK[0]}" {to}>&"${ASK[1]}"
  for ((round = 0; ; round++)); do
    role || return
    note "$role"
    # a server too busy for its metrics still has its role
    if ((round % METRICS_EVERY == 0)); then metrics || return; fi
    rest
  done
}

metrics=
# each in a subshell: bash forgets an ended client, and a shell that refers to it then ends as well
while sleep 0.5; do
  (serve) || true
done
