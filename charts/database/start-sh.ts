/**
 * Process 1 of a database: provisions an empty volume, then becomes mysqld. May be killed at any moment; it begins again.
 *
 * The volume holds `data` once its server is complete. Until then there is a blank server: initialised, without rows,
 * in `blank`. Database 0 opens a blank server as the first primary only when every other database says that it is blank
 * as well; one that holds data is cloned from. All others clone from the primary.
 * @see https://dev.mysql.com/doc/refman/9.7/en/clone-plugin-remote.html
 */
export const startSh = (): string => `. "\${0%/*}/common.sh"

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

# become_mysqld OPTION...: in a job of its own or as process 1, never beneath a shell that would keep signals from it
become_mysqld() { exec mysqld --defaults-file="$CONF/my.cnf" --server-id=$((ORDINAL + 1)) --report-host="$(host "$ORDINAL")" "$@"; }

# init_file ROLE: the accounts, then the role
init_file() {
  local sql
  sql=$(accounts)
  printf '%s\\n%s\\n' "$sql" "$1" >"$RUN/init.sql"
}
# a primary that was cloned from its replica has a copy of that one's source
PRIMARY=$'RESET REPLICA ALL;\\nSET GLOBAL read_only = OFF;'
REPLICA='SET GLOBAL super_read_only = ON;'

# serve_blank [OPTION...]: runs the blank server beside this script
serve_blank() {
  become_mysqld --datadir="$VOLUME/blank" --socket="$RUN/blank.sock" \\
    --init-file="$RUN/init.sql" "$@" &
  server=$!
  until mysqladmin --defaults-file="$RUN/root.cnf" --socket="$RUN/blank.sock" ping >/dev/null 2>&1; do
    kill -0 "$server"
    sleep 0.2
  done
}

# adopt DIRECTORY: this is the server from now on
adopt() {
  sync -f "$VOLUME/$1"
  mv -T "$VOLUME/$1" "$DATA"
  sync -f "$VOLUME"
}

# find_donor: the database whose data is the most complete, none when all are blank; waits until each has said so
find_donor() {
  local other answer held=
  donor=
  for ((other = 1; other <= REPLICAS; other++)); do
    until answer=$(ask "$(host $other)" "
      SELECT CASE
        WHEN @@datadir LIKE '%/blank/' THEN 'blank'
        WHEN EXISTS (SELECT * FROM performance_schema.replication_connection_status
          WHERE NOT GTID_SUBSET(RECEIVED_TRANSACTION_SET, @@global.gtid_executed)) THEN 'applies'
        WHEN NOT GTID_SUBSET('$held', @@global.gtid_executed) THEN 'less'
        ELSE REPLACE(@@global.gtid_executed, '\\n', '') END") && [[ $answer != applies ]]; do
      pause "this volume is empty: waits for database-$other to say what it holds \${answer:-$(<"$RUN/ask")}"
    done
    if [[ $answer != blank && $answer != less ]]; then
      donor=$(host $other)
      held=$answer
    fi
  done
}

clone_from() {
  printf "SET GLOBAL clone_valid_donor_list = '%s:%s';\\nCLONE INSTANCE FROM 'replication'@'%s':%s IDENTIFIED BY '%s' DATA DIRECTORY = '%s' REQUIRE SSL;\\n" \\
    "$1" $PORT "$1" $PORT "$(password replication "'")" "$VOLUME/clone" |
    mysql --defaults-file="$RUN/root.cnf" --socket="$RUN/blank.sock"
}

provision() {
  say 'the volume is empty: makes a blank server'
  become_mysqld --datadir="$VOLUME/blank" --initialize-insecure --init-file="$CONF/schema.sql" &
  wait $!
  if ((ORDINAL == 0)); then
    find_donor
    if [[ -z $donor ]]; then
      say 'every database is blank: this is the first primary'
      adopt blank
      return
    fi
    serve_blank --skip-networking
  else
    serve_blank
    donor=$(host 0)
    until [[ $(ask "$donor" 'SELECT @@global.read_only') == 0 ]]; do
      pause "waits for the primary $(<"$RUN/ask")"
    done
  fi
  say "clones from $donor"
  until clone_from "$donor" & wait $!; do
    say 'the clone failed and begins again'
    rm -rf "$VOLUME/clone"
    sleep 2
  done
  end_server
  adopt clone
}

rm -rf "$VOLUME/blank" "$VOLUME/clone" "$TMP" "$RUN/joined" "$RUN/refused"
if [[ -e $VOLUME/outdated ]]; then
  rm -rf "$DATA"
  rm "$VOLUME/outdated"
fi
mkdir "$TMP"
state >"$RUN/state"
options root
options monitoring
init_file "$REPLICA"
if [[ ! -d $DATA ]]; then provision; fi
rm -rf "$VOLUME/blank"

if ((ORDINAL == 0)); then init_file "$PRIMARY"; fi
bash "$CONF/follow.sh" &
trap - EXIT TERM INT
become_mysqld --init-file="$RUN/init.sql"
`;
