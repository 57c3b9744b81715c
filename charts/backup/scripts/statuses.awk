# Which events of MySQL's scheduler are disabled after the statements of binary logs.
#
# Arguments: a file of those that were disabled before, then what mysqlbinlog prints. `cut`: the last moment, in microseconds
# since 1970. Prints one a line: schema and name in small letters, both as hexadecimal digits, with a dot between.

BEGIN {
  for (i = 1; i < 256; i++) code[sprintf("%c", i)] = sprintf("%02X", i)
  before = ARGV[1]
}

FILENAME == before { off[$0] = 1; next }
/^# original_commit_timestamp=/ { split($2, part, "="); late = part[2] + 0 > cut + 0 }
text == "" && /^#/ { next }
{ text = text == "" ? $0 : text "\n" $0 }
/\/\*!\*\/;$/ {
  if (!late) statement(substr(text, 1, length(text) - 6))
  text = ""
}
END { for (event in off) print event }

function hex(value, result, i) {
  result = ""
  for (i = 1; i <= length(value); i++) result = result code[substr(value, i, 1)]
  return result
}

# token: the next one of `rest`: sets kind (name, string, word, sign, or nothing at the end) and value
function token(quote, i, c) {
  for (;;) {
    if (match(rest, /^[ \t\r\n]+/) || match(rest, /^\/\*![0-9]*/) || match(rest, /^\*\//) || match(rest, /^(#|-- )[^\n]*/)) {
      rest = substr(rest, RLENGTH + 1)
    } else if (substr(rest, 1, 2) == "/*") {
      i = index(rest, "*/")
      rest = i ? substr(rest, i + 2) : ""
    } else break
  }
  kind = rest == "" ? "" : "sign"
  quote = substr(rest, 1, 1)
  if (quote == "`" || quote == "\"" || quote == "'") {
    kind = quote == "'" ? "string" : "name"
    value = ""
    for (i = 2; i <= length(rest); i++) {
      c = substr(rest, i, 1)
      if (c == quote && substr(rest, i + 1, 1) == quote) i++
      else if (c == quote) break
      else if (c == "\\" && quote == "'") i++
      value = value c
    }
    rest = substr(rest, i + 1)
  } else if (match(rest, /^[A-Za-z0-9_$\200-\377]+/)) {
    kind = "word"
    value = substr(rest, 1, RLENGTH)
    rest = substr(rest, RLENGTH + 1)
  } else {
    value = quote
    rest = substr(rest, 2)
  }
}

function is(word) { return kind == "word" && toupper(value) == word }

# name: of an event, with its schema; the token after it is the current one
function name(schema, event) {
  schema = db
  event = value
  token()
  if (kind == "sign" && value == ".") {
    token()
    schema = event
    event = value
    token()
  }
  return hex(schema) "." hex(tolower(event))
}

function statement(sql, verb, event, to, i) {
  rest = sql
  token()
  verb = toupper(value)
  if (kind != "word") return
  if (verb == "USE") { token(); db = value; return }
  if (verb == "DROP") {
    token()
    if (is("DATABASE") || is("SCHEMA")) {
      token()
      if (is("IF")) { token(); token() }
      for (event in off) if (index(event, hex(value) ".") == 1) delete off[event]
    }
    if (!is("EVENT")) return
    token()
    if (is("IF")) { token(); token() }
    delete off[name()]
    return
  }
  if (verb != "CREATE" && verb != "ALTER") return
  token()
  # of a definer, at most: DEFINER = user @ host, or CURRENT_USER ( )
  if (is("DEFINER")) for (i = 0; i < 6 && !is("EVENT"); i++) token()
  if (!is("EVENT")) return
  token()
  if (is("IF")) { token(); token(); token() }
  event = name()
  if (verb == "CREATE") delete off[event]
  for (to = event; kind != "" && !is("DO"); token()) {
    if (is("ENABLE")) delete off[event]
    if (is("DISABLE")) off[event] = 1
    if (is("RENAME")) {
      token()
      token()
      to = name()
      # the token after a name is the current one
      if (is("ENABLE")) delete off[event]
      if (is("DISABLE")) off[event] = 1
      if (is("DO")) break
    }
    if (is("COMMENT")) token()
  }
  if (to != event && event in off) { delete off[event]; off[to] = 1 }
}
