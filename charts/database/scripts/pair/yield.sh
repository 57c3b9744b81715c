#!/usr/bin/env bash
# Runs on a primary that acknowledges nothing alone (`whenReplicaIsLost: block`), while no replica confirms and one
# is cloned from it. A clone waits for every write that is under way, and such a write waits for a replica: without this they
# would wait for each other forever.
#
# Until a replica follows again, or no clone runs, the primary takes no writes and still serves reads. Clients that
# waited lose their connection, unacknowledged; new writes are refused at once instead of being held.
#
# Invariants:
# - No write is acknowledged without a replica, because of the order: a pending change to read-only lets no write begin; then no client is
#   left to whom one could be acknowledged; only then, and in the statement that checks that the change is still pending, writes
#   under way may end without a replica.
# - May be killed at any moment and start again.
# https://dev.mysql.com/doc/refman/9.7/en/replication-semisync-interface.html
. "${0%/*}/common.sh"

cloning="EXISTS (SELECT * FROM performance_schema.threads WHERE PROCESSLIST_COMMAND = 'clone')"
close='SET GLOBAL super_read_only = ON'
closing="(PROCESSLIST_INFO <=> '$close')"
closes="EXISTS (SELECT * FROM performance_schema.threads WHERE $closing)"
# no write begins any more. Not the variable alone: it changes before the statement has got its lock
shut="IF($closes, EXISTS (SELECT * FROM performance_schema.threads WHERE $closing AND PROCESSLIST_STATE LIKE 'Waiting for % lock'), @@global.super_read_only)"
value() { printf "(SELECT VARIABLE_VALUE FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Rpl_semi_sync_source_%s')" "$1"; }

# confirmed: how many writes replicas have confirmed so far; empty unless writes wait while a replica is cloned. Not the number of
# replicas: a lost replica counts for minutes
confirmed() { here "SELECT $(value yes_tx) FROM DUAL WHERE $cloning AND $(value wait_sessions) > 0"; }

# give_way: closes the primary, or changes nothing; connected replicas return within a second
give_way() {
  say 'a replica is cloned and none confirms a write: takes none until that is done'
  touch "$RUN/yields"
  here "SET SESSION lock_wait_timeout = 5; $close" &
  sleep 1
  end_sessions "PROCESSLIST_COMMAND NOT IN ('Daemon', 'clone') AND PROCESSLIST_USER <> 'monitoring' AND NOT $closing"
  here "SET GLOBAL rpl_semi_sync_source_enabled = (SELECT NOT $shut)" || true
  wait $! || true
}

# given: progress of give_way
given() {
  here "SELECT CASE
    WHEN $closes THEN 'closing'
    WHEN @@global.super_read_only = 0 THEN 'open'
    WHEN $(value clients) > 0 OR NOT $cloning THEN 'done'
    ELSE 'closed' END"
}

before='' times=0
while sleep 1; do
  if [[ -e $RUN/yields ]]; then
    # first of all: writes wait for a replica again
    here 'SET GLOBAL rpl_semi_sync_source_enabled = ON' || continue
    case $(given) in
      done) here 'SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF' || true ;;
      open)
        rm "$RUN/yields"
        say 'takes writes'
        ;;
    esac
    continue
  fi
  now=$(confirmed) || continue
  if [[ -n $now && $now == "$before" ]]; then times=$((times + 1)); else times=0; fi
  before=$now
  if ((times == 5)); then times=0; give_way; fi
done
