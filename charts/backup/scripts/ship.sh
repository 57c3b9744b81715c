#!/bin/sh
# Puts the binary logs that stream.sh has laid out into the repository: whole files once (`closed`), and those that still
# grow again and again (`open`), of which the last is enough.
. "${0%/*}/repository.sh"
trap 'exit 143' TERM INT
# as often as it says, else the log is filled
HOUSEKEEPING=900
kept=$(date +%s)
told=0

logs() { RESTIC_REPOSITORY="${REPOSITORY}logs" "$@"; }
data() { RESTIC_REPOSITORY="${REPOSITORY}data" "$@"; }

ship() {
  touch "$WORK/ships"
  if [ -n "$(find "$WORK/closed" -type f | head -n 1)" ]; then
    logs restic --retry-lock 5m backup --quiet --host "$SITE" --tag closed "$WORK/closed" || return
    find "$WORK/closed" -mindepth 1 -delete
  fi
  logs restic --retry-lock 5m backup --quiet --host "$SITE" --tag open "$WORK/open"
}

# tidy: what no restore needs any more
tidy() {
  kept=$(date +%s)
  if [ "$APPEND_ONLY" = true ]; then return; fi
  logs restic forget --quiet --host "$SITE" --tag open --group-by '' --keep-last 3 || return
  oldest=$(data base full 2>/dev/null) || oldest=''
  if [ -n "$oldest" ]; then
    margin=$(day_before "${oldest% *}")
    logs snapshots closed >"$WORK/closed.list" || return
    old=$(awk -v margin="$margin" '$1 " " $2 < margin { print $3 }' "$WORK/closed.list")
    # shellcheck disable=SC2086 # a list
    if [ -n "$old" ]; then logs restic forget --quiet $old || return; fi
  fi
  logs restic prune --quiet --max-unused 20%
}

# tell: reports full backups to monitoring; one newer than a gap in the logs makes up for it
tell() {
  told=$(date +%s)
  # 10: no backup was made yet
  rc=0
  data restic --no-lock cat config >/dev/null 2>&1 || rc=$?
  if [ $rc = 10 ]; then return; fi
  data share
  data metrics || return
  last=$(sed -n 's/^backup_last_success_timestamp_seconds //p' "$WORK/metrics")
  if [ -e "$WORK/open/gap" ] && [ "${last:-0}" -gt "$(cat "$WORK/open/gap")" ]; then rm "$WORK/open/gap"; fi
}

while :; do
  touch "$WORK/waits"
  until [ -e "$WORK/go" ]; do
    sleep 1
    touch "$WORK/waits"
  done
  until ship; do
    say 'the binary logs could not be stored: tries again'
    sleep 5
  done
  rm "$WORK/go"
  if [ $(($(date +%s) - told)) -ge 300 ]; then tell || say 'the repository of backups cannot be read'; fi
  if [ $(($(date +%s) - kept)) -ge "$HOUSEKEEPING" ]; then tidy || say 'old binary logs could not be removed: tries again later'; fi
done
