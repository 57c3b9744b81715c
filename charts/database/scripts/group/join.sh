#!/usr/bin/env bash
# Keeps a member in its group as long as it lives. A member outside the group asks all the others every second:
#
# - One is in the group: joins it, unless this member holds transactions that the group lacks. Missing transactions come from
#   the group's binary logs; if these are purged its volume is cloned again, because it holds no transactions of its own.
# - All answer, and none is in a group (first start, or all were lost): the member whose transactions contain all others'
#   bootstraps the group, the lowest number among equals.
# - No set contains all others: no member bootstraps, and each logs why.
# - Data from before and after a restore, which the group's name distinguishes, never meet: their transactions cannot be
#   compared. A member that finds the other kind waits until `npm run restore` has brought all to one.
#
# Invariants:
# - A group is bootstrapped only when all members were asked: a member acknowledges a write when the others have received it, not when
#   they have stored it, so only the lost primary certainly has it on disk. A silent member could also be in a group
#   behind a broken network. A member that is permanently lost is given up by `touch /run/threewall/lost-NUMBER` in every other.
# - A member with transactions of its own is neither joined nor cloned over.
# - A member joins only when the group has dropped its former incarnation: otherwise the group would block it for a minute and expel it
#   later.
# https://dev.mysql.com/doc/refman/9.7/en/group-replication-restarting-group.html
. "${0%/*}/common.sh"

subtract() { here "SELECT GTID_SUBTRACT('$1', '$2')"; }

# survey: sets silent (members that do not answer), busy (joining or leaving a group), inside (in a group), listed
# (members that still list this one's former incarnation), theirs (transactions of the members inside), first (1: this member
# contains all others), apart (each side holds what the other lacks), other_line (data from before or after a restore that this
# member does not share)
survey() {
  local other answer state executed received gone members line lacks more
  silent='' busy='' inside='' listed='' theirs='' purged='' first=1 apart='' other_line=''
  for other in $(others); do
    if ! answer=$(look "$other"); then silent+=" database-$other"; continue; fi
    IFS='|' read -r state executed received gone members line <<<"$answer"
    if [[ ,$members, == *",${HOSTS[ORDINAL]},"* ]]; then listed+=" database-$other"; fi
    if [[ $state != blank && $line != "$own_line" ]]; then other_line+=" database-$other"; continue; fi
    case $state in
      ONLINE) inside+=" $other"; theirs+=,$executed,$received; purged=$gone ;;
      # transactions of its creation are no data
      blank) ;;
      OFFLINE | ERROR)
        lacks=$(subtract "$executed,$received" "$mine")
        more=$(subtract "$mine" "$executed,$received")
        if [[ -n $lacks ]]; then
          first=
          if [[ -n $more ]]; then apart+=" database-$other"; fi
        elif [[ -z $more ]] && ((other < ORDINAL)); then
          first=
        fi ;;
      *) busy+=" database-$other" ;;
    esac
  done
}

start_member() {
  here "SET GLOBAL group_replication_bootstrap_group = $1;
    START GROUP_REPLICATION USER = 'replication', PASSWORD = '$(password replication "'")';" || true
  here 'SET GLOBAL group_replication_bootstrap_group = OFF'
}

enter() {
  local errant
  errant=$(subtract "$mine" "$theirs")
  if [[ -n $errant ]]; then
    refuse apart "holds transactions that the group lacks, so it does not join it: $errant"
    return
  fi
  if [[ -n $(subtract "$purged" "$mine") ]]; then
    say 'the group no longer has the binary logs this member needs: clones again'
    touch "$VOLUME/outdated"
    here SHUTDOWN
    exit
  fi
  say 'joins the group'
  start_member OFF
}

member_state() { here "SELECT COALESCE((SELECT MEMBER_STATE FROM performance_schema.replication_group_members WHERE MEMBER_ID = @@server_uuid), 'OFFLINE')"; }

# fine: role.sh sees this member in the group, so this script need not query
fine() {
  local role
  read -r _ role _ <"$ROLE_FILE" && [[ $role == primary || $role == replica ]]
}

until read_only=$(here 'SELECT @@global.super_read_only' 2>/dev/null); do sleep 0.5; done
while ((read_only == 0)) && [[ $(member_state) == OFFLINE ]]; do
  refuse no-accounts 'not all accounts could be made, see the errors above: stays apart'
  read_only=$(here 'SELECT @@global.super_read_only')
done

own_line=$(here 'SELECT @@global.group_replication_group_name')
while sleep 1; do
  if [[ -e $RUN/joined ]] && fine; then continue; fi
  case $(member_state) in
    ONLINE) rm -f "$RUN/refused"; touch "$RUN/joined"; tries=0; continue ;;
    RECOVERING) continue ;;
    ERROR) here 'STOP GROUP_REPLICATION' || true ;;
  esac
  here 'SET GLOBAL super_read_only = ON' || continue
  mine=$(here "SELECT CONCAT_WS(',', REPLACE(@@global.gtid_executed, '\n', ''), (SELECT REPLACE(RECEIVED_TRANSACTION_SET, '\n', '')
    FROM performance_schema.replication_connection_status WHERE CHANNEL_NAME = 'group_replication_applier'))") || continue
  survey
  if [[ -n $listed ]]; then
    pause "waits until the group has expelled what this member was before:$listed"
  elif [[ -n $other_line ]]; then
    refuse apart "holds data of another restore than$other_line, so neither joins the other: run the restore again, it goes on where it stopped"
  elif [[ -n $inside ]]; then
    enter
  elif [[ -n $silent$busy ]]; then
    pause "not in a group, waits to hear from all members; missing:$silent$busy"
  elif [[ -n $apart ]]; then
    refuse apart "each holds transactions that the other lacks, so no member begins the group: this one and$apart"
  elif [[ -n $first ]]; then
    say 'holds everything that any member holds: begins the group'
    start_member ON
  else
    pause 'waits for the member with the most transactions to begin the group'
  fi
done
