#!/usr/bin/env bash
# Runs beside the server: a member whose address drops packets, as on a lost node, gets an address that fails at
# once, until it answers again. Otherwise each attempt blocks group communication for a second, in the middle of an election.
#
# Invariant: the hosts file keeps its length and is written in place (write_hosts), because the server reads it meanwhile.
. "${0%/*}/common.sh"

NOWHERE=255.255.255.255

shun() {
  local n
  for n in $(others); do
    if [[ ${addresses[n]} != "$NOWHERE" ]] && swallows "${addresses[n]}"; then
      say "database-$n swallows connections: none is tried until it answers"
      addresses[n]=$NOWHERE
      write_hosts "$HOSTS_FILE"
    fi
  done
}

look_again() {
  local n address
  for n in $(others); do
    if [[ ${addresses[n]} == "$NOWHERE" ]] && address=$(resolve "$n") && ! swallows "$address"; then
      say "database-$n answers again"
      addresses[n]=$address
      write_hosts "$HOSTS_FILE"
    fi
  done
}

read_hosts "$HOSTS_FILE"
exec {silent}<> <(:)
for ((round = 1, times = 0; ; round++)); do
  read -rt 0.2 -u "$silent" || true
  if connects /proc/net/tcp*; then times=$((times + 1)); else times=0; fi
  if ((times >= 2)); then shun; times=0; fi
  if ((round % 10 == 0)); then look_again; fi
done
