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
  oldest=$(base)
  old=$(awk -v base="${oldest% *}" '$1 " " $2 < base { print $3 }' "$WORK/full")
  # shellcheck disable=SC2086 # a list
  if [ -n "$old" ]; then writing forget $old; fi
  writing forget --host "$SITE" --tag drill --group-by '' --keep-last 10 >/dev/null
  writing prune --max-unused 10%
fi
metrics
size=$(restic --no-lock stats --mode raw-data --json | sed -n 's/.*"total_size":\([0-9]*\).*/\1/p')
echo "backup_size_bytes $size" >>"$WORK/metrics"
say "backup of $(cat "$WORK/time") is stored: $size bytes in the repository, all backups together"
