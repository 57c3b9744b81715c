#!/bin/sh
# Stores the result of a drill in the repository.
. "${0%/*}/repository.sh"
repository data
writing backup --quiet --host "$SITE" --tag drill "$WORK/result"
metrics
