#!/usr/bin/env bash
# Run before a server stops (preStop). Clients of a replica leave, and so do clients that this pod's router connects to another server.
# A primary then takes no more writes, its replicas receive the last one, and it disconnects them: a server that stops with attached
# replicas spends eight fixed seconds on them (`dump_thread_kill_retries`), after its clients are cut off.
#
# Invariant: only speeds things up and never fails. If a step fails here, the server's own shutdown does it.
# https://github.com/mysql/mysql-server/blob/trunk/sql/mysqld.cc
. "${0%/*}/common.sh"

if ((ORDINAL != 0)); then
  leave stopping draining
  exit 0
fi
# writes go on meanwhile
leave draining
senders="PROCESSLIST_COMMAND LIKE 'Binlog Dump%'"
here 'SET SESSION lock_wait_timeout = 2; SET GLOBAL super_read_only = ON' || exit 0
for _ in {1..20}; do
  late=$(here "SELECT COUNT(*) FROM performance_schema.threads WHERE $senders AND PROCESSLIST_STATE NOT LIKE '%has sent all binlog%'") || exit 0
  if ((late == 0)); then break; fi
  sleep 0.1
done
end_sessions "$senders"
