import { ROLE_FILE, ROLE_SECONDS } from './layout';

/** Readiness: the server has its role, as role.sh found out a moment ago; otherwise why not. */
export const readySh = (): string => `set -u
if [[ ! -e ${ROLE_FILE} ]]; then echo 'the server has not answered yet'; exit 1; fi
read -r time role reason <${ROLE_FILE}
if ((EPOCHSECONDS - time > ${ROLE_SECONDS} + 1)); then echo 'the server does not answer'; exit 1; fi
if [[ $role != primary && $role != replica ]]; then printf '%s\\n' "$reason"; exit 1; fi
`;
