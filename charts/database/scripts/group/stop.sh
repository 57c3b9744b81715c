#!/usr/bin/env bash
# Run before a member stops (preStop): a planned switchover. The member with the lowest number that is in the group becomes the
# primary, then this one's clients leave.
#
# Invariant: only speeds things up and never fails. If a step fails here, the group does it when it expels this member.
# https://dev.mysql.com/doc/refman/9.7/en/group-replication-functions-for-new-primary.html
. "${0%/*}/common.sh"

next=$(here "SELECT other.MEMBER_ID FROM performance_schema.replication_group_members other
  JOIN performance_schema.replication_group_members me ON me.MEMBER_ID = @@server_uuid AND me.MEMBER_ROLE = 'PRIMARY'
  WHERE other.MEMBER_STATE = 'ONLINE' AND other.MEMBER_ROLE = 'SECONDARY' ORDER BY other.MEMBER_HOST LIMIT 1") || true
if [[ -n $next ]] && here "SELECT group_replication_set_as_primary('$next', 2)"; then
  # writers find the new primary before the group removes this member, which pauses the group briefly
  sleep 2
fi
leave stopping draining
