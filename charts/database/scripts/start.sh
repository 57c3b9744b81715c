#!/usr/bin/env bash
# Process 1 of a database: provisions an empty volume, then becomes mysqld.
#
# Invariants:
# - May be killed at any moment, and starts again. The volume contains `data` once its server is complete: it appears by one
#   rename. Until then `blank` contains an initialised server without rows, or `clone` a partial clone.
# - An empty volume is never used on a guess: database-0 starts a blank server as the first one only when every other
#   database reports that it is blank as well; if one holds data, it is cloned (find_donor in topology.sh).
# - No replica follows a blank server, and no backup streams its binary log: the name is the primary's, so its replica connects as soon
#   as it answers. It has none of the accounts to do that with.
# - A volume of the other topology is not used: its servers would not agree on roles and data.
# - Accounts come before the role in --init-file: the server continues after a failed statement, and without a role it takes no writes.
# https://dev.mysql.com/doc/refman/9.7/en/clone-plugin-remote.html
. "${0%/*}/common.sh"

server=
end_server() {
  if [[ -n $server ]]; then
    kill "$server" 2>/dev/null || true
    wait "$server" || true
    server=
  fi
}
trap 'exit 143' TERM INT
trap end_server EXIT

# become_mysqld OPTION...: as a background job or as process 1, never below a shell that would not pass on signals
become_mysqld() {
  local own
  mapfile -t own < <(mysqld_options)
  exec mysqld --defaults-file="$CONF/my.cnf" --server-id=$((ORDINAL + 1)) --report-host="${HOSTS[ORDINAL]}" "${own[@]}" "$@"
}

# beside SCRIPT: runs it as long as the server lives
beside() {
  while :; do
    bash "$CONF/$1" || true
    say "$1 has ended and begins again"
    sleep 1
  done &
}

# init_file ROLE: the accounts, then the role
init_file() {
  local sql
  sql=$(accounts)
  printf '%s\n%s\n' "$sql" "$1" >"$RUN/init.sql"
}

# init_blank: the accounts that query a blank server, which takes no writes
init_blank() {
  local sql line
  sql=$(accounts)
  while IFS= read -r line; do
    if [[ $line != *"'@'%'"* || $line == *"'monitoring'@"* ]]; then printf '%s\n' "$line"; fi
  done >"$RUN/init.sql" <<<"$sql"$'\n''SET GLOBAL super_read_only = ON;'
}

# serve_blank: runs the blank server beside this script, so that others can query it
serve_blank() {
  init_blank
  become_mysqld --datadir="$VOLUME/blank" --socket="$RUN/blank.sock" \
    --init-file="$RUN/init.sql" &
  server=$!
  until mysqladmin --defaults-file="$RUN/root.cnf" --socket="$RUN/blank.sock" ping >/dev/null 2>&1; do
    kill -0 "$server"
    sleep 0.2
  done
}

# adopt DIRECTORY: makes it the server's data directory
adopt() {
  sync -f "$VOLUME/$1"
  mv -T "$VOLUME/$1" "$DATA"
  sync -f "$VOLUME"
}

clone_from() {
  printf "SET GLOBAL clone_valid_donor_list = '%s:%s';\nCLONE INSTANCE FROM 'replication'@'%s':%s IDENTIFIED BY '%s' DATA DIRECTORY = '%s' REQUIRE SSL;\n" \
    "$1" "$PORT" "$1" "$PORT" "$(password replication "'")" "$VOLUME/clone" |
    mysql --defaults-file="$RUN/root.cnf" --socket="$RUN/blank.sock"
}

provision() {
  say 'the volume is empty: makes a blank server'
  become_mysqld --datadir="$VOLUME/blank" --initialize-insecure --init-file="$CONF/schema.sql" &
  wait $!
  serve_blank
  find_donor
  if [[ -z $donor ]]; then
    say 'every database is blank: this is the first'
    end_server
    adopt blank
    return
  fi
  say "clones from $donor"
  until clone_from "$donor" & wait $!; do
    say 'the clone failed and begins again'
    rm -rf "$VOLUME/clone"
    sleep 2
    find_donor
  done
  cloned "$VOLUME/clone"
  end_server
  adopt clone
}

rm -rf "$VOLUME/blank" "$VOLUME/clone" "$TMP" "$RUN/joined" "$RUN/refused" "$RUN/stopping" "$RUN/draining" "$RUN/yields" "$RUN"/restored.*
made_for=$TOPOLOGY
if [[ -e $VOLUME/topology ]]; then made_for=$(<"$VOLUME/topology"); fi
if [[ -d $DATA && $made_for != "$TOPOLOGY" ]]; then
  say "this volume belongs to database.topology $made_for, not $TOPOLOGY: a topology is chosen once, move the data by a dump"
  exit 1
fi
printf '%s\n' "$TOPOLOGY" >"$VOLUME/topology"
bash "$CONF/restored.sh" take
if [[ -e $VOLUME/outdated ]]; then
  rm -rf "$DATA"
  rm "$VOLUME/outdated"
fi
mkdir "$TMP"
state >"$RUN/state"
options root
options monitoring
if [[ ! -d $DATA ]]; then provision; fi
rm -rf "$VOLUME/blank"

init_file "$(initial_role)"
for script in $(keepers) follow.sh role.sh events.sh; do beside "$script"; done
trap - EXIT TERM INT
become_mysqld --init-file="$RUN/init.sql"
