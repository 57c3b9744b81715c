#!/bin/sh
# Keeps what a drill has shown in the repository.
. "${0%/*}/repository.sh"
repository data
writing backup --quiet --host "$SITE" --tag drill "$WORK/result"
metrics
