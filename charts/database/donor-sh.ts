import { LEADS } from './role-sql';

/** For a replica or primary with an empty volume: from whom to clone, none when all are blank. */
export const DONOR_OF_PAIR = `
# find_donor: the primary; for database-0 the one whose data is the most complete, none when all are blank; waits until
# each has said so
find_donor() {
  local other answer held=
  donor=
  if ((ORDINAL != 0)); then
    donor=$(host 0)
    until [[ $(ask "$donor" 'SELECT ${LEADS}') == 1 ]]; do pause "waits for the primary $(<"$RUN/ask")"; done
    return
  fi
  for ((other = 1; other < SERVERS; other++)); do
    until answer=$(ask "$(host $other)" "
      SELECT CASE
        WHEN @@datadir LIKE '%/blank/' THEN 'blank'
        WHEN EXISTS (SELECT * FROM performance_schema.replication_connection_status
          WHERE NOT GTID_SUBSET(RECEIVED_TRANSACTION_SET, @@global.gtid_executed)) THEN 'applies'
        WHEN NOT GTID_SUBSET('$held', @@global.gtid_executed) THEN 'less'
        ELSE REPLACE(@@global.gtid_executed, '\\n', '') END") && [[ $answer != applies ]]; do
      pause "this volume is empty: waits for database-$other to say what it holds \${answer:-$(<"$RUN/ask")}"
    done
    if [[ $answer != blank && $answer != less ]]; then
      donor=$(host $other)
      held=$answer
    fi
  done
}
`;
