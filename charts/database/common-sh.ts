import type { Config } from '../../config/schema';
import { port } from '../topology';
import {
  CONF_PATH,
  DATA_PATH,
  hostOf,
  ROLE_FILE,
  RUN_PATH,
  SOCKET,
  TLS_PATH,
  TMP_PATH,
  USERS_PATH,
  VOLUME_PATH,
} from './layout';
import { serversOf } from './servers';

/**
 * What the scripts of a database share. Bash 5.1 or newer, coreutils and MySQL's own programs are all they use.
 * Passwords go through files of a memory-backed directory and through pipes: no argument, no environment, no log.
 */
export const commonSh = (config: Config): string => `set -euo pipefail
umask 077
export LC_ALL=C TMPDIR=${RUN_PATH}

RUN=${RUN_PATH}
VOLUME=${VOLUME_PATH}
DATA=${DATA_PATH}
TMP=${TMP_PATH}
CONF=${CONF_PATH}
USERS=${USERS_PATH}
TLS=${TLS_PATH}
CA=$TLS/ca.crt
SOCKET=${SOCKET}
ROLE=${ROLE_FILE}
PORT=${port('database', 'mysql')}
SERVERS=${serversOf(config.database)}
ORDINAL=\${HOSTNAME##*-}

say() { printf '%(%FT%TZ)T [threewall] %s\\n' -1 "$*" >&2; }

# host NUMBER: name of a database
host() { printf '%s' "${hostOf('$1', config)}"; }

# password USER QUOTE: its password, to be put between two QUOTEs in SQL or in an option file
password() {
  local value backslash='\\'
  value=$(<"$USERS/$1")
  if [[ -z $value || $value == *$'\\n'* ]]; then
    say "the password of $1 is empty or has more than one line"
    return 1
  fi
  value=\${value//"$backslash"/"$backslash$backslash"}
  printf '%s' "\${value//"$2"/"$backslash$2"}"
}

# options USER: an option file for the clients of these scripts
options() {
  local secret
  secret=$(password "$1" '"')
  printf '[client]\\nuser=%s\\npassword="%s"\\nsocket=%s\\nssl-mode=REQUIRED\\n' "$1" "$secret" "$SOCKET" >"$RUN/$1.cnf"
}

# accounts: accounts.sql with its passwords
accounts() {
  local sql user secret
  sql=$(<"$CONF/accounts.sql")
  for user in root app replication monitoring backup; do
    secret=$(password "$user" "'") || return
    sql=\${sql//"{{$user}}"/"$secret"}
  done
  printf '%s\\n' "$sql"
}

# state: changes with any of the Secrets
state() { sha256sum "$USERS"/* "$TLS"/*; }

# here SQL: asks this server, as root
here() { printf '%s\\n' "$1" | mysql --defaults-file="$RUN/root.cnf" --skip-column-names --batch; }

# end_sessions WHERE: those of performance_schema.threads, this one excepted
end_sessions() {
  here "SELECT CONCAT('KILL ', PROCESSLIST_ID, ';') FROM performance_schema.threads WHERE $1 AND PROCESSLIST_ID <> CONNECTION_ID()" |
    mysql --defaults-file="$RUN/root.cnf" --force 2>/dev/null || true
}

# ask HOST SQL: asks another server; fails when it does not answer, the reason is in $RUN/ask
ask() {
  printf '%s\\n' "$2" | mysql --defaults-file="$RUN/monitoring.cnf" --protocol=TCP --host="$1" --port=$PORT \\
    --ssl-mode=VERIFY_IDENTITY --ssl-ca=$CA --connect-timeout=3 --skip-column-names --batch 2>"$RUN/ask"
}

# pause TEXT: a second; says what is waited for at first and then once in a while
tries=0
pause() {
  if ((tries % 30 == 0)); then say "$1"; fi
  tries=$((tries + 1))
  sleep 1
}
`;
