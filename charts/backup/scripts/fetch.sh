#!/bin/sh
# Brings the newest backup from before the wanted time, and the binary logs since, from the repository to the scratch volume.
# RESTORE_AT: "latest", or a time like "2026-01-31T23:59:59.5Z". RESTORE_WAIT: how long to wait until the stored logs reach it,
# in seconds.
. "${0%/*}/repository.sh"
at=${RESTORE_AT:-latest}
wait=${RESTORE_WAIT:-180}
# the drill wants what its sums were taken of
if [ -e "$WORK/sums.time" ]; then at=$(cat "$WORK/sums.time"); fi
moment "$at"
if [ "$at" = latest ]; then least=$cut; else least=$at; fi
printf '%s\n' "$at" >"$WORK/at"

repository data
if [ -n "${RESTORE_CHECK:-}" ]; then restic --no-lock check --quiet; fi
snapshots full >"$WORK/full"
if [ ! -s "$WORK/full" ]; then
  others=$(restic --no-lock snapshots --tag full --compact | awk 'length($1) == 8 && $1 ~ /^[0-9a-f]+$/ { print $4 }' | sort -u | tr '\n' ' ')
  refuse "$RESTIC_REPOSITORY: holds no backup of \`$SITE\`${others:+, but of: $others}"
fi
found=$(awk -v cut="$cut" '$1 " " $2 <= cut' "$WORK/full" | tail -n 1)
if [ -z "$found" ]; then refuse "the store holds no backup from before $cut: its first one is of $(head -n 1 "$WORK/full" | cut -d ' ' -f 1,2)"; fi
of=${found% *}

# the logs first: they may still be on their way
repository logs
begun=$(date +%s)
while :; do
  rm -rf "$WORK/logs/open"
  last=$(snapshots open | tail -n 1)
  if [ -n "$last" ]; then restic --no-lock restore --quiet "${last##* }:$WORK/open" --target "$WORK/logs/open"; fi
  reached=$(head -n 1 "$WORK/logs/open/state" 2>/dev/null || true)
  if [ "$(printf '%s\n%s\n' "$least" "$reached" | sort | head -n 1)" = "$least" ] && [ -n "$reached" ]; then break; fi
  if [ $(($(date +%s) - begun)) -ge "$wait" ]; then
    if [ "$at" = latest ]; then
      say "the stored binary logs reach until ${reached:-no time: there are none}"
      break
    fi
    refuse "the stored binary logs reach until ${reached:-no time, there are none}, not until $at"
  fi
  sleep 5
done
margin=$(day_before "$of")
# those after the wanted time are not needed, but for the files that were open then
snapshots closed | awk -v from="$margin" -v cut="$cut" '$1 " " $2 < from { next } $1 " " $2 > cut && ++after > 3 { exit } { print $3 }' >"$WORK/wanted"
while read -r id; do
  restic --no-lock restore --quiet "$id:$WORK/closed" --target "$WORK/logs/$id"
done <"$WORK/wanted"

repository data
say "restores the backup of $of"
rm -rf "$WORK/data"
restic --no-lock restore "${found##* }:$WORK/data" --target "$WORK/data"
printf '%s\n' "$of" >"$WORK/of"
