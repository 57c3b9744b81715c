#!/bin/bash
# In the pod of an import. `check` prints what the import has to know of a server; `load` copies a server or loads a dump into the primary.
# A load that fails empties the database again; one that was killed leaves the table threewall_import, and the next one empties it. With FOLLOW, what
# the server writes afterwards is applied too (follow.sh).
set -euo pipefail
umask 077
export LC_ALL=C TZ=UTC
# shellcheck source=/dev/null
. "${0%/*}/settings.sh"

say() { printf '%(%FT%TZ)T [threewall] %s\n' -1 "$*" >&2; }
fail() { say "$*"; exit 1; }

# option NAME VALUE: a line of an option file
option() {
  local value=$2 backslash=$'\\'
  value=${value//"$backslash"/"$backslash$backslash"}
  printf '%s="%s"\n' "$1" "${value//'"'/"$backslash"'"'}"
}

# in_utf8mb4: lines of an option file; the locale of these scripts would have names, and dumps that do not say theirs, in latin1. MariaDB does not know
# the collation that clients of MySQL ask for, so one statement more names the set
in_utf8mb4() { printf '[mysql]\ndefault-character-set=utf8mb4\n[mysqldump]\ninit-command=SET NAMES utf8mb4\n'; }

# here_as USER FILE: an account of the primary, its password in a file
here_as() {
  printf '[client]\n'
  option user "$1"
  option password "$(<"$2")"
  option host "$HOST"
  option port "$PORT"
  option ssl-ca "$CA"
  option ssl-mode VERIFY_IDENTITY
  in_utf8mb4
}
here_as app "$USERS/app" >"$RUN/here.cnf"
if [[ $FOLLOW == yes ]]; then here_as "$APPLIER" "$FOLLOWER/password" >"$RUN/applier.cnf"; fi

of_source() { if [[ -s $SOURCE/$1 ]]; then cat "$SOURCE/$1"; else printf '%s' "$2"; fi; }
if [[ -n $SOURCE ]]; then
  {
    printf '[client]\n'
    option host "$(of_source host '')"
    option port "$(of_source port 3306)"
    option user "$(of_source user '')"
    option password "$(of_source password '')"
    printf 'protocol=TCP\nget-server-public-key\n'
    if [[ -s $SOURCE/ca.crt ]]; then
      printf 'ssl-ca="%s/ca.crt"\nssl-mode=VERIFY_IDENTITY\n' "$SOURCE"
    else
      printf 'ssl-mode=PREFERRED\n'
    fi
    in_utf8mb4
  } >"$RUN/source.cnf"
fi

here() { mysql --defaults-file="$RUN/here.cnf" --connect-timeout=20 --batch --skip-column-names --execute="$1" "${@:2}"; }

facts() {
  answers source
  mysql --defaults-file="$RUN/source.cnf" --init-command='SET NAMES utf8mb4' --connect-timeout=20 --batch --skip-column-names "$FROM" <"${0%/*}/facts.sql"
  if [[ $FOLLOW == yes ]]; then log_end | awk -F '\t' '{ print "filter\t" $3 "\t" $4 }' || true; fi
}

# shellcheck source=/dev/null
if [[ $FOLLOW == yes ]]; then . "${0%/*}/follow.sh"; fi

# A firewall rule takes a moment to reach the node, and a router a moment to find the primary
answers() {
  local name=$1 most=${2:-60}
  for ((try = 1; ; try++)); do
    if mysqladmin --defaults-file="$RUN/$name.cnf" --connect-timeout=5 status >/dev/null 2>"$RUN/said"; then return; fi
    if [[ $name == applier && $(<"$RUN/said") == *'Access denied'* ]]; then over=1; return; fi
    if ((try == most)); then fail "no answer of $name: $(<"$RUN/said")"; fi
    sleep 1
  done
}

# Without LOCK TABLES, which fails for a view whose definer is gone
DUMP=(--single-transaction --skip-lock-tables --quick --hex-blob --set-gtid-purged=OFF --column-statistics=0 --no-tablespaces
  --default-character-set=utf8mb4 --max-allowed-packet=1G)
WHOLE=(--routines --triggers --events)
if [[ $FOLLOW == yes ]]; then WHOLE=(--source-data=2 --skip-triggers --ignore-views); fi

# The dump as SQL
dump() {
  if [[ -n $SOURCE ]]; then
    mysqldump --defaults-file="$RUN/source.cnf" "${DUMP[@]}" "${WHOLE[@]}" "$FROM"
  elif [[ $(od -An -tx1 -N2 "$WORK/dump") == ' 1f 8b' ]]; then
    gunzip <&3
  else
    cat <&3
  fi
}

# Mends what the database's own name would spoil: a view names its tables in full where its definer was another account's
translated() {
  echo "$BASHPID" >"$RUN/sed"
  exec sed -f "${0%/*}/rules.sed" -e "/^\/\*!50001 VIEW/s/\`$FROM\`\.//g" -e "/^-- CHANGE .*_LOG_FILE=/w $RUN/place"
}

load_sql() {
  mysql --defaults-file="$RUN/here.cnf" --binary-mode --max-allowed-packet=1G \
    --init-command="SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO', foreign_key_checks = 0, unique_checks = 0" "$DATABASE"
}
copy() { dump | translated | load_sql; }

progress() {
  local at last=0 left rate
  while sleep 10; do
    if [[ -n $SOURCE ]]; then
      at=$(awk '/^rchar/ { print $2 }' "/proc/$(<"$RUN/sed")/io" 2>/dev/null) || continue
    else
      at=$(awk '/^pos/ { print $2 }' "/proc/$$/fdinfo/3")
    fi
    rate=$(((at - last) / 10)) last=$at left='?'
    if ((rate > 0 && BYTES > at)); then left=$(((BYTES - at) / rate)); fi
    say "loaded $((at >> 20)) of $((BYTES >> 20)) MiB, $((rate >> 20)) MiB/s, $left s left"
  done
}

# empty: as `up` made it
empty() { here "DROP DATABASE IF EXISTS \`$DATABASE\`; CREATE DATABASE \`$DATABASE\` COLLATE $COLLATION"; }

begun='' following='' given_up=''
# shellcheck disable=SC2317 # a trap
end() {
  local code=$?
  trap - EXIT TERM
  # each job of its own group: all programs of a pipe
  for group in $(jobs -p); do kill -- "-$group" 2>/dev/null || true; done
  wait
  # another pod goes on following
  if [[ -n $following && $code == 143 ]]; then exit "$code"; fi
  if [[ -n $begun ]]; then
    if empty; then say "${given_up:-the import failed, see above}; the database is empty again, nothing was half imported"; else
      say 'the import failed, and the database could not be emptied: it holds a part; run the same command again, it begins by emptying it'
    fi
  fi
  # 1 is final; what was killed is tried again where the Job does that
  exit $((code > 128 ? code : code > 0))
}
trap end EXIT
trap 'say "ended by TERM"; exit 143' TERM

received() {
  local idle
  say 'waits for the dump'
  touch "$WORK/part"
  until [[ -e $WORK/dump ]]; do
    idle=$(($(date +%s) - $(stat -c %Y "$WORK/part" 2>/dev/null || date +%s)))
    if ((idle > 900)); then fail 'no byte of the dump came for 15 minutes'; fi
    sleep 1
  done
  BYTES=$(stat -c %s "$WORK/dump")
  exec 3<"$WORK/dump"
}

load() {
  local loading
  if [[ -z $SOURCE ]]; then received; else
    BYTES=$(facts | awk -F '\t' '$1 == "bytes" { printf "%d", $2 }')
  fi
  answers here
  if [[ $REPLACE == yes ]]; then empty; fi
  here "CREATE TABLE threewall_import (name VARCHAR(16) PRIMARY KEY, value VARCHAR(400) NOT NULL)" "$DATABASE"
  begun=1
  seconds=$SECONDS
  say 'loads'
  set -m
  copy & loading=$!
  progress &
  set +m
  wait "$loading"
  kill -- "-$!" 2>/dev/null || true
}

case $1 in
  check)
    facts | sed 's/^/[fact] /'
    say 'facts are complete'
    ;;
  load)
    seconds=$SECONDS
    if [[ $FOLLOW == yes ]]; then
      answers here 3600
      if goes_on; then begun=1; else
        load
        begin_following
      fi
      if [[ -z $over ]]; then follow; fi
      begun=''
      burn
    else
      load
    fi
    # what is complete is not emptied because this cannot be said
    until here 'DROP TABLE IF EXISTS threewall_import' "$DATABASE"; do sleep 5; done
    begun=
    say "import complete in $((SECONDS - seconds)) s: $(here "SELECT CONCAT(COUNT(*), ' tables and views') FROM information_schema.TABLES WHERE TABLE_SCHEMA = '$DATABASE'")"
    ;;
esac
