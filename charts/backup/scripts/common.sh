# shellcheck shell=bash
# What the scripts for MySQL's image share: bash, coreutils, awk and MySQL's own programs are all they use.
set -euo pipefail
umask 077
export LC_ALL=C TZ=UTC
# shellcheck source=/dev/null
. "${0%/*}/settings.sh"

say() { printf '%(%FT%TZ)T [threewall] %s\n' -1 "$*" >&2; }
fail() { say "$*"; exit 1; }

# options: an option file, so that the password is no argument
options() {
  local value backslash=$'\\'
  value=$(<"$USERS/backup")
  value=${value//"$backslash"/"$backslash$backslash"}
  printf '[client]\nuser=backup\npassword="%s"\nport=%s\nssl-mode=VERIFY_IDENTITY\nssl-ca=%s\n' \
    "${value//'"'/"$backslash"'"'}" "$PORT" "$CA" >"$RUN/client.cnf"
  # the server's sql_mode may change how text is read, the locale of these scripts would have names in latin1
  printf "[mysql]\\ndefault-character-set=utf8mb4\\ninit-command=SET SESSION sql_mode = 'STRICT_TRANS_TABLES'\\n" >>"$RUN/client.cnf"
}

# quoted TEXT: a string in SQL
quoted() {
  local value=$1 backslash=$'\\'
  value=${value//"$backslash"/"$backslash$backslash"}
  printf "'%s'" "${value//"'"/"$backslash'"}"
}

# ask HOST SQL
ask() { printf '%s\n' "$2" | mysql --defaults-file="$RUN/client.cnf" --host="$1" --connect-timeout=5 --skip-column-names --batch --raw; }

# find_servers: sets primary (may be empty) and replicas
find_servers() {
  local host role
  primary='' replicas=()
  for host in $HOSTS; do
    if ! role=$(ask "$host" 'SELECT @@global.super_read_only' 2>"$RUN/ask"); then
      say "$host does not answer: $(<"$RUN/ask")"
    elif [[ $role == 0 ]]; then
      primary=$host
    else
      replicas+=("$host")
    fi
  done
}

# executed HOST: the transactions that it holds
executed() { ask "$1" "SELECT REPLACE(@@global.gtid_executed, '\n', '')"; }
# comes_to HOST TRANSACTIONS: whether it holds them, within 20 s
comes_to() { [[ $(ask "$1" "SELECT WAIT_FOR_EXECUTED_GTID_SET('$2', 20)") == 0 ]]; }

# current_replica: sets source to a replica that has all that the primary had a moment ago, and nothing else; fails when there is none
current_replica() {
  local held='' replica
  if [[ -n $primary ]]; then held=$(executed "$primary"); fi
  for replica in "${replicas[@]}"; do
    if ! comes_to "$replica" "$held"; then continue; fi
    # with semi-synchronous replication it is ahead for a moment
    if [[ -n $primary ]] && ! comes_to "$primary" "$(executed "$replica")"; then
      say "$replica holds transactions that $primary lacks: it is no copy of it"
      continue
    fi
    # shellcheck disable=SC2034 # for the script that asked
    source=$replica
    return
  done
  return 1
}

# report NAME VALUE...: gauges for a collector, as OTLP/HTTP in JSON. Backups do not fail because monitoring is away.
# https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
report() {
  local metrics='' body answer connection
  while (($# > 1)); do
    metrics+="${metrics:+,}{\"name\":\"$1\",\"gauge\":{\"dataPoints\":[{\"timeUnixNano\":\"$(date +%s)000000000\",\"asDouble\":$2}]}}"
    shift 2
  done
  body="{\"resourceMetrics\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"backup\"}}]},\"scopeMetrics\":[{\"scope\":{\"name\":\"threewall.backup\"},\"metrics\":[$metrics]}]}]}"
  answer=$({
    exec {connection}<>"/dev/tcp/$COLLECTOR/$COLLECTOR_PORT" || exit
    printf 'POST /v1/metrics HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
      "$COLLECTOR" "${#body}" "$body" >&"$connection"
    IFS= read -rt 10 -u "$connection" answer
    printf '%s' "$answer"
  } 2>/dev/null) || true
  if [[ $answer != 'HTTP/1.'?' 200'* ]]; then say "the collector did not take the metrics: ${answer:-no answer}"; fi
}
