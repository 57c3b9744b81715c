# shellcheck shell=sh
# What the scripts that use restic share.
# Two repositories in a store: `data`, and `logs`, so that tidying up one never keeps the other waiting.
# https://restic.readthedocs.io/en/stable/075_scripting.html
. "${0%/*}/base.sh"

# a restore from another environment (`npm run restore -- ENV --from OTHER`) reads that one's repositories, and writes to none
if [ -n "${FROM_REPOSITORY:-}" ]; then
  SITE=$FROM_SITE REPOSITORY=$FROM_REPOSITORY
  # shellcheck disable=SC2153 # of the Job
  STORE_ENVIRONMENT=$FROM_STORE_ENVIRONMENT STORE_KEYS=$FROM_STORE_KEYS STORE_FILES=$FROM_STORE_FILES SFTP_ARGUMENTS=$FROM_SFTP_ARGUMENTS
fi

# the group may write what the owner may: two users store to a claim
umask 007
export RESTIC_PASSWORD_FILE="$SECRET/password" RESTIC_CACHE_DIR="$WORK/cache" RESTIC_PROGRESS_FPS=0.05 TMPDIR="$WORK"
if [ -s "$SECRET/ca.crt" ]; then export RESTIC_CACERT="$SECRET/ca.crt"; fi
# the store's own settings: values and, from the Secret, keys and the paths of files
for name in $STORE_ENVIRONMENT; do export "${name?}"; done
for name in $STORE_KEYS; do export "${name%%=*}=$(cat "$SECRET/${name#*=}")"; done
for name in $STORE_FILES; do export "${name%%=*}=$SECRET/${name#*=}"; done

# restic ARG...: with what the store needs
restic() {
  if [ -n "${FROM_REPOSITORY:-}" ]; then
    case "${1:-} ${2:-}" in
      '--no-lock cat' | '--no-lock ls' | '--no-lock snapshots' | '--no-lock restore') ;;
      *) refuse "restic $*: might write to the repositories of another environment" ;;
    esac
  fi
  if [ -n "$SFTP_ARGUMENTS" ]; then command restic -o "sftp.args=$SFTP_ARGUMENTS" "$@"; else command restic "$@"; fi
}

# What no time mends: keys, a bucket, a certificate. restic asks again for 15 minutes whatever the store says
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
HOPELESS='x509:|HTTP response to HTTPS client|AccessKeyId|[Aa]ccess [Kk]ey I[Dd]|SignatureDoesNotMatch|signature we calculated|NoSuchBucket|Bucket name|bucket does not exist|Host key verification failed|Permission denied \(publickey'
hopeless() { printf '%s' "$1" | grep -Eq "$HOPELESS"; }

# probe: reads the repository's file `config`, and says meanwhile why that takes so long; the exit code is restic's
probe() {
  restic --no-lock cat config >/dev/null 2>"$WORK/said" &
  probing=$! said=''
  while kill -0 "$probing" 2>/dev/null; do
    why=$(sed -n 's/.* returned error, retrying after [^:]*: //p' "$WORK/said" | tail -n 1)
    if hopeless "$why"; then
      kill "$probing"
      refuse "$RESTIC_REPOSITORY: $why"
    fi
    if [ "$why" != "$said" ]; then say "$RESTIC_REPOSITORY: $why; tries again"; fi
    said=$why
    sleep 0.2
  done
  wait "$probing"
}

# ssh_says: why it does not reach the store; of what it says, restic loses a part
ssh_says() {
  host=${RESTIC_REPOSITORY#sftp://} host=${host%%/*}
  # shellcheck disable=SC2086 # words
  ssh $SFTP_ARGUMENTS -p "${host##*:}" "${host%:*}" -s sftp 2>&1 >/dev/null </dev/null | tail -n 1
}

# repository NAME [make]: the one that restic works on from now on; made when it is not there and may be
repository() {
  export RESTIC_REPOSITORY="$REPOSITORY$1"
  rc=0
  probe || rc=$?
  case $rc in
    0) if [ "${2:-}" = make ]; then share; fi ;;
    10)
      if holds keys; then refuse "$RESTIC_REPOSITORY: its file \`config\` is missing: bring it back from a copy of the store"; fi
      if [ "${2:-}" != make ]; then refuse "$RESTIC_REPOSITORY: there is no backup yet"; fi
      say "makes the repository $RESTIC_REPOSITORY"
      restic init >/dev/null
      share ;;
    12)
      # restic says the same of both, and only a folder can be looked at
      if [ -d "$RESTIC_REPOSITORY" ] && ! holds keys; then
        refuse "$RESTIC_REPOSITORY: holds no key, its folder \`keys\` is empty or missing: bring it back from a copy of the store"
      fi
      refuse "$RESTIC_REPOSITORY: the key \`password\` of the Secret does not open it, it was made with another one" ;;
    *)
      why=''
      case $RESTIC_REPOSITORY in sftp:*) why=$(ssh_says) ;; esac
      why="$RESTIC_REPOSITORY cannot be read: ${why:-$(sed -n 's/^Fatal: //p' "$WORK/said" | grep . || head -n 1 "$WORK/said")}"
      if hopeless "$why"; then refuse "$why"; fi
      fail "$why" ;;
  esac
}

# share: a folder is written to by two users of one group, that of the backups and, for volumes, that of the app. restic opens
# all its files to the group when its file `config` is open to it
# https://restic.readthedocs.io/en/stable/030_preparing_a_new_repo.html#group-accessible-repositories
share() {
  if [ "$(stat -c '%u %a' "$RESTIC_REPOSITORY/config" 2>/dev/null)" != "$(id -u) 400" ]; then return; fi
  if [ "$(stat -c %u "$REPOSITORY")" = "$(id -u)" ]; then chmod g+rwx "$REPOSITORY"; fi
  find "$RESTIC_REPOSITORY" -type d -exec chmod g+rwx {} +
  find "$RESTIC_REPOSITORY" -type f ! -path "$RESTIC_REPOSITORY/config" -exec chmod g+r {} +
  chmod g+r "$RESTIC_REPOSITORY/config"
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

# moment TIME: sets at, the wanted time as MySQL writes it, and cut, its last whole second: no backup bears a fraction
# shellcheck disable=SC2034 # for the scripts that ask
moment() {
  at=$1 cut=$(ago 0)
  if [ "$at" != latest ]; then
    at=$(printf '%s' "$at" | sed 's/T/ /; s/Z$//')
    cut=${at%.*}
  fi
}

# ago SECONDS: the time then
ago() { time_of $(($(date +%s) - $1)); }
# day_before TIME: a copy of a replica may lack what its primary had logged shortly before
day_before() { time_of $(($(seconds_of "$1") - DAY)); }
# time_of SECONDS, seconds_of TIME: times as restic writes them, seconds since 1970
time_of() { date -u -d "@$1" '+%Y-%m-%d %H:%M:%S'; }
seconds_of() { date -u -d "$1" +%s; }
DAY=86400

# base TAG: the newest backup older than all times that a restore may ask for, else the oldest one: time, id
base() {
  snapshots "$1" >"$WORK/$1"
  awk -v horizon="$(ago $((RETENTION_DAYS * DAY)))" '
    NR == 1 || $1 " " $2 <= horizon { found = $0 } END { print found }' "$WORK/$1"
}

# newest_whole: the newest backup of volumes that every file could be read for: time, id
newest_whole() {
  snapshots volumes >"$WORK/whole" || return
  snapshots volumes-incomplete >"$WORK/incomplete" || return
  # the mark of one that is not follows it
  sed 's/$/ incomplete/' "$WORK/incomplete" | sort - "$WORK/whole" |
    awk '{ if (held != "" && $4 == "") found = held; held = $4 == "" ? $0 : "" } END { print held != "" ? held : found }'
}

# metrics: what the repository `data` says for the monitoring, for report.sh
metrics() {
  last=$(snapshots full | tail -n 1 | cut -d ' ' -f 1,2)
  drill=$(snapshots drill | tail -n 1 | cut -d ' ' -f 1,2)
  {
    if [ -n "$last" ]; then echo "backup_last_success_timestamp_seconds $(seconds_of "$last")"; fi
    if [ -n "$drill" ]; then echo "restore_drill_last_success_timestamp_seconds $(seconds_of "$drill")"; fi
    if [ -n "$VOLUMES" ]; then
      volumes=$(newest_whole)
      # none yet: as old as the backups are, so that one that never succeeds is noticed
      if [ -z "$volumes" ]; then volumes=$(snapshots full | head -n 1); fi
      if [ -n "$volumes" ]; then echo "backup_volumes_last_success_timestamp_seconds $(seconds_of "${volumes% *}")"; fi
    fi
  } >"$WORK/metrics.new"
  mv "$WORK/metrics.new" "$WORK/metrics"
}
