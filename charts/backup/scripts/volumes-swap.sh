#!/bin/sh
# The last step of a restore of volumes, and what follows it: see volumes.sh.
#
#   take         what was restored comes in, what was there goes to before-RESTORE_ID
#   back         the same with what the restore RESTORE_OF kept
#   drop         lets go what was kept
. "${0%/*}/base.sh"
. "${0%/*}/volumes.sh"
id=${RESTORE_ID:-}

# move FROM TO: a folder that its owner has locked is opened for that moment
move() {
  locked=
  if [ -d "$1" ] && [ ! -L "$1" ] && [ ! -w "$1" ]; then
    locked=$(stat -c %a "$1")
    chmod u+w "$1"
  fi
  # some end well when they have not moved it, because there is something
  mv -nT "$1" "$2" || return
  if exists "$1"; then return 1; fi
  if [ -n "$locked" ]; then chmod "$locked" "$2"; fi
}

# aside NAME: by another name where the app has made it once more meanwhile
aside() {
  to=$kept/before-$id/$1
  while exists "$to"; do to=$to~; done
  move "$place/$1" "$to"
}

leave() { if ! exists "$kept/restored/$1"; then aside "$1"; fi; }

enter() {
  for try in 1 2 3; do
    if exists "$place/$1"; then aside "$1"; fi
    if move "$kept/restored/$1" "$place/$1"; then return; fi
  done
  fail "$place/$1: is made again and again while it is restored (try $try)"
}

# take: on one volume
take() {
  if [ ! -d "$kept" ]; then say "volume $1 stays as it is"; return; fi
  alone
  if [ "$(marked taken)" = "$id in" ]; then return; fi
  if [ -z "$(under)" ]; then
    if [ "$(marked restored.id)" != "$id" ] || [ ! -d "$kept/restored" ]; then say "volume $1 stays as it is"; return; fi
    each "$place" movable
    mkdir -p "$kept/before-$id"
    mark swap "$id out"
  fi
  if [ "$(under)" != "$id" ]; then fail "volume $1: the restore $(under) is being swapped in"; fi
  # first what does not come back, as long as all of what comes is there to be compared with
  if [ "$(marked swap)" = "$id out" ]; then
    each "$place" leave
    mark swap "$id in"
  fi
  if [ -d "$kept/restored" ]; then each "$kept/restored" enter; fi
  rm -rf "$kept/restored" "$kept/restored.id"
  flush
  mv "$kept/swap" "$kept/taken"
  say "volume $1 is as it was"
}

# back: prepares one volume for `take`
back() {
  if [ ! -d "$kept" ]; then return; fi
  alone
  if [ "$(marked taken)" = "$id in" ] || [ "$(under)" = "$id" ]; then return; fi
  if [ "$(marked restored.id)" != "$id" ]; then
    if [ ! -d "$kept/before-$RESTORE_OF" ]; then say "volume $1 keeps nothing of that restore"; return; fi
    if [ -d "$kept/restored" ]; then open_up "$kept/restored"; fi
    rm -rf "$kept/restored"
    mark restored.id "$id"
  fi
  if [ -d "$kept/before-$RESTORE_OF" ]; then mv -T "$kept/before-$RESTORE_OF" "$kept/restored"; fi
}

drop() {
  if [ ! -d "$kept" ]; then return; fi
  alone
  open_up "$kept"
  rm -rf "$kept"
}

case $RESTORE_STEP in
  take)
    for volume in $VOLUMES; do
      on "$volume"
      case " $(marked restored.id) $(under) $(marked taken) " in *" $id "*) any=yes ;; esac
    done
    # let go meanwhile
    if [ -z "${any:-}" ]; then fail "the restore $id lies on no volume: run it once more"; fi ;;
  back)
    settle
    for volume in $VOLUMES; do
      on "$volume"
      # or it is under way
      case " $(marked restored.id) $(under) $(marked taken) " in *" $id "*) any=yes ;; esac
      if [ -d "$kept/before-$RESTORE_OF" ]; then any=yes; fi
      for folder in "$kept"/before-*; do if [ -d "$folder" ]; then known="${known:+$known, }${folder##*/before-}"; fi; done
    done
    if [ -z "${any:-}" ]; then refuse "--undo: the volumes keep nothing of a restore \"$RESTORE_OF\", but of: ${known:-none}"; fi
    for volume in $VOLUMES; do on "$volume"; (back "$volume"); done ;;
  drop)
    for volume in $VOLUMES; do
      on "$volume"
      if [ -n "$(under)" ]; then refuse "volume $volume: the restore $(under) was left half done: restore or --undo once more, which ends it first"; fi
    done
    for volume in $VOLUMES; do on "$volume"; (drop); done
    exit ;;
esac
for volume in $VOLUMES; do on "$volume"; (take "$volume"); done
