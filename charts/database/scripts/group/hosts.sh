#!/usr/bin/env bash
# hosts.sh FILE: writes the hosts file with the other members' addresses before the server starts. Group communication resolves
# names and connects in its only thread, and writes wait for it.
#
# A name resolves to the member's Service, whose address is stable and refuses at once while there is no pod.
#
# Invariant: afterwards a lost DNS has no effect.
. "${0%/*}/common.sh"

for ((n = 0; n < SERVERS; n++)); do
  until address=$(resolve "$n"); do pause "waits for DNS to know ${MEMBERS[n]}"; done
  addresses[n]=$address
done
addresses[ORDINAL]=$POD_IP
write_hosts "$1"
