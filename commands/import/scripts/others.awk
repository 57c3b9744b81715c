# Reads SHOW BINLOG EVENTS, without its head, and answers up to where there are only statements of other databases: mysqlbinlog does not show them, and
# not where they are until something follows. One about a table of the database `from` ends it: exit code 3, the reason on standard error.

BEGIN {
  name = tolower(from)
  gsub(/\$/, "\\$", name)
  TABLE = "^(/\\*.*\\*/ *)?((create|alter|drop|rename|truncate) +tables? |truncate |create +(unique +|fulltext +|spatial +)?index |drop +index )"
  OURS = "(tables?|exists|on|to|truncate|,) +`?" name "`? *\\."
}
$3 ~ /Gtid/ { next }
$3 != "Query" || $6 ~ /^(BEGIN|XA )/ || index($6, "use `" from "`;") == 1 { exit }
{
  text = tolower($6)
  sub(/^use `[^`]*`; /, "", text)
  gsub(/\\[ntr]/, " ", text)
}
text ~ TABLE && text ~ OURS {
  print $2 ": a session of another database changed a table: " substr($6, 1, 200) >"/dev/stderr"
  failed = 1
  exit
}
{ place = $5 }
END {
  if (failed) exit 3
  if (place) print place
}
