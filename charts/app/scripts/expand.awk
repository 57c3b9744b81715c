# Writes each file of the command line into the folder `to`, with $(NAME) replaced by the variable NAME of the environment;
# $$(NAME) becomes $(NAME). A name without a variable ends it with status 1: the pod must not start with half a file.
# POSIX awk alone: mawk, gawk and busybox read it.
FNR == 1 {
  name = FILENAME
  sub(/.*\//, "", name)
  target = to "/" name
}
{
  rest = $0
  line = ""
  while (match(rest, /\$?\$\([A-Za-z_][A-Za-z0-9_.-]*\)/)) {
    token = substr(rest, RSTART, RLENGTH)
    line = line substr(rest, 1, RSTART - 1)
    rest = substr(rest, RSTART + RLENGTH)
    if (substr(token, 1, 2) == "$$") {
      line = line substr(token, 2)
      continue
    }
    variable = substr(token, 3, length(token) - 3)
    if (!(variable in ENVIRON)) {
      print FILENAME ": no variable " variable > "/dev/stderr"
      exit 1
    }
    line = line ENVIRON[variable]
  }
  print line rest > target
}
