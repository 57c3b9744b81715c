#!/bin/sh
# Brings back where the streaming of binary logs was, when its pod is a new one.
. "${0%/*}/repository.sh"
repository logs make
# no other pod writes to this repository: a lock in it was left by a lost pod
restic unlock --remove-all
rm -rf "$WORK/open" "$WORK/raw" "$WORK/go"
mkdir -p "$WORK/open" "$WORK/raw" "$WORK/closed"
last=$(snapshots open | tail -n 1)
if [ -n "$last" ]; then restic --no-lock restore "${last##* }:$WORK/open" --target "$WORK/open"; fi
