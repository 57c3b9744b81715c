import { RUN_PATH } from './layout';

/** Longest delay of a replica that still answers reads, in seconds. */
const MOST_LAG = 10;

const PRIMARY = `SELECT IF(@@global.read_only = 0, 'ready', 'read-only, but this is the primary')`;

// A receiver that cannot reach the primary (client errors are 2000 and above) is no fault of the replica's: whoever reads
// still can. One that a running primary refuses would fall behind without end; 1053 is a primary that stops.
const REPLICA = `SELECT CASE
  WHEN @@global.super_read_only = 0 THEN 'writable, but this is a replica'
  WHEN receiver.SERVICE_STATE = 'OFF' OR receiver.LAST_ERROR_NUMBER BETWEEN 1 AND 1999 AND receiver.LAST_ERROR_NUMBER <> 1053
    THEN CONCAT('receives nothing: ', receiver.LAST_ERROR_MESSAGE)
  WHEN applier.SERVICE_STATE = 'OFF' THEN CONCAT('applies nothing: ', (SELECT GROUP_CONCAT(LAST_ERROR_MESSAGE SEPARATOR ' ')
    FROM performance_schema.replication_applier_status_by_worker))
  WHEN (SELECT COALESCE(MAX(TIMESTAMPDIFF(SECOND, APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP, NOW(6))), 0)
    FROM performance_schema.replication_applier_status_by_worker WHERE APPLYING_TRANSACTION <> '') > ${MOST_LAG}
    THEN 'more than ${MOST_LAG} s behind the primary'
  ELSE 'ready' END
FROM performance_schema.replication_connection_status receiver
JOIN performance_schema.replication_applier_status applier USING (CHANNEL_NAME)`;

/**
 * Readiness: the server has its role. A primary can be written to; a replica is read-only, has caught up with its primary
 * at least once since it started, and is at most 10 s behind.
 */
export const readySh = (): string => `set -uo pipefail
if [[ \${HOSTNAME##*-} == 0 ]]; then
  sql="${PRIMARY}"
elif [[ -e ${RUN_PATH}/refused ]]; then
  printf '%s\\n' "$(<${RUN_PATH}/refused)"
  exit 1
elif [[ ! -e ${RUN_PATH}/joined ]]; then
  echo 'has not caught up with the primary since it started'
  exit 1
else
  sql="${REPLICA}"
fi
answer=$(mysql --defaults-file=${RUN_PATH}/monitoring.cnf --connect-timeout=3 --skip-column-names --batch --execute="$sql" 2>&1)
[[ $answer == ready ]] || { printf '%s\\n' "$answer"; exit 1; }
`;
