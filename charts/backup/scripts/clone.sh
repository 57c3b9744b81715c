#!/bin/bash
# Makes a copy of the databases by MySQL's CLONE plugin, in the folder `data` of the pod's scratch volume: a replica gives it,
# where one has caught up with the primary. No table is locked, definitions may change meanwhile.
# https://dev.mysql.com/doc/refman/9.7/en/clone-plugin-remote.html
. "${0%/*}/common.sh"
. "${0%/*}/server.sh"

options
rm -rf "$WORK"/{blank,data,tmp}
mkdir -p "$WORK/tmp"
mysqld_on "$WORK/blank" --initialize-insecure
# the recipient must have the plugins that the donor has
with=()
# shellcheck disable=SC2153 # of settings.sh
for plugin in $PLUGINS; do with+=(--plugin-load-add="$plugin"); done
mysqld_on "$WORK/blank" --skip-networking "${with[@]}" --loose-clone-ssl-ca="$CA" &
server=$!
printf '[client]\nuser=root\nsocket=%s\n' "$SOCKET" >"$RUN/scratch.cnf"
until mysqladmin --defaults-file="$RUN/scratch.cnf" ping >/dev/null 2>&1; do
  kill -0 "$server" 2>/dev/null || { server=; fail 'the scratch server did not start, see above'; }
  sleep 0.2
done

clone_from() {
  here <<SQL
SET GLOBAL clone_valid_donor_list = '$1:$PORT';
CLONE INSTANCE FROM 'backup'@'$1':$PORT IDENTIFIED BY $(quoted "$(<"$USERS/backup")") DATA DIRECTORY = '$WORK/data' REQUIRE SSL;
SQL
}

begun=$SECONDS
for ((try = 1; ; try++)); do
  find_servers
  source=
  current_replica || source=$primary
  if [[ -n $source ]]; then
    say "clones $source"
    if clone_from "$source"; then break; fi
    rm -rf "$WORK/data"
  fi
  # a donor serves one at a time
  if ((try == 20)); then fail 'no database could be cloned, see above'; fi
  sleep 15
done
# everything in the copy was committed before this moment of the source's clock
time=$(ask "$source" "SELECT DATE_FORMAT(UTC_TIMESTAMP(6) + INTERVAL 1 SECOND, '%Y-%m-%d %H:%i:%s')")
end_server
rm -rf "$WORK/blank"

# InnoDB applies what was written while it was copied: what goes into the repository starts as it is
serve "$WORK/data" --skip-networking
gtids=$(here_ask "SELECT REPLACE(@@global.gtid_executed, '\n', '')")
tables=$(here_ask "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA NOT IN $NOT_OURS")
version=$(here_ask 'SELECT @@version')
here_ask 'DROP USER threewall_scratch@localhost; SET GLOBAL innodb_fast_shutdown = 1; SHUTDOWN'
wait "$server" || true
server=
rm -f "$WORK"/data/{auto.cnf,*.pem,binlog.*,relay*}
printf '%s\n' "$gtids" >"$WORK/data/threewall-gtids"
printf '%s\n' "$version" >"$WORK/data/threewall-version"
printf '%s\n' "$time" >"$WORK/time"
say "cloned $source as of $time: $tables tables, $(du -sm "$WORK/data" | cut -f1) MiB, in $((SECONDS - begun)) s; holds $gtids"
