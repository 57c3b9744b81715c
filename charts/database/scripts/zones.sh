#!/usr/bin/env bash
# Loads the time zones of this image into the server, so that `SET time_zone = 'Europe/Berlin'` works. Run by follow.sh when the
# server has started, before it follows a primary or joins a group.
#
# Invariants:
# - Each server loads its own, outside the binary log: a replica must know a zone before a statement of its primary names it
#   (else 1298 stops its applier), and as a replicated transaction it would be errant.
# - Loaded completely or not at all, in one transaction, and only when this image's zones differ from the loaded ones: the
#   checksum is in the data directory, so a clone of an older server is reloaded.
# https://dev.mysql.com/doc/refman/9.7/en/time-zone-support.html#time-zone-installation
. "${0%/*}/common.sh"

statements() {
  local line
  printf 'START TRANSACTION;\n'
  while IFS= read -r line; do
    case $line in
      # TRUNCATE ends a transaction
      'TRUNCATE TABLE '*) printf 'DELETE FROM %s\n' "${line#'TRUNCATE TABLE '}" ;;
      'START TRANSACTION;') ;;
      *) printf '%s\n' "$line" ;;
    esac
  done
}

until here 'SELECT 1' >/dev/null 2>&1; do sleep 0.5; done
if ! mysql_tzinfo_to_sql /usr/share/zoneinfo >"$TMP/zones.sql" 2>"$RUN/zones" || [[ ! -s $TMP/zones.sql ]]; then
  say "the time zones of this image cannot be read: $(<"$RUN/zones")"
  exit 0
fi
read -r sum _ < <(sha256sum "$TMP/zones.sql")
if [[ -e $DATA/zones && $(<"$DATA/zones") == "$sum" ]]; then exit 0; fi
say 'loads the time zones of this image'
unlocked "USE mysql; $(statements <"$TMP/zones.sql")" && printf '%s\n' "$sum" >"$DATA/zones"
rm -f "$TMP/zones.sql"
