#!/bin/sh
# Brings the app's volumes as they were at RESTORE_AT from the repository, beside what is there: see volumes.sh. The site
# goes on meanwhile. Run again with the same RESTORE_ID it goes on where it was.
. "${0%/*}/repository.sh"
. "${0%/*}/volumes.sh"
id=$RESTORE_ID
moment "$RESTORE_AT"

repository data
snapshots volumes >"$WORK/volumes"
found=$(awk -v cut="$cut" '$1 " " $2 <= cut' "$WORK/volumes" | tail -n 1)
if [ ! -s "$WORK/volumes" ]; then refuse "$RESTIC_REPOSITORY: holds no backup of volumes of \`$SITE\`; \`--only database\` restores the databases alone"; fi
if [ -z "$found" ]; then refuse "the store holds no backup of volumes from before $cut: its first one is of $(head -n 1 "$WORK/volumes" | cut -d ' ' -f 1,2)"; fi
of=${found% *} snapshot=${found##* }
say "the newest backup of volumes before $cut is that of $of"
if snapshots volumes-incomplete | grep -q "^$(date -u -d "@$(($(seconds_of "$of") + 1))" '+%Y-%m-%d %H:%M:%S') "; then
  say 'it lacks files that could not be read'
fi
restic --no-lock ls "$snapshot" "$VOLUMES_AT" >"$WORK/listed"

settle
# all that could end it comes before the first byte
for volume in $VOLUMES; do
  if grep -qxF "$VOLUMES_AT/$volume" "$WORK/listed"; then any=yes; fi
done
# another environment may have other volumes, and the same one may have had others then
others=$(sed -n "s|^$VOLUMES_AT/\([^/]*\)\$|\1|p" "$WORK/listed" | while read -r name; do
  case " $VOLUMES " in *" $name "*) ;; *) printf '%s ' "$name" ;; esac
done)
others=${others% }
if [ -z "${any:-}" ]; then refuse "the backup of volumes of $of contains none of: $VOLUMES${others:+, but: $others}; \`--only database\` restores the databases alone"; fi
if [ -n "$others" ]; then say "left out, because backups of the environment that is restored contain no such volumes: $others"; fi
for volume in $VOLUMES; do
  on "$volume"
  each "$place" movable
done

# fetch VOLUME: in a shell of its own, which holds the lock
fetch() {
  if ! grep -qxF "$VOLUMES_AT/$1" "$WORK/listed"; then
    say "volume $1 is not in that backup and stays as it is"
    return
  fi
  [ -d "$kept" ] || mkdir -m 700 "$kept"
  alone
  if [ "$(marked restored.id)" = "$id" ] || [ "$(marked taken)" = "$id in" ]; then return; fi
  mkdir -p "$kept/restored"
  rm -f "$kept/restored.id"
  need=$(restic --no-lock restore --dry-run --json "$snapshot:$VOLUMES_AT/$1" --target "$WORK/none" | sed -n 's/.*"message_type":"summary".*"total_bytes":\([0-9]*\).*/\1/p')
  need=$((${need:-0} / 1024))
  free=$(($(df -Pk "$kept" | awk 'END { print $4 }') + $(du -sk "$kept/restored" | cut -f 1)))
  if [ "$free" -lt "$need" ]; then
    fail "volume $1 has $((free / 1024)) MiB free, what is restored takes $((need / 1024)) MiB beside what is there: enlarge app.volumes.$1.size, or let go what earlier restores kept (--drop-kept)"
  fi
  say "restores volume $1: $((need / 1024)) MiB"
  open_up "$kept/restored"
  # attributes that root alone may set
  restic --no-lock restore "$snapshot:$VOLUMES_AT/$1" --target "$kept/restored" --delete --verify \
    --exclude-xattr 'security.*' --exclude-xattr 'trusted.*'
  mark restored.id "$id"
}

for volume in $VOLUMES; do
  on "$volume"
  (fetch "$volume")
done
say "restored: the volumes of $of lie beside what is there"
