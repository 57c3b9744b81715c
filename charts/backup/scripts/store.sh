#!/bin/sh
# Puts the copy that clone.sh made into the repository, then removes what no restore needs any more.
. "${0%/*}/repository.sh"
repository data make

begun=$(date +%s)
writing backup --host "$SITE" --tag full --time "$(cat "$WORK/time")" --no-scan "$WORK/data"
say "stored in $(($(date +%s) - begun)) s"
rm -rf "$WORK/data"

if [ "$APPEND_ONLY" = true ]; then
  say 'the store is append-only: its owner removes old backups'
else
  for tag in full volumes volumes-incomplete; do
    oldest=$(base "$tag")
    awk -v base="${oldest% *}" '$1 " " $2 < base { print $3 }' "$WORK/$tag"
  done >"$WORK/old"
  tidy() {
    if [ -s "$WORK/old" ]; then
      # shellcheck disable=SC2046 # a list
      writing forget $(cat "$WORK/old") || return
    fi
    writing forget --host "$SITE" --tag drill --group-by '' --keep-last 10 >/dev/null || return
    writing prune --max-unused 10%
  }
  rc=0
  tidy || rc=$?
  case $rc in
    0) ;;
    # a first backup of volumes may take hours
    11) say 'the repository stays locked: the next backup lets old ones go' ;;
    *) fail 'old backups could not be let go, see above' ;;
  esac
fi
metrics
size=$(restic --no-lock stats --mode raw-data --json | sed -n 's/.*"total_size":\([0-9]*\).*/\1/p')
echo "backup_size_bytes $size" >>"$WORK/metrics"
say "backup of $(cat "$WORK/time") is stored: $size bytes in the repository, all backups together"
