# shellcheck shell=bash
# Statements that give events of MySQL's scheduler another status. Of those who source it: `root SQL`, whose answer has no
# escapes. Used by the databases (events.sh) and on a restored server (charts/backup/scripts/statuses.sh).
#
# Invariant: ALTER EVENT makes definer and character set those of its session, so both are given; nothing else of an event
# changes. A name that its character set may lack is left alone.
# https://dev.mysql.com/doc/refman/9.7/en/alter-event.html

# SLAVESIDE_DISABLED with an older `terminology_use_previous`
# shellcheck disable=SC2034 # for those who source it
foreign="STATUS LIKE '%SIDE_DISABLED'"

# altering STATUS WHERE
altering() {
  local host user
  host="SUBSTRING_INDEX(DEFINER, '@', -1)"
  user="LEFT(DEFINER, CHAR_LENGTH(DEFINER) - CHAR_LENGTH($host) - 1)"
  name() { printf "'\`', REPLACE(%s, '\`', '\`\`'), '\`'" "$1"; }
  root "SELECT CONCAT('SET character_set_client = ', CHARACTER_SET_CLIENT, ', collation_connection = ', COLLATION_CONNECTION,
      '; ALTER DEFINER = ', $(name "$user"), '@', $(name "$host"), ' EVENT ', $(name EVENT_SCHEMA), '.', $(name EVENT_NAME), ' $1;')
    FROM information_schema.EVENTS
    WHERE ($2) AND (CHARACTER_SET_CLIENT LIKE 'utf8%' OR LENGTH(CONCAT(EVENT_SCHEMA, EVENT_NAME)) = CHAR_LENGTH(CONCAT(EVENT_SCHEMA, EVENT_NAME)))"
}
