import { port } from '../topology';
import { CONF_PATH, HOSTS_FILE } from './layout';

/** `SYN_SENT` towards another member, in a line of /proc/net/tcp. */
const CONNECTS = `:${port('database', 'group').toString(16).toUpperCase()} 02 `;

/**
 * Where a member finds the others, in a hosts file of its own: group communication looks a name up, and connects, in the one thread that
 * does everything, and writes wait for it.
 *
 * Run by the pod before the server (`hosts.sh`): a name leads to that member's Service, whose address stays, and which
 * refuses at once while there is no pod. From then on a lost DNS changes nothing.
 */
export const hostsSh = (): string => `. ${CONF_PATH}/group.sh

for ((n = 0; n < SERVERS; n++)); do
  until address=$(resolve $n); do pause "waits for DNS to know $(member $n)"; done
  addresses[n]=$address
done
addresses[ORDINAL]=$POD_IP
write_hosts "$1"
`;

/**
 * Run beside the server: a member whose address swallows connections, as that of a lost node does, is given one that fails at once,
 * until it answers again. Otherwise each try holds group communication up for a second, while it is busy electing another primary.
 */
export const reachSh = (): string => `. ${CONF_PATH}/group.sh
NOWHERE=255.255.255.255

# swallows ADDRESS: neither lets in nor refuses
swallows() {
  local rc=0
  timeout 0.5 bash -c ": <>/dev/tcp/$1/${port('database', 'group')}" 2>/dev/null || rc=$?
  ((rc == 124))
}

# connects FILE...: a connection to another member is being made, by one of these lists
connects() {
  local list sockets
  for list; do
    mapfile -t sockets <"$list"
    if [[ "\${sockets[*]}" == *'${CONNECTS}'* ]]; then return; fi
  done
  return 1
}

shun() {
  local n
  for n in $(others); do
    if [[ \${addresses[n]} != "$NOWHERE" ]] && swallows "\${addresses[n]}"; then
      say "database-$n swallows connections: none is tried until it answers"
      addresses[n]=$NOWHERE
      write_hosts ${HOSTS_FILE}
    fi
  done
}

look_again() {
  local n address
  for n in $(others); do
    if [[ \${addresses[n]} == "$NOWHERE" ]] && address=$(resolve "$n") && ! swallows "$address"; then
      say "database-$n answers again"
      addresses[n]=$address
      write_hosts ${HOSTS_FILE}
    fi
  done
}

read_hosts ${HOSTS_FILE}
exec {silent}<> <(:)
for ((round = 1, times = 0; ; round++)); do
  read -rt 0.2 -u "$silent" || true
  if connects /proc/net/tcp*; then times=$((times + 1)); else times=0; fi
  if ((times >= 2)); then shun; times=0; fi
  if ((round % 10 == 0)); then look_again; fi
done
`;
