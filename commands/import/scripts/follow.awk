# What mysqlbinlog prints of the old server's log becomes what the primary takes. Rows go on as they are; transactions are joined, and each commit
# writes into threewall_import how far it came: a transaction is applied once, whoever is killed when.
#
# Statements that change tables and indexes are run. Views, routines, triggers and events are copied at the switch and left out here; so are accounts.
# Everything else stops the filter: exit code 3, the reason on standard error.
#
# place  where the input begins: log, position, and when the log was begun (unless it is new)
# from   name of the database there
# foot   file for the rest: `seen N` (changes of this database), `passed POSITION` (where a statement of another database is)

function remember(position, doubt) {
  printf "UPDATE threewall_import SET value = '%s %s %s%s' WHERE name = 'position'%s\n", log_name, position, begun, doubt, END_OF
  noted = position " " begun
}
function begin() { if (!open) { print "BEGIN" END_OF; open = 1 } }
# joined transactions: one commit for each costs a slow disk too much
function flush_joined() {
  if (!open) return
  remember(done, "")
  print "COMMIT" END_OF
  open = joined = bytes = 0
}
function committed() {
  inside = 0
  done = end
  if (!open) return
  if (++joined >= 200 || bytes > 1000000) flush_joined()
  else print "SAVEPOINT threewall" END_OF
}
# a statement of another database is not shown, but where its GTID and itself begin
function passed() {
  if (shown || inside || at == "") pair = ""
  else if (pair == "") pair = at
  else {
    printf "passed %s\n", pair >foot
    pair = ""
  }
  shown = 0
}
function stop(why) {
  gsub(/[ \t\r\n]+/, " ", why)
  printf "%s %s: %s\n", log_name, done, why >"/dev/stderr"
  stopped = 1
  exit 3
}

# byte N of the base64 text of an event
function sextet(text, n) { return index(BASE64, substr(text, n + 1, 1)) - 1 }
function byte(text, n,   i) {
  i = int(n / 3) * 4
  if (n % 3 == 0) return sextet(text, i) * 4 + int(sextet(text, i + 1) / 16)
  if (n % 3 == 1) return sextet(text, i + 1) % 16 * 16 + int(sextet(text, i + 2) / 4)
  return sextet(text, i + 2) % 4 * 64 + sextet(text, i + 3)
}
# a line of BINLOG. All rows of a statement come in one, which may be larger than a packet: after 8 MiB another begins, with the same tables
function encoded(line,   size) {
  if (lines == 0) {
    size = byte(line, 9) + 256 * (byte(line, 10) + 256 * (byte(line, 11) + 256 * byte(line, 12)))
    lines = int((int((size + 2) / 3) * 4 + 75) / 76)
    is_map = byte(line, 4) == 19
    if (!is_map && length_of > 8388608) {
      printf "'%s\nBINLOG '\n%s", END_OF, maps
      length_of = 0
    }
  }
  if (is_map) maps = maps line "\n"
  lines--
  length_of += length(line)
  bytes += length(line)
  print line
}

# without the comments before it, in capitals
function beginning(text,   t) {
  t = text
  while (match(t, /^([ \t\r\n]+|\/\*[^!*]([^*]|\*+[^*\/])*\*+\/|(#|-- )[^\n]*\n)/)) t = substr(t, RLENGTH + 1)
  t = toupper(substr(t, 1, 400))
  gsub(/[ \t\r\n]+/, " ", t)
  sub(/^\/\*![0-9]* ?/, "", t)
  return t " "
}
# a table with its database, which has another name here
function renamed(text,   name, i, out) {
  name = "`" from "`."
  while (i = index(text, name)) {
    out = out substr(text, 1, i - 1)
    text = substr(text, i + length(name))
  }
  return out text
}
function statement(text,   head) {
  head = beginning(text)
  if (head == "BEGIN ") { inside = 1; return }
  if (head == "COMMIT ") { committed(); return }
  if (head ~ /^(CREATE|DROP) (\/\*!40005 )?TEMPORARY /) return
  if (inside && head ~ /^(SAVEPOINT|ROLLBACK TO|RELEASE SAVEPOINT) /) {
    begin()
    print text "\n" END_OF
    return
  }
  if (head ~ /^(ANALYZE|OPTIMIZE|REPAIR|CHECK|FLUSH|GRANT|REVOKE|SET PASSWORD|SET DEFAULT ROLE) /) { done = end; return }
  if (head ~ /^(CREATE|ALTER|DROP|RENAME) (USER|ROLE) /) { done = end; return }
  if (head ~ OBJECT) { done = end; return }
  if (head !~ TABLE || inside && text !~ /\) START TRANSACTION$/) stop("cannot be followed: " substr(text, 1, 200))
  # runs by itself; whether it did is not known when all is killed meanwhile
  flush_joined()
  remember(done, " doubt")
  seen++
  print time
  text = renamed(text)
  if (inside) {
    sub(/ START TRANSACTION$/, "", text)
    print text "\n" END_OF
    begin()
    return
  }
  print text "\n" END_OF
  done = end
  remember(done, "")
}

BEGIN {
  END_OF = "/*!*/;"
  BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  TABLE = "^((CREATE|ALTER|DROP|RENAME|TRUNCATE) TABLES? |TRUNCATE |CREATE (UNIQUE |FULLTEXT |SPATIAL )?INDEX |DROP INDEX )"
  OBJECT = "^(CREATE|ALTER|DROP) (OR REPLACE )?(ALGORITHM ?= ?[A-Z]+ )?(DEFINER ?= ?[^ ]+ )?(SQL SECURITY [A-Z]+ )?(AGGREGATE )?(VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT) "
  split(place, words, " ")
  log_name = words[1]; done = words[2]; begun = words[3]
  noted = done " " begun
  print "DELIMITER /*!*/;"
  # one at a time, and only from where the last one came to: a column that is NOT NULL refuses all else
  # the second as MySQL 5.7 has it; later ones say what they have
  print "SET SESSION sql_mode = 'STRICT_ALL_TABLES', default_collation_for_utf8mb4 = utf8mb4_general_ci" END_OF
  printf "UPDATE threewall_import SET value = IF(GET_LOCK('threewall_import', 60) AND value = '%s', value, NULL) WHERE name = 'position'%s\n", place, END_OF
}

# the last line may be cut
unknown != "" { stop("cannot be followed: " substr(unknown, 1, 200)) }
state == "rows" { if ($0 == "'/*!*/;") { print; state = "" } else encoded($0); next }
state == "text" && $0 == END_OF { state = ""; statement(text); next }
state == "text" { text = text "\n" $0; next }
state == "query" && /^(SET |use `|\/\*!).*\/\*!\*\/;$/ {
  if (/^SET TIMESTAMP/) time = $0
  # the others are variables that only administrators set: of no effect here
  else if (!/pseudo_thread_id|sql_require_primary_key|^\/\*!\\C/) print
  next
}
state == "query" { state = "text"; text = $0; next }

/^# at [0-9]+$/ {
  passed()
  at = $3
  next
}
/^#[0-9]+ +[0-9:]+ server id [0-9]+ +end_log_pos [0-9]+/ {
  match($0, /end_log_pos [0-9]+/)
  if (substr($0, RSTART + 12, RLENGTH - 12) != "0") end = substr($0, RSTART + 12, RLENGTH - 12)
  if ($0 ~ /Start: binlog v /) {
    stamp = substr($1, 2) "T" $2
    if (begun != "" && begun != stamp) stop("the old server's log is another one than before (RESET?)")
    begun = stamp
  }
  if ($0 ~ /\tQuery\t/) state = "query"
  shown = 1
  next
}
/^(#.*)?$/ || /^DELIMITER / || /COMPLETION_TYPE/ { next }
$0 == "BINLOG '" {
  state = "rows"
  maps = ""
  lines = length_of = 0
  # the first one says how rows are written
  if (inside) { seen++; begin() }
  print
  next
}
$0 == "COMMIT/*!*/;" { committed(); next }
# what is cut, and where a server has started: what it had not committed is not in its log any more
/^ROLLBACK ?(\/\* added by mysqlbinlog \*\/)?[ \/]/ { next }
# after a statement of another database
/^COMMIT \/\* added by mysqlbinlog \*\// && !inside { next }
# the last for a statement that stands for rows, which comes next
/PSEUDO_SLAVE_MODE=0|^SET (INSERT_ID|LAST_INSERT_ID|@)/ { next }
/PSEUDO_SLAVE_MODE=1|GTID_NEXT= ?'AUTOMATIC'/ { print; next }
{ unknown = $0 }

END {
  passed()
  printf "seen %d\n", seen >foot
  if (stopped) exit 3
  # what is cut comes again
  if (inside || state unknown != "") {
    if (!open || !joined || state == "rows") exit
    if (inside) print "ROLLBACK TO SAVEPOINT threewall" END_OF
    flush_joined()
    exit
  }
  if (open) flush_joined()
  else if (done " " begun != noted) remember(done, "")
}
