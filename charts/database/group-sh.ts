import type { Config } from '../../config/schema';
import { CONF_PATH, memberOf } from './layout';

// state, transactions applied, transactions received, transactions whose binary logs are gone, members it sees
const LOOK = `SELECT CONCAT_WS('|',
  CASE WHEN @@datadir LIKE '%/blank/' THEN 'blank'
    WHEN (SELECT 2 * SUM(MEMBER_STATE IN ('ONLINE', 'RECOVERING')) <= COUNT(*) AND SUM(MEMBER_STATE = 'ONLINE') > 0
      FROM performance_schema.replication_group_members) THEN 'MINORITY'
    ELSE COALESCE((SELECT MEMBER_STATE FROM performance_schema.replication_group_members WHERE MEMBER_ID = @@server_uuid), 'OFFLINE') END,
  REPLACE(@@global.gtid_executed, '\\n', ''),
  REPLACE(COALESCE((SELECT RECEIVED_TRANSACTION_SET FROM performance_schema.replication_connection_status
    WHERE CHANNEL_NAME = 'group_replication_applier'), ''), '\\n', ''),
  REPLACE(@@global.gtid_purged, '\\n', ''),
  COALESCE((SELECT GROUP_CONCAT(MEMBER_HOST) FROM performance_schema.replication_group_members), ''))`;

/** What the scripts of a group's members share beyond common.sh. */
export const groupSh = (config: Config): string => `. ${CONF_PATH}/common.sh
LOOK="${LOOK}"

# member NUMBER: name under which the group knows it
member() { printf '%s' "${memberOf('$1', config)}"; }

# resolve NUMBER: address of a member's Service, as DNS tells it
resolve() {
  local address
  read -r address _ < <(timeout 2 getent -s hosts:dns ahosts "$(member "$1")") && printf '%s' "$address"
}

# write_hosts FILE: addresses[] of the members into it. In place and always of one length: it is read meanwhile
write_hosts() {
  local n
  {
    printf '127.0.0.1 localhost\n::1 localhost\n%s %s %s\n' "$POD_IP" "$(host "$ORDINAL")" "$HOSTNAME"
    for ((n = 0; n < SERVERS; n++)); do printf '%-39s %s\n' "\${addresses[n]}" "$(member $n)"; done
  } 1<>"$1"
}

# read_hosts FILE: addresses[] as write_hosts left them
read_hosts() {
  local address name n
  while read -r address name; do
    for ((n = 0; n < SERVERS; n++)); do if [[ $name == "$(member $n)" ]]; then addresses[n]=$address; fi; done
  done <"$1"
}

# look NUMBER: what another member says of itself, in five fields; fails when it does not answer
look() { ask "$(host "$1")" "$LOOK"; }

# others: numbers of the other members, without those that an operator has given up (lost-NUMBER)
others() {
  local other
  for ((other = SERVERS - 1; other >= 0; other--)); do
    if ((other != ORDINAL)) && [[ ! -e $RUN/lost-$other ]]; then printf '%s ' "$other"; fi
  done
}

# find_donor: for a member with an empty volume. A member in the group, or none: all are blank and this is the first
find_donor() {
  local other answer blank silent count
  while :; do
    blank=0 silent= count=0
    for other in $(others); do
      count=$((count + 1))
      if ! answer=$(look "$other"); then silent+=" database-$other"; continue; fi
      case \${answer%%|*} in
        ONLINE) donor=$(host "$other"); return ;;
        blank) blank=$((blank + 1)) ;;
      esac
    done
    if ((ORDINAL == 0 && blank == count)); then donor=; return; fi
    pause "this volume is empty: waits for a member to clone from\${silent:+, does not hear from$silent}"
  done
}
`;
