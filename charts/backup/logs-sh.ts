import { places } from './places';

/** Files of a run: what is left follows with the next one, and a node's disk is not filled. */
const MOST = 8;

/**
 * Fetches the binary logs of the primary from the last one that is in the store onwards. From a server that is new to the
 * store, only those that hold what no other server's logs have brought yet.
 */
export const logsSh = (): string => `. ${places.conf}/common.sh
options
mkdir -p "$WORK/logs"
find_servers
source=\${primary:-\${replicas[0]:-}}
if [[ -z $source ]]; then fail 'no database answers'; fi

# a moment ago: what is committed now may be a blink away from the log
until=$(ask "$source" "SELECT JSON_OBJECT('server', @@server_uuid,
  'time', DATE_FORMAT(UTC_TIMESTAMP(6) - INTERVAL 1 SECOND, '%Y-%m-%dT%H:%i:%s.%fZ'),
  'gtids', REPLACE(@@global.gtid_executed, '\\n', ''))")
uuid=$(ask "$source" 'SELECT @@server_uuid')
mapfile -t logs < <(ask "$source" 'SHOW BINARY LOGS' | cut -f1)
if ((\${#logs[@]} == 0)); then fail "$source has no binary logs"; fi

last=$(awk -F '\\t' -v server="$uuid" '$1 == server { print $2 }' "$WORK/shipped.tsv")
covered=$(<"$WORK/covered")
first=0
if [[ -n $last ]]; then
  for i in "\${!logs[@]}"; do
    if [[ \${logs[i]} < $last ]]; then first=$((i + 1)); fi
  done
  if [[ \${logs[first]:-} != "$last" ]]; then say "$last was purged before all of it was shipped: there may be a gap"; fi
elif [[ -n $covered ]]; then
  for ((i = \${#logs[@]} - 1; i > 0; i--)); do
    previous=$(ask "$source" "SHOW BINLOG EVENTS IN '\${logs[i]}' LIMIT 2" | awk -F '\\t' '$3 == "Previous_gtids" { print $6 }')
    if [[ $(ask "$source" "SELECT GTID_SUBSET('$previous', '$covered')") == 1 ]]; then first=$i; break; fi
  done
fi
wanted=("\${logs[@]:first:${MOST}}")
mkdir "$WORK/logs/$uuid"
mysqlbinlog --defaults-file="$RUN/my.cnf" --host="$source" --read-from-remote-server --raw \\
  --result-file="$WORK/logs/$uuid/" "\${wanted[@]}"
if ((first + \${#wanted[@]} == \${#logs[@]})); then printf '%s\\n' "$until" >"$WORK/until.json"; fi
say "fetched \${wanted[*]} of $source"
`;
