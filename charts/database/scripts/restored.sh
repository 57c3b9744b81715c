#!/usr/bin/env bash
# What a restore asks of a database. `npm run restore` runs it in the pod, and start.sh what was agreed before the server starts.
#
#   clone ID ADDRESS MIB  clones the restored server beside the data, in the background; the account's password is on standard
#                         input, MIB is what it will take
#   state ID              one word and, while it clones, bytes that are there and bytes in all
#   adopt ID              the clone is the data from the next start on, what was is kept
#   take                  what was agreed by `adopt`; start.sh, while there is no server
#   back ID               as `adopt`, with what was kept by that restore
#   drop                  lets go what was kept
#
# Invariants:
# - Each step is one rename, so that a kill at any moment leaves the data whole.
# - One clone at a time: a second one would remove the folder under the first.
#
# On the volume:
#   restored           a clone, or what is to come back; `restored/threewall-id` is there when it is complete
#   adopt              what the next start does: the id of the restore
#   before-ID          what was the data before that restore
. "${0%/*}/common.sh"
CLONE=$VOLUME/restored
LOG=$RUN/restored.log

in_background() {
  local id=$1 host=$2 password name
  password=$(<"$RUN/restored.password")
  rm "$RUN/restored.password"
  rm -rf "$CLONE"
  mysql --defaults-file="$RUN/root.cnf" <<SQL
SET GLOBAL clone_valid_donor_list = '$host:$PORT';
CLONE INSTANCE FROM 'replication'@'$host':$PORT IDENTIFIED BY '$password' DATA DIRECTORY = '$CLONE' REQUIRE SSL;
SQL
  if [[ $TOPOLOGY == group ]]; then
    # of the id alone: the same in every member
    name=$(printf 'threewall restore %s' "$id" | sha256sum)
    printf '%s\n' "${name:0:8}-${name:8:4}-8${name:13:3}-8${name:17:3}-${name:20:12}" >"$CLONE/threewall-group"
  fi
  printf '%s\n' "$id" >"$CLONE/threewall-id.new"
  sync -f "$CLONE"
  mv "$CLONE/threewall-id.new" "$CLONE/threewall-id"
  sync -f "$CLONE"
}

# cloning: a clone is under way
cloning() { [[ -e $RUN/restored.pid ]] && kill -0 "$(<"$RUN/restored.pid")" 2>/dev/null; }

# refuse_while_cloning ID: who asks for the one that is under way waits for it
refuse_while_cloning() {
  if ! cloning; then return; fi
  if [[ $(<"$RUN/restored.id") == "$1" ]]; then exit 0; fi
  say "the restore $(<"$RUN/restored.id") is being cloned: wait for its end"
  exit 1
}

case $1 in
  clone)
    refuse_while_cloning "$2"
    if [[ -e $CLONE/threewall-id && $(<"$CLONE/threewall-id") == "$2" ]]; then exit; fi
    if [[ -e $VOLUME/adopt ]]; then say "the restore $(<"$VOLUME/adopt") is to be adopted first: restart this pod"; exit 1; fi
    read -r _ _ _ free _ < <(df -Pm "$VOLUME" | tail -n 1)
    if [[ -d $CLONE ]]; then free=$((free + $(du -sm "$CLONE" | cut -f1))); fi
    if ((free < $4 + $4 / 20 + 64)); then
      say "the volume has $free MiB free, the restored data takes $4 MiB beside what is there: enlarge database.storage.size, or drop what an earlier restore kept"
      exit 1
    fi
    IFS= read -r password
    printf '%s' "$password" >"$RUN/restored.password"
    printf '%s\n' "$2" >"$RUN/restored.id"
    setsid bash "$0" cloning "$2" "$3" >"$LOG" 2>&1 </dev/null &
    echo "$!" >"$RUN/restored.pid" ;;
  cloning) in_background "$2" "$3" ;;
  state)
    if [[ -e $DATA/threewall-id && $(<"$DATA/threewall-id") == "$2" ]]; then echo adopted
    elif [[ -e $CLONE/threewall-id && $(<"$CLONE/threewall-id") == "$2" ]]; then echo complete
    elif cloning; then
      echo "clones $(here "SELECT CONCAT_WS(' ', COALESCE(SUM(DATA), 0), COALESCE(SUM(ESTIMATE), 0)) FROM performance_schema.clone_progress")"
    elif [[ -e $LOG ]]; then echo "failed $(tail -n 1 "$LOG")"
    else echo none; fi ;;
  adopt)
    if [[ ! -e $CLONE/threewall-id || $(<"$CLONE/threewall-id") != "$2" ]]; then say "holds no complete clone of the restore $2"; exit 1; fi
    printf '%s\n' "$2" >"$VOLUME/adopt.new"
    sync "$VOLUME/adopt.new"
    mv "$VOLUME/adopt.new" "$VOLUME/adopt"
    sync -f "$VOLUME" ;;
  take)
    if [[ ! -e $VOLUME/adopt ]]; then exit; fi
    id=$(<"$VOLUME/adopt")
    # of the data that go
    rm -f "$VOLUME/outdated"
    if [[ -d $CLONE ]]; then
      say "takes the data of restore $id; what was there is kept in before-$id"
      if [[ -d $DATA ]]; then mv -T "$DATA" "$VOLUME/before-$id"; fi
      sync -f "$VOLUME"
      mv -T "$CLONE" "$DATA"
      sync -f "$VOLUME"
    fi
    rm "$VOLUME/adopt" ;;
  back)
    refuse_while_cloning ''
    if [[ ! -d $VOLUME/before-$2 ]]; then say "holds nothing that the restore $2 kept"; exit 1; fi
    rm -rf "$CLONE"
    printf '%s\n' "$3" >"$VOLUME/before-$2/threewall-id"
    sync -f "$VOLUME"
    mv -T "$VOLUME/before-$2" "$CLONE"
    sync -f "$VOLUME" ;;
  drop)
    refuse_while_cloning ''
    if [[ -e $VOLUME/adopt ]]; then say "the restore $(<"$VOLUME/adopt") is under way: wait for its end"; exit 1; fi
    rm -rf "$VOLUME"/before-* "$CLONE" ;;
  kept) for folder in "$VOLUME"/before-*; do if [[ -d $folder ]]; then echo "${folder##*/before-}"; fi; done ;;
esac
