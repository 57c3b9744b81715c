#!/usr/bin/env bash
# Readiness of a database: it has its role, according to role.sh a moment ago. Otherwise prints why not, for the pod's events.
# Run every five seconds: sources only settings.sh, and queries no server.
set -u

# rendered from charts/database/settings.ts
# shellcheck source=/dev/null
. "${0%/*}/settings.sh"

if [[ ! -e $ROLE_FILE ]]; then echo 'silent: the server has not answered yet'; exit 1; fi
read -r time role state detail <"$ROLE_FILE"
# a second more than a router allows: the two are not read at the same moment
if ((EPOCHSECONDS - time > ROLE_SECONDS + 1)); then echo 'silent: the server does not answer'; exit 1; fi
if [[ $role != primary && $role != replica ]]; then printf '%s\n' "$state${detail:+: $detail}"; exit 1; fi
