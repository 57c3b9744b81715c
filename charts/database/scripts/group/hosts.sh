#!/usr/bin/env bash
# hosts.sh FILE: writes the hosts file in which a member finds the others, before its server starts. Group communication looks
# a name up, and connects, in the one thread that does everything, and writes wait for it.
#
# A name leads to that member's Service, whose address stays and refuses at once while there is no pod.
#
# Invariant: from then on a lost DNS changes nothing.
. "${0%/*}/common.sh"

for ((n = 0; n < SERVERS; n++)); do
  until address=$(resolve "$n"); do pause "waits for DNS to know ${MEMBERS[n]}"; done
  addresses[n]=$address
done
addresses[ORDINAL]=$POD_IP
write_hosts "$1"
