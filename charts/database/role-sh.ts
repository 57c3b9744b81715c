import type { Config } from '../../config/schema';
import { CONF_PATH, ROLE_FILE } from './layout';
import { FIGURES, roleSql, wantedFigures } from './role-sql';
import { serversOf } from './servers';

/** Seconds between two looks at the role. */
const PERIOD = 0.25;
/** Rounds between two looks at the figures: five seconds. */
const FIGURES_EVERY = 5 / PERIOD;

/**
 * Runs beside the server and writes down, four times a second, what it may be used for, over one connection that stays: the
 * router of each pod tells it to the others, and readiness reads it. While the server does not answer, nothing new is
 * written, and what is there gets too old.
 */
export const roleSh = (config: Config): string => `. ${CONF_PATH}/common.sh
trap '' PIPE

# tell SQL: its rows in $rows; fails when there is no answer within two seconds, or an error
tell() {
  local line
  rows=
  printf '%s;\\nSELECT "end of answer";\\n' "$1" >&"$to" || return
  while IFS= read -r -t 2 -u "$from" line; do
    if [[ $line == 'end of answer' ]]; then return 0; fi
    rows+=$line$'\\n'
  done
  return 1
}

note() {
  printf '%s %s\\n%s' "$EPOCHSECONDS" "$1" "$figures" >"${ROLE_FILE}.new"
  mv "${ROLE_FILE}.new" "${ROLE_FILE}"
}

role_sql="${roleSql(config, '$ORDINAL')}"
role() {
  tell "$role_sql" || return
  role=\${rows%%$'\\n'*}
  if [[ -e $RUN/stopping ]]; then role='leaving stops'; return; fi
  if [[ -e $RUN/yields && $role == 'none read-only'* ]]; then role=primary; fi
  if [[ -e $RUN/refused ]]; then role="none $(<"$RUN/refused")"; fi
  if [[ $role == replica && ! -e $RUN/joined ]]; then role='none has not caught up with the primary since it started'; fi
}

figures() {
  tell "${FIGURES}" || return
  figures="\${rows}${wantedFigures(config, serversOf(config.database)).trim()}
database_primary $([[ $role == primary* ]] && echo 1 || echo 0)
database_errant_transactions $([[ -e $RUN/refused ]] && echo 1 || echo 0)
"
}

# rest: without a process for it
exec {silent}<> <(:)
rest() {
  read -rt ${PERIOD} -u "$silent" || true
}

# serve: over one connection, until it breaks
serve() {
  local round client
  coproc ASK { exec mysql --defaults-file="$RUN/monitoring.cnf" --connect-timeout=3 --skip-column-names --batch --raw --unbuffered 2>&1; }
  client=$ASK_PID
  trap "kill $client 2>/dev/null || true" EXIT
  exec {from}<&"\${ASK[0]}" {to}>&"\${ASK[1]}"
  for ((round = 0; ; round++)); do
    role || return
    note "$role"
    # a server too busy for its figures still has its role
    if ((round % ${FIGURES_EVERY} == 0)); then figures || return; fi
    rest
  done
}

figures=
# each in a shell of its own: bash forgets a client that has ended, and a shell that names it then ends as well
while sleep 0.5; do
  (serve) || true
done
`;
