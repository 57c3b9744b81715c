#!/usr/bin/env bash
# The pair's side of what differs between the topologies. The number in a server's name is its role: database-0 is the
# primary, all others are replicas. See docs/decisions/database-roles.md.

# mysqld_options: options that depend on the server's number, one per line
mysqld_options() { :; }

# cloned DIRECTORY: nothing to add
cloned() { :; }

# keepers: scripts that run beside the server, in addition to role.sh and follow.sh
keepers() {
  if ((ORDINAL == 0)) && [[ $WHEN_REPLICA_IS_LOST == block ]]; then printf 'yield.sh\n'; fi
}

# joins: whether join.sh runs on this server
joins() { ((ORDINAL != 0)); }

# wanted_metrics: metrics that depend on the configuration only
wanted_metrics() {
  printf 'database_semi_sync_required %d\n' "$([[ $WHEN_REPLICA_IS_LOST == block ]] && echo 1 || echo 0)"
}

# writers: other servers that take writes
writers() { if ((ORDINAL != 0)); then printf '%s\n' "${HOSTS[0]}"; fi; }

# leads: whether this server, which takes writes, is the first of those that do
leads() { ((ORDINAL == 0)); }

# initial_role: last statement of --init-file. A primary that was cloned from its replica has a copy of the replica's source
initial_role() {
  if ((ORDINAL == 0)); then
    printf 'RESET REPLICA ALL;\nSET GLOBAL rpl_semi_sync_source_enabled = ON;\nSET GLOBAL read_only = OFF;\n'
  else
    printf 'SET GLOBAL super_read_only = ON;\n'
  fi
}

# look NUMBER: what a server reports, in three fields: 1 when it is the primary, transactions applied, transactions whose
# binary logs are purged. Not `read_only`, which is ON while the primary gives way to a clone (yield.sh)
look() {
  ask "${HOSTS[$1]}" "SELECT CONCAT_WS('|', @@global.rpl_semi_sync_source_enabled,
    REPLACE(@@global.gtid_executed, '\n', ''), REPLACE(@@global.gtid_purged, '\n', ''))"
}

# find_donor: sets donor, the source of an empty volume's clone: the primary; for database-0 the server whose data is
# most complete, or none when all are blank; waits until every server has answered
# shellcheck disable=SC2034 # donor is for start.sh
find_donor() {
  local other answer held=
  donor=
  if ((ORDINAL != 0)); then
    donor=${HOSTS[0]}
    until [[ $(look 0) == '1|'* ]]; do pause "waits for the primary $(<"$RUN/ask")"; done
    return
  fi
  for ((other = 1; other < SERVERS; other++)); do
    until answer=$(ask "${HOSTS[other]}" "
      SELECT CASE
        WHEN @@datadir LIKE '%/blank/' THEN 'blank'
        WHEN EXISTS (SELECT * FROM performance_schema.replication_connection_status
          WHERE NOT GTID_SUBSET(RECEIVED_TRANSACTION_SET, @@global.gtid_executed)) THEN 'applies'
        WHEN NOT GTID_SUBSET('$held', @@global.gtid_executed) THEN 'less'
        ELSE REPLACE(@@global.gtid_executed, '\n', '') END") && [[ $answer != applies ]]; do
      pause "this volume is empty: waits for database-$other to say what it holds ${answer:-$(<"$RUN/ask")}"
    done
    if [[ $answer != blank && $answer != less ]]; then
      donor=${HOSTS[other]}
      held=$answer
    fi
  done
}
