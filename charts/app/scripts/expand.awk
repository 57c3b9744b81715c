# Writes each file of the command line into the folder `to`, with $(NAME) replaced by the variable NAME of the environment;
# $$(NAME) becomes $(NAME). A name without a variable ends it with status 1: the pod must not start with half a file.
# POSIX awk alone: mawk, gawk and busybox read it.
BEGIN {
  # a whole file is one record, so that its last line stays as it is; a file with this character is several
  RS = "\001"
  # awk reads no record of an empty file
  for (i = 1; i < ARGC; i++) printf "" > target(ARGV[i])
}
{
  rest = $0
  text = FNR == 1 ? "" : RS
  while (match(rest, /\$?\$\([A-Za-z_][A-Za-z0-9_.-]*\)/)) {
    token = substr(rest, RSTART, RLENGTH)
    text = text substr(rest, 1, RSTART - 1)
    rest = substr(rest, RSTART + RLENGTH)
    if (substr(token, 1, 2) == "$$") {
      text = text substr(token, 2)
      continue
    }
    variable = substr(token, 3, length(token) - 3)
    if (!(variable in ENVIRON)) {
      print FILENAME ": no variable " variable > "/dev/stderr"
      exit 1
    }
    text = text ENVIRON[variable]
  }
  printf "%s%s", text, rest > target(FILENAME)
}

function target(path) {
  sub(/.*\//, "", path)
  return to "/" path
}
