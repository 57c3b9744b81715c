#!/bin/sh
# Brings back where the streaming of binary logs was, when its pod is a new one.
. "${0%/*}/repository.sh"
repository logs make
# nobody else writes to this repository: whatever locks it was left by a pod that is gone
restic unlock --remove-all
rm -rf "$WORK/open" "$WORK/raw" "$WORK/go"
mkdir -p "$WORK/open" "$WORK/raw" "$WORK/closed"
last=$(snapshots open | tail -n 1)
if [ -n "$last" ]; then restic --no-lock restore "${last##* }:$WORK/open" --target "$WORK/open"; fi
