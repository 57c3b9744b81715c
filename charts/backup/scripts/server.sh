# shellcheck shell=bash
# A MySQL server of this pod alone, on a folder. Nothing in it has to survive a crash: no doublewrite, no flush at commits.

SOCKET=$RUN/scratch.sock
server=

# serve DIRECTORY OPTION...: in the background; an account of its own (`scratch`, on the socket) is made at each start,
# because the passwords in a copy are those of its time
serve() {
  local dir=$1
  shift
  key=$(od -An -tx1 -N24 /dev/urandom | tr -d ' \n')
  printf '[client]\nuser=threewall_scratch\npassword="Aa1!%s"\nsocket=%s\n' "$key" "$SOCKET" >"$RUN/scratch.cnf"
  printf '%s\n' \
    "CREATE USER IF NOT EXISTS threewall_scratch@localhost IDENTIFIED BY 'Aa1!$key';" \
    "ALTER USER threewall_scratch@localhost IDENTIFIED BY 'Aa1!$key';" \
    'GRANT ALL ON *.* TO threewall_scratch@localhost;' >"$RUN/init.sql"
  mkdir -p "$WORK/tmp"
  mysqld_on "$dir" --init-file="$RUN/init.sql" "$@" &
  server=$!
  until mysqladmin --defaults-file="$RUN/scratch.cnf" ping >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || { server=; fail 'the scratch server did not start, see above'; }
    sleep 0.2
  done
}

# mysqld_on DIRECTORY OPTION...: with the memory of this container
mysqld_on() {
  local dir=$1
  shift
  mysqld --no-defaults --datadir="$dir" --socket="$SOCKET" --pid-file="$RUN/scratch.pid" --tmpdir="$WORK/tmp" \
    --server-id=4294967295 --mysqlx=OFF --skip-log-bin --gtid-mode=ON --enforce-gtid-consistency=ON \
    --skip-replica-start --relay-log=relay --relay-log-recovery=OFF --event-scheduler=OFF --secure-file-priv=NULL \
    --innodb-buffer-pool-size="${BUFFER_POOL}M" --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF \
    --innodb-numa-interleave=OFF --performance-schema=OFF --max-allowed-packet=1G \
    --replica-max-allowed-packet=1G --log-error-verbosity=1 "$@"
}

# client ARG...: SQL on standard input; the locale of these scripts would have names in latin1
client() {
  mysql --defaults-file="$RUN/scratch.cnf" --default-character-set=utf8mb4 --binary-mode --skip-column-names --batch --max-allowed-packet=1G "$@"
}
here() { client --raw; }
here_ask() { printf '%s\n' "$1" | here; }

# end_server: writes everything to the folder
end_server() {
  if [[ -z $server ]]; then return; fi
  here_ask 'SET GLOBAL innodb_fast_shutdown = 1; SHUTDOWN'
  wait "$server" || true
  server=
}

ended() {
  local rc=$?
  if [[ -n $server ]]; then kill -KILL "$server" 2>/dev/null || true; fi
  exit "$rc"
}
trap ended EXIT
trap 'exit 143' TERM INT

# the server's own schemas, in no backup's sums
NOT_OURS="('mysql', 'sys', 'information_schema', 'performance_schema')"

# sums_sql: for each table, statements that answer its name three times: alone, with its rows, with its checksum. CHECKSUM
# TABLE reads within the session's snapshot and takes values as they are stored, whatever their type, rows in any order
sums_sql() {
  printf '%s\n' "SELECT CONCAT('SELECT ', QUOTE(s.name), '; SELECT ', QUOTE(s.name), ', COUNT(*) FROM ', n.name, '; CHECKSUM TABLE ', n.name, ' EXTENDED;')
    FROM information_schema.TABLES,
      LATERAL (SELECT CONCAT('\`', REPLACE(TABLE_SCHEMA, '\`', '\`\`'), '\`.\`', REPLACE(TABLE_NAME, '\`', '\`\`'), '\`') AS name) n,
      LATERAL (SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) AS name) s
    WHERE TABLE_TYPE = 'BASE TABLE' AND ENGINE = 'InnoDB' AND TABLE_SCHEMA NOT IN $NOT_OURS ORDER BY TABLE_SCHEMA, TABLE_NAME;"
}
