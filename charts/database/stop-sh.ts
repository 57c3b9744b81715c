import type { Config } from '../../config/schema';
import { CONF_PATH } from './layout';

/**
 * Before the primary stops: no more writes, its replicas have received the last one, and they let go. A server that stops
 * with replicas attached spends eight fixed seconds on them (`dump_thread_kill_retries`), its clients already cut off.
 * Only hurries and never fails: whatever does not work here, the server's own shutdown does.
 * @see https://github.com/mysql/mysql-server/blob/trunk/sql/mysqld.cc
 */
export const stopSh = ({ database }: Config): string => (database.topology === 'group' ? STOP_MEMBER : STOP_PRIMARY);

/**
 * Routers send nobody any more, half a second after they were told, and leave who is there. Then sessions of the app are
 * ended while they idle, which a pool of connections does not mind; a shutdown would end them under a statement. Choosing
 * and killing one after the other, in one go, leaves a statement less than a millisecond to come in between.
 */
const LEAVE = `touch "$RUN/stopping"
sleep 1
app="FROM performance_schema.threads WHERE PROCESSLIST_USER = 'app'"
for _ in {1..10}; do
  sessions=$(here "SELECT COUNT(*) $app") || break
  if ((sessions == 0)); then break; fi
  for ((; sessions > 0; sessions--)); do
    echo "SET @idle = (SELECT PROCESSLIST_ID $app AND PROCESSLIST_COMMAND = 'Sleep' LIMIT 1); KILL @idle;"
  done | mysql --defaults-file="$RUN/root.cnf" --force 2>/dev/null || true
  sleep 0.2
done
`;

const STOP_PRIMARY = `. ${CONF_PATH}/common.sh
if ((ORDINAL != 0)); then
  ${LEAVE.trim().replaceAll('\n', '\n  ')}
  exit 0
fi
senders="PROCESSLIST_COMMAND LIKE 'Binlog Dump%'"
here 'SET SESSION lock_wait_timeout = 2; SET GLOBAL super_read_only = ON' || exit 0
for _ in {1..20}; do
  late=$(here "SELECT COUNT(*) FROM performance_schema.threads WHERE $senders AND PROCESSLIST_STATE NOT LIKE '%has sent all binlog%'") || exit 0
  if ((late == 0)); then break; fi
  sleep 0.1
done
end_sessions "$senders"
`;

// A planned switchover: the member with the lowest number that is in the group becomes the primary, before this one stops.
// https://dev.mysql.com/doc/refman/9.7/en/group-replication-functions-for-new-primary.html
const STOP_MEMBER = `. ${CONF_PATH}/common.sh
next=$(here "SELECT other.MEMBER_ID FROM performance_schema.replication_group_members other
  JOIN performance_schema.replication_group_members me ON me.MEMBER_ID = @@server_uuid AND me.MEMBER_ROLE = 'PRIMARY'
  WHERE other.MEMBER_STATE = 'ONLINE' AND other.MEMBER_ROLE = 'SECONDARY' ORDER BY other.MEMBER_HOST LIMIT 1") || true
if [[ -n $next ]] && here "SELECT group_replication_set_as_primary('$next', 2)"; then
  # writers find the new primary before the group has to do without this one, for which it stops for a moment
  sleep 2
fi
${LEAVE}`;
