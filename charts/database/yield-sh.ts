import { CONF_PATH } from './layout';

/**
 * Runs on a primary that acknowledges nothing alone (`block`), for the time when no replica confirms and one is cloned from it. A
 * clone waits for every write that is under way, and such a write waits for a replica: without this, both would for ever.
 *
 * Until the clone is done the primary takes no writes, and goes on being read. Those that waited lose their connection,
 * unacknowledged; new ones are refused at once instead of being held.
 *
 * - A pending change to read-only lets no write begin; then nobody is left to whom one could be acknowledged; only
 *   then may those under way end without a replica.
 * @see https://dev.mysql.com/doc/refman/9.7/en/replication-semisync-interface.html
 */
export const yieldSh = (): string => `. ${CONF_PATH}/common.sh

cloning='EXISTS (SELECT * FROM performance_schema.threads WHERE PROCESSLIST_COMMAND = "clone")'
value() { printf "(SELECT VARIABLE_VALUE FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Rpl_semi_sync_source_%s')" "$1"; }

# confirmed: how many writes replicas have confirmed so far; nothing unless some wait while one is cloned. Not the number of
# replicas: one that is gone with its address counts for minutes
confirmed() { here "SELECT $(value yes_tx) FROM DUAL WHERE $cloning AND $(value wait_sessions) > 0"; }

give_way() {
  local closing
  say 'a replica is cloned and none confirms a write: takes none until that is done'
  touch "$RUN/yields"
  here 'SET GLOBAL super_read_only = ON' &
  closing=$!
  sleep 1
  here "SELECT CONCAT('KILL ', PROCESSLIST_ID, ';') FROM performance_schema.threads
    WHERE PROCESSLIST_COMMAND <> 'Daemon' AND PROCESSLIST_USER NOT IN ('root', 'replication', 'monitoring')" | mysql --defaults-file="$RUN/root.cnf" --force || true
  here 'SET GLOBAL rpl_semi_sync_source_enabled = OFF' || true
  wait "$closing" || true
}

take_again() {
  here 'SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF' || return
  rm "$RUN/yields"
  say 'takes writes again'
}

before= times=0
while sleep 1; do
  if [[ -e $RUN/yields ]]; then
    # before anything else: a write waits for a replica again
    here 'SET GLOBAL rpl_semi_sync_source_enabled = ON' || continue
    if [[ $(here "SELECT $cloning") == 0 ]]; then take_again || true; fi
    continue
  fi
  now=$(confirmed) || continue
  if [[ -n $now && $now == "$before" ]]; then times=$((times + 1)); else times=0; fi
  before=$now
  if ((times == 5)); then give_way; fi
done
`;
