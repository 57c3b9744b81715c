# shellcheck shell=sh
# How a restore and what was there before lie on a volume of the app, in its folder `.threewall`, which the app's user alone
# can read:
#
#   restored      what a restore has brought; complete when `restored.id` has the restore's id
#   swap          id and step of a swap that is under way
#   taken         the same of the last one that was completed
#   before-ID     what was there before that restore
#   lock          held by the one pod that works on it
#
# Invariants:
# - What was there is moved, never overwritten or removed.
# - Each step is a rename, so a run that follows a killed one goes on where that was.

# on VOLUME: sets place, its folder, and kept
on() { place=$VOLUMES_AT/$1 kept=$VOLUMES_AT/$1/$HIDDEN; }

# alone: until this shell ends. A pod that was deleted by force may run on for seconds beside the one that follows it
alone() {
  exec 9>"$kept/lock"
  flock 9 || say "$kept: this volume has no locks, nothing keeps a second pod away"
}

# mark NAME TEXT: by a rename
mark() {
  printf '%s\n' "$2" >"$kept/$1.new"
  flush
  mv -f "$kept/$1.new" "$kept/$1"
  flush
}
# flush: this volume, where sync knows how to
flush() { sync -f "$kept" 2>/dev/null || sync; }
marked() { cat "$kept/$1" 2>/dev/null || true; }

# under: the id of the swap that is under way, if there is one
under() { marked swap | cut -d ' ' -f 1; }

# settle: a swap whose Job was given up or deleted comes to its end, before another restore begins
settle() {
  for volume in $VOLUMES; do
    on "$volume"
    other=$(under)
    # shellcheck disable=SC2154 # of the script that asks
    if [ -n "$other" ] && [ "$other" != "$id" ]; then
      say "volume $volume: ends the swap of restore $other, which was left half done"
      RESTORE_STEP=take RESTORE_ID=$other sh "${0%/*}/volumes-swap.sh"
    fi
  done
}

exists() { [ -e "$1" ] || [ -L "$1" ]; }

# each FOLDER COMMAND: runs it with the name of each thing in the folder; a file system's own folder is none
each() {
  for thing in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    case ${thing##*/} in "$HIDDEN" | lost+found) continue ;; esac
    if exists "$thing"; then "$2" "${thing##*/}" || return; fi
  done
}

# movable NAME: a folder takes its own permission to be moved into another one
movable() {
  if [ -d "$place/$1" ] && [ ! -L "$place/$1" ] && [ ! -w "$place/$1" ] && [ ! -O "$place/$1" ]; then
    refuse "$place/$1: belongs to another user and cannot be moved aside by user $(id -u), as which the app runs; give it to that one"
  fi
}

# open_up FOLDER: what its owner has locked; without that nothing in it is replaced or removed
open_up() {
  # one by one: before find looks into it
  find "$1" -type d ! -perm -0700 -exec chmod u+rwx {} \;
  find "$1" -type f ! -perm -0600 -exec chmod u+rw {} +
}
