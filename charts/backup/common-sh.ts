import type { Config } from '../../config/schema';
import { hostOf, SCHEMA } from '../database/layout';
import { serversOf } from '../database/servers';
import { port } from '../topology';
import { places } from './places';

/** Host names of all database servers, in full: their certificates bear a wildcard of these. */
export const databaseHosts = (config: Config): string[] =>
  Array.from({ length: serversOf(config.database) }, (_, n) => hostOf(String(n), config));

/** A condition on a column with a schema's name: the site's, and what restores have kept aside. */
export const ours = (column: string): string => `(${column} = '${SCHEMA}' OR ${column} LIKE '${SCHEMA}\\\\_%')`;

/** A statement for each table that answers its record: schema, table, rows, and the XOR of the SHA-256 of each row (MySQL 9.7 has no MD5 any more). */
const RECORDS = `SET SESSION group_concat_max_len = 4194304;
SELECT CONCAT('SELECT ', QUOTE(t.TABLE_SCHEMA), ', ', QUOTE(t.TABLE_NAME),
  ', COUNT(*), COALESCE(HEX(BIT_XOR(UNHEX(SHA2(CONCAT_WS(0x00, ',
  GROUP_CONCAT('QUOTE(\`', REPLACE(c.COLUMN_NAME, '\`', '\`\`'), '\`)' ORDER BY c.ORDINAL_POSITION),
  '), 256)))), '''') FROM \`', t.TABLE_SCHEMA, '\`.\`', REPLACE(t.TABLE_NAME, '\`', '\`\`'), '\`;')
FROM information_schema.TABLES t JOIN information_schema.COLUMNS c USING (TABLE_SCHEMA, TABLE_NAME)
WHERE t.TABLE_TYPE = 'BASE TABLE' AND ${ours('t.TABLE_SCHEMA')}
GROUP BY t.TABLE_SCHEMA, t.TABLE_NAME ORDER BY t.TABLE_SCHEMA, t.TABLE_NAME`;

/** What the scripts share: bash, coreutils, awk and MySQL's own programs are all they use. */
export const commonSh = (config: Config): string => `set -euo pipefail
umask 027
export LC_ALL=C TZ=UTC

WORK=${places.work}
RUN=${places.run}
HOSTS=(${databaseHosts(config).join(' ')})

say() { printf '%(%FT%TZ)T [threewall] %s\\n' -1 "$*" >&2; }
fail() { say "$*"; exit 1; }

# the other container must not wait for one that failed, nor this one for the other
ended() { local rc=\${1:-$?}; kill "$watch" 2>/dev/null || true; if ((rc != 0)); then : >"$WORK/failed"; fi; }
{ until [[ -e $WORK/failed ]]; do sleep 0.5; done; kill -TERM $$; } &
watch=$!
trap ended EXIT
trap 'say "the other container failed"; exit 1' TERM

# hear FILE: waits for what the other container says
hear() { until [[ -e $WORK/$1 ]]; do sleep 0.1; done; }

# options: an option file, so that the password is no argument
options() {
  local value backslash='\\'
  value=$(<${places.users}/backup)
  value=\${value//"$backslash"/"$backslash$backslash"}
  printf '[client]\\nuser=backup\\npassword="%s"\\nport=${port('database', 'mysql')}\\nssl-mode=VERIFY_IDENTITY\\nssl-ca=${places.ca}\\n' \\
    "\${value//'"'/"$backslash"'"'}" >"$RUN/my.cnf"
}

# ask HOST SQL
ask() { mysql --defaults-file="$RUN/my.cnf" --host="$1" --connect-timeout=5 --skip-column-names --batch --raw --execute="$2"; }

# find_servers: sets primary (may be empty) and replicas
find_servers() {
  local host role
  primary= replicas=()
  for host in "\${HOSTS[@]}"; do
    if ! role=$(ask "$host" 'SELECT @@global.super_read_only' 2>"$RUN/ask"); then
      say "$host does not answer: $(<"$RUN/ask")"
    elif [[ $role == 0 ]]; then
      primary=$host
    else
      replicas+=("$host")
    fi
  done
}

RECORDS=$(cat <<'SQL'
${RECORDS}
SQL
)
`;
