#!/usr/bin/env bash
# The group's side of what differs between the topologies. The group elects its primary among all members.
# See docs/decisions/database-group.md.

# mysqld_options: options that depend on the member's number, one per line. The lowest number is the preferred primary. A restore
# renames the group: a member that missed it cannot join the others, and no transaction's number is used twice
mysqld_options() {
  if [[ -e $DATA/threewall-group ]]; then printf -- '--loose-group-replication-group-name=%s\n' "$(<"$DATA/threewall-group")"; fi
  printf -- '--loose-group-replication-%s\n' "local-address=${MEMBERS[ORDINAL]}:$GROUP_PORT" "member-weight=$((90 - ORDINAL * 10))"
}

# cloned DIRECTORY: its group is the donor's
cloned() { ask "$donor" 'SELECT @@global.group_replication_group_name' >"$1/threewall-group"; }

# keepers: scripts that run beside the server, in addition to role.sh and follow.sh
keepers() { printf 'reach.sh\n'; }

# joins: whether join.sh runs on this server
joins() { :; }

# wanted_metrics: metrics that depend on the configuration only
wanted_metrics() { printf 'database_group_size %d\n' "$SERVERS"; }

# writers: other servers that take writes
writers() {
  here "SELECT MEMBER_HOST FROM performance_schema.replication_group_members
    WHERE MEMBER_STATE = 'ONLINE' AND MEMBER_ROLE = 'PRIMARY' AND MEMBER_ID <> @@server_uuid"
}

# leads: whether this server, which takes writes, is the first of those that do
leads() {
  [[ $(here "SELECT MIN(MEMBER_HOST) = @@global.report_host FROM performance_schema.replication_group_members
    WHERE MEMBER_STATE = 'ONLINE' AND MEMBER_ROLE = 'PRIMARY'") == 1 ]]
}

# initial_role: last statement of --init-file. The group decides which member takes writes
initial_role() { printf 'SET GLOBAL super_read_only = ON;\n'; }

# look NUMBER: what another member reports, in six fields: state, transactions applied, transactions received,
# transactions whose binary logs are purged, members it sees, name of its group. Fails when it does not answer
look() {
  ask "${HOSTS[$1]}" "SELECT CONCAT_WS('|',
    CASE WHEN @@datadir LIKE '%/blank/' THEN 'blank'
      WHEN (SELECT 2 * SUM(MEMBER_STATE IN ('ONLINE', 'RECOVERING')) <= COUNT(*) AND SUM(MEMBER_STATE = 'ONLINE') > 0
        FROM performance_schema.replication_group_members) THEN 'MINORITY'
      ELSE COALESCE((SELECT MEMBER_STATE FROM performance_schema.replication_group_members WHERE MEMBER_ID = @@server_uuid), 'OFFLINE') END,
    REPLACE(@@global.gtid_executed, '\n', ''),
    REPLACE(COALESCE((SELECT RECEIVED_TRANSACTION_SET FROM performance_schema.replication_connection_status
      WHERE CHANNEL_NAME = 'group_replication_applier'), ''), '\n', ''),
    REPLACE(@@global.gtid_purged, '\n', ''),
    COALESCE((SELECT GROUP_CONCAT(MEMBER_HOST) FROM performance_schema.replication_group_members), ''),
    @@global.group_replication_group_name)"
}

# others: numbers of the other members, except members given up by an operator (lost-NUMBER)
others() {
  local other
  for ((other = SERVERS - 1; other >= 0; other--)); do
    if ((other != ORDINAL)) && [[ ! -e $RUN/lost-$other ]]; then printf '%s ' "$other"; fi
  done
}

# find_donor: sets donor, the source of an empty volume's clone: a member in the group, or none if all are blank and this is the first
# shellcheck disable=SC2034 # donor is for start.sh
find_donor() {
  local other answer blank silent count
  while :; do
    blank=0 silent='' count=0
    for other in $(others); do
      count=$((count + 1))
      if ! answer=$(look "$other"); then silent+=" database-$other"; continue; fi
      case ${answer%%|*} in
        ONLINE) donor=${HOSTS[other]}; return ;;
        blank) blank=$((blank + 1)) ;;
      esac
    done
    if ((ORDINAL == 0 && blank == count)); then donor=; return; fi
    pause "this volume is empty: waits for a member to clone from${silent:+, does not hear from$silent}"
  done
}

# The hosts file of a member, see hosts.sh and reach.sh.

# resolve NUMBER: address of a member's Service, from DNS
resolve() {
  local address
  read -r address _ < <(timeout 2 getent -s hosts:dns ahosts "${MEMBERS[$1]}") && printf '%s' "$address"
}

# swallows ADDRESS: it neither accepts nor refuses connections
swallows() {
  local rc=0
  timeout 0.5 bash -c ": <>/dev/tcp/$1/$GROUP_PORT" 2>/dev/null || rc=$?
  ((rc == 124))
}

# connects FILE...: one of these lists shows a pending connection to another member
connects() {
  local list sockets connecting
  # SYN_SENT towards that port, in a line of /proc/net/tcp
  printf -v connecting ':%X 02 ' "$GROUP_PORT"
  for list; do
    mapfile -t sockets <"$list"
    if [[ "${sockets[*]}" == *"$connecting"* ]]; then return; fi
  done
  return 1
}

# write_hosts FILE: addresses[] of the members into it. In place and of constant length: it is read meanwhile
write_hosts() {
  local n
  {
    printf '127.0.0.1 localhost\n::1 localhost\n%s %s %s\n' "$POD_IP" "${HOSTS[ORDINAL]}" "$HOSTNAME"
    for ((n = 0; n < SERVERS; n++)); do printf '%-39s %s\n' "${addresses[n]}" "${MEMBERS[n]}"; done
  } 1<>"$1"
}

# read_hosts FILE: addresses[] as write_hosts wrote them
read_hosts() {
  local address name n
  while read -r address name; do
    for ((n = 0; n < SERVERS; n++)); do if [[ $name == "${MEMBERS[n]}" ]]; then addresses[n]=$address; fi; done
  done <"$1"
}
