#!/bin/bash
# Sends the metrics of the containers before it to the collector.
. "${0%/*}/common.sh"
metrics=()
while read -r name value; do metrics+=("$name" "$value"); done <"$WORK/metrics"
if ((${#metrics[@]} > 0)); then report "${metrics[@]}"; fi
