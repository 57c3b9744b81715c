#!/usr/bin/env bash
# Makes a replica follow the primary, and ends when it does. Replication is started here and not by the server, because only
# a comparison of the two GTID sets shows whether it may.
#
# Invariants:
# - A replica that holds what its primary lacks stays apart and unready, with its data kept, until an operator decides.
# - A replica that lacks what the primary has purged from its binary logs is emptied and cloned again: it was just shown to hold
#   nothing of its own.
# - The password is an option of START REPLICA, so that no table stores it.
# https://dev.mysql.com/doc/refman/9.7/en/start-replica.html
. "${0%/*}/common.sh"

until read_only=$(here 'SELECT @@global.super_read_only' 2>/dev/null); do sleep 0.5; done
while ((read_only == 0)); do refuse no-accounts 'not all accounts could be made, see the errors above: stays apart'; done

# transactions received before a restart are applied without the primary, which may be waiting to be cloned from this replica
if [[ $(here "SELECT COUNT(*) FROM performance_schema.replication_connection_configuration WHERE CHANNEL_NAME = ''") == 1 ]]; then
  here 'START REPLICA SQL_THREAD' || true
fi

while :; do
  mine=$(here "SELECT REPLACE(@@global.gtid_executed, '\n', '')")
  if ! answer=$(look 0) || [[ $answer != '1|'* ]]; then
    pause "waits for the primary $(<"$RUN/ask")"
    continue
  fi
  IFS='|' read -r _ executed purged <<<"$answer"
  errant=$(here "SELECT GTID_SUBTRACT('$mine', '$executed')")
  if [[ -n $errant ]]; then
    refuse apart "holds transactions that the primary lacks, so it does not follow it: $errant"
    continue
  fi
  rm -f "$RUN/refused"
  if [[ -n $(here "SELECT GTID_SUBTRACT('$purged', '$mine')") ]]; then
    say 'the primary no longer has the binary logs this replica needs: clones again'
    touch "$VOLUME/outdated"
    here SHUTDOWN
    exit
  fi
  here "STOP REPLICA; CHANGE REPLICATION SOURCE TO SOURCE_HOST = '${HOSTS[0]}', SOURCE_PORT = $PORT,
      SOURCE_AUTO_POSITION = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 0,
      SOURCE_SSL = 1, SOURCE_SSL_CA = '$CA', SOURCE_SSL_VERIFY_SERVER_CERT = 1;
    START REPLICA USER = 'replication' PASSWORD = '$(password replication "'")';" || { sleep 2; continue; }
  here "SELECT WAIT_FOR_EXECUTED_GTID_SET('$executed')" >/dev/null
  touch "$RUN/joined"
  say 'follows the primary'
  exit
done
