# shellcheck shell=sh
# What the scripts for restic's image share: a POSIX shell and coreutils (busybox in the published image) are all they use.
set -eu
export LC_ALL=C TZ=UTC
# shellcheck source=/dev/null
. "${0%/*}/settings.sh"

say() { printf '%s [threewall] %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >&2; }
fail() { say "$*"; exit 1; }
# refuse TEXT: what was asked for or a key is wrong, so another try changes nothing; `npm run restore` knows it by the exit code
refuse() { say "$*"; exit "$REFUSED"; }
