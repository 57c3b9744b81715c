#!/bin/sh
# Puts the app's volumes into the repository, each file as it is when it is read.
. "${0%/*}/repository.sh"
repository data make

time=$(ago 0)
begun=$(seconds_of "$time")
rc=0
writing backup --host "$SITE" --tag volumes --time "$time" --no-scan \
  --exclude "$VOLUMES_AT/*/$HIDDEN" --exclude "$VOLUMES_AT/*/lost+found" "$VOLUMES_AT" 2>"$WORK/said" || rc=$?
cat "$WORK/said" >&2
# the rest of them is stored, and noted as incomplete: a store may forbid to change what it has
if [ $rc = 3 ]; then
  writing backup --quiet --host "$SITE" --tag volumes-incomplete --time "$(date -u -d "@$((begun + 1))" '+%Y-%m-%d %H:%M:%S')" "$WORK/said"
  fail "user $(id -u), as which the app runs, cannot read $(grep -c '^error: ' "$WORK/said") files, all others are stored: $(sed -n 's/^error: //p' "$WORK/said" | head -n 1)"
fi
if [ $rc != 0 ]; then exit $rc; fi
metrics
say "volumes $VOLUMES of $time are stored, in $(($(date +%s) - begun)) s"
