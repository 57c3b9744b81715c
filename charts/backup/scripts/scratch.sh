#!/bin/bash
# Makes a server of what fetch.sh brought, replays binary logs up to the wanted time, and checks the result: `drill` compares
# it with the sums of a database, `restore` then waits for the databases to clone it.
. "${0%/*}/common.sh"
. "${0%/*}/server.sh"
. "${0%/*}/replay.sh"
. "${0%/*}/statuses.sh"
task=$1

# microseconds TIME
microseconds() {
  local fraction=0
  if [[ $1 == *.* ]]; then fraction=${1##*.}; fi
  fraction=$(printf '%-6s' "${fraction:0:6}" | tr ' ' 0)
  printf '%d%s' "$(date -u -d "${1%.*}" +%s)" "$fraction"
}

serve "$WORK/data" --skip-networking
# the copy of a replica names its source
here_ask 'RESET REPLICA ALL' || true
disabled_before
if [[ -e $WORK/sums.gtids ]]; then
  plan 9223372036854775807
  wanted=$(<"$WORK/sums.gtids")
elif [[ $(<"$WORK/at") == latest ]]; then
  plan 9223372036854775807
else
  plan "$(microseconds "$(<"$WORK/at")")"
fi
replay

say 'InnoDB checks its tables'
begun=$SECONDS
mapfile -t checks < <(here_ask "SELECT CONCAT('CHECK TABLE \`', REPLACE(TABLE_SCHEMA, '\`', '\`\`'), '\`.\`', REPLACE(TABLE_NAME, '\`', '\`\`'), '\`;')
  FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND ENGINE = 'InnoDB' AND TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema')")
# not raw: a name may hold tabs and line breaks
printf '%s\n' "${checks[@]}" | client >"$WORK/checks"
# a note of an upgrade, and the like, is no fault
faults=$(awk -F '\t' '$3 != "status" && $3 != "note" && $3 != "info" || $3 == "status" && $4 != "OK" { print; if (++n == 5) exit }' "$WORK/checks")
if [[ -n $faults ]]; then fail "InnoDB found faults: $faults"; fi
say "checked ${#checks[@]} tables in $((SECONDS - begun)) s"

if [[ $task == drill ]]; then
  here_ask "$(sums_sql)" | here >"$WORK/found.tsv"
  # a table whose definition changed while the sums were taken has none
  awk -F '\t' '{ lines[$1]++ } $2 == "NULL" { lines[$1] = 0 } END { for (name in lines) if (lines[name] != 3) print name }' "$WORK/sums.tsv" >"$WORK/altered"
  for file in sums found; do
    awk -F '\t' -v altered="$WORK/altered" 'FILENAME == altered { skip[$1] = 1; next } !($1 in skip)' \
      "$WORK/altered" "$WORK/$file.tsv" >"$WORK/$file.compared"
  done
  difference=$(awk -v expected="$WORK/sums.compared" 'FILENAME == expected { balance[$0]++; next } { balance[$0]-- }
    END { for (line in balance) if (balance[line]) print (balance[line] > 0 ? "database: " : "restored: ") line }' "$WORK/sums.compared" "$WORK/found.compared")
  if [[ -n $difference ]]; then fail "what was restored is not what the database had: $(head -n 10 <<<"$difference")"; fi
  tables=$(($(wc -l <"$WORK/sums.compared") / 3))
  if [[ -s $WORK/altered ]]; then say "altered meanwhile, so not compared: $(tr '\n' ' ' <"$WORK/altered")"; fi
  rows=$(awk -F '\t' 'NR % 3 == 2 { n += $2 } END { print n + 0 }' "$WORK/sums.compared")
  mkdir -p "$WORK/result"
  printf '{"backup": "%s", "tables": %d, "rows": %d, "binaryLogs": %d, "gtids": "%s"}\n' "$(<"$WORK/of")" "$tables" "$rows" "${#files[@]}" "$target" >"$WORK/result/drill.json"
  say "drill: the backup of $(<"$WORK/of") and ${#files[@]} binary logs give what the database held at $(<"$WORK/sums.time"): $tables tables, $rows rows"
  exit
fi

statuses

# the databases clone it with the account that they clone each other with; at its next start each gives that the Secret's password again
password=$(od -An -tx1 -N24 /dev/urandom | tr -d ' \n')
here_ask "ALTER USER 'replication'@'%' IDENTIFIED BY '$password' REQUIRE SSL ACCOUNT UNLOCK; GRANT BACKUP_ADMIN ON *.* TO 'replication'@'%';
  DROP USER threewall_scratch@localhost; SET GLOBAL innodb_fast_shutdown = 1; SHUTDOWN"
wait "$server" || true
server=''
rm -f "$WORK"/data/relay*
mysqld_on "$WORK/data" --port="$PORT" --bind-address='*' --plugin-load-add=mysql_clone.so --require-secure-transport=ON \
  --ssl-ca="$CA" --ssl-cert="${CA%/*}/tls.crt" --ssl-key="${CA%/*}/tls.key" &
server=$!
until mysqladmin --no-defaults --user=nobody --socket="$SOCKET" ping >/dev/null 2>&1; do
  kill -0 "$server" 2>/dev/null || { server=''; fail 'the restored server did not start, see above'; }
  sleep 0.2
done
printf '%s' "$password" >"$RUN/password"
printf '%s\n' "$target" >"$RUN/gtids"
say "restored: ready to be cloned; holds $target"
for ((i = 0; i < 6 * 3600; i++)); do
  if [[ -e $RUN/taken ]]; then break; fi
  kill -0 "$server" 2>/dev/null || fail 'the restored server ended'
  sleep 1
done
