import { CONF_PATH } from './layout';

/** Seconds between two looks at the Secrets; the kubelet itself takes up to a minute or two to bring a change. */
const PERIOD = 15;

/**
 * Runs beside the server for as long as it lives. A replica joins its primary. Then passwords and certificates follow their
 * Secrets without a restart: one that had to wait for a restarted primary would stop a rolling update for ever, because
 * the replica, restarted first, has a password that the primary does not know yet.
 * @see https://dev.mysql.com/doc/refman/9.7/en/using-encrypted-connections.html#using-encrypted-connections-server-side-runtime-configuration
 */
export const followSh = (): string => `. ${CONF_PATH}/common.sh

# join: in a job of its own, because passwords may change while it waits; the old job has the old ones
joining=
join() {
  if ((ORDINAL == 0)); then return; fi
  if [[ -n $joining ]]; then kill "$joining" 2>/dev/null || true; fi
  bash "$CONF/join.sh" &
  joining=$!
}

# a replica is open for that long, to accounts like root alone
open= lock=
if ((ORDINAL != 0)); then
  open='SET GLOBAL super_read_only = OFF;'
  lock='SET GLOBAL super_read_only = ON;'
fi

# apply: new passwords, not in the binary log
apply() {
  local line all sql="SET SESSION sql_log_bin = 0; $open"
  all=$(accounts) || return
  while IFS= read -r line; do
    if [[ $line == 'ALTER USER '* ]]; then sql+=$'\\n'$line; fi
  done <<<"$all"
  # root is the last of the accounts: until all is done, its old password opens
  here "$sql $lock" || { here "$lock"; return 1; }
  options root && options monitoring && here 'ALTER INSTANCE RELOAD TLS'
}

# astray: the last join failed, or its receiver was stopped by an error that only a new comparison can judge
astray() {
  if ((ORDINAL == 0)) || kill -0 "$joining" 2>/dev/null; then return 1; fi
  if ! wait "$joining"; then return; fi
  [[ $(here "SELECT COUNT(*) FROM performance_schema.replication_connection_status
    WHERE SERVICE_STATE = 'OFF' AND LAST_ERROR_NUMBER <> 0") == 1 ]]
}

known=$(<"$RUN/state")
join
while sleep ${PERIOD}; do
  now=$(state) || continue
  if [[ $now != "$known" ]] && apply; then
    known=$now
    say 'passwords and certificates are those of the Secrets'
    join
  elif astray; then
    join
  fi
done
`;
