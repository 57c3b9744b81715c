# shellcheck shell=sh
# What the scripts for restic's image share: a POSIX shell and coreutils (busybox in the published image) are all they use.
# Two repositories in a store: `data`, and `logs`, so that tidying up one never keeps the other waiting.
# https://restic.readthedocs.io/en/stable/075_scripting.html
set -eu
umask 077
export LC_ALL=C TZ=UTC
# shellcheck source=/dev/null
. "${0%/*}/settings.sh"

say() { printf '%s [threewall] %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >&2; }
fail() { say "$*"; exit 1; }
# refuse TEXT: what was asked for or a key is wrong, so another try changes nothing; `npm run restore` knows it by the exit code
refuse() { say "$*"; exit "$REFUSED"; }

export RESTIC_PASSWORD_FILE="$SECRET/password" RESTIC_CACHE_DIR="$WORK/cache" RESTIC_PROGRESS_FPS=0.05 TMPDIR="$WORK"
if [ -s "$SECRET/ca.crt" ]; then export RESTIC_CACERT="$SECRET/ca.crt"; fi
# the store's own settings: values and, from the Secret, keys and the paths of files
for name in $STORE_ENVIRONMENT; do export "${name?}"; done
for name in $STORE_KEYS; do export "${name%%=*}=$(cat "$SECRET/${name#*=}")"; done
for name in $STORE_FILES; do export "${name%%=*}=$SECRET/${name#*=}"; done

# restic ARG...: with what the store needs
restic() {
  if [ -n "$SFTP_ARGUMENTS" ]; then command restic -o "sftp.args=$SFTP_ARGUMENTS" "$@"; else command restic "$@"; fi
}

# repository NAME [make]: the one that restic works on from now on; made when it is not there and may be
repository() {
  export RESTIC_REPOSITORY="$REPOSITORY$1"
  rc=0
  restic --no-lock cat config >/dev/null 2>"$WORK/said" || rc=$?
  case $rc in
    0) ;;
    10)
      if holds keys; then refuse "$RESTIC_REPOSITORY: its file \`config\` is missing: bring it back from a copy of the store"; fi
      if [ "${2:-}" != make ]; then refuse "$RESTIC_REPOSITORY: there is no backup yet"; fi
      say "makes the repository $RESTIC_REPOSITORY"
      restic init >/dev/null ;;
    12)
      # restic says the same of both, and only a folder can be looked at
      if [ -d "$RESTIC_REPOSITORY" ] && ! holds keys; then
        refuse "$RESTIC_REPOSITORY: holds no key, its folder \`keys\` is empty or missing: bring it back from a copy of the store"
      fi
      refuse "$RESTIC_REPOSITORY: the key \`password\` of the Secret does not open it, it was made with another one" ;;
    *) fail "$RESTIC_REPOSITORY cannot be read: $(sed -n 's/^Fatal: //p' "$WORK/said" | grep . || head -n 1 "$WORK/said")" ;;
  esac
}

# holds FOLDER: there are files in a folder of the repository, where it is a folder itself
holds() { [ -n "$(ls -A "$RESTIC_REPOSITORY/$1" 2>/dev/null)" ]; }

# writing ARG...: restic, which locks the repository. A lock that a killed job left counts as stale after 30 minutes
writing() {
  tries=0
  while :; do
    restic unlock >/dev/null 2>&1 || true
    rc=0
    restic --retry-lock 2m "$@" || rc=$?
    tries=$((tries + 1))
    if [ $rc != 11 ] || [ $tries = 20 ]; then return $rc; fi
    say 'another job has locked the repository: waits'
  done
}

# snapshots TAG: of this site, the oldest first: time, id
snapshots() {
  restic --no-lock snapshots --host "$SITE" --tag "$1" >"$WORK/list" || return
  awk 'length($1) == 8 && $1 ~ /^[0-9a-f]+$/ && $2 ~ /^[0-9]+-/ { print $2, $3, $1 }' "$WORK/list" | sort
}

# ago SECONDS: the time then
ago() { time_of $(($(date +%s) - $1)); }
# day_before TIME: a copy of a replica may lack what its primary had logged shortly before
day_before() { time_of $(($(seconds_of "$1") - DAY)); }
# time_of SECONDS, seconds_of TIME: times as restic writes them, seconds since 1970
time_of() { date -u -d "@$1" '+%Y-%m-%d %H:%M:%S'; }
seconds_of() { date -u -d "$1" +%s; }
DAY=86400

# base: the newest full backup older than all times that a restore may ask for, else the oldest one: time, id
base() {
  snapshots full >"$WORK/full"
  awk -v horizon="$(ago $((RETENTION_DAYS * DAY)))" '
    NR == 1 || $1 " " $2 <= horizon { found = $0 } END { print found }' "$WORK/full"
}

# metrics: what the repository `data` says for the monitoring, for report.sh
metrics() {
  last=$(snapshots full | tail -n 1 | cut -d ' ' -f 1,2)
  drill=$(snapshots drill | tail -n 1 | cut -d ' ' -f 1,2)
  {
    if [ -n "$last" ]; then echo "backup_last_success_timestamp_seconds $(seconds_of "$last")"; fi
    if [ -n "$drill" ]; then echo "restore_drill_last_success_timestamp_seconds $(seconds_of "$drill")"; fi
  } >"$WORK/metrics.new"
  mv "$WORK/metrics.new" "$WORK/metrics"
}
