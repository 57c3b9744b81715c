#!/bin/sh
# Process 1 of a web server: `start.sh CERTIFICATE...` becomes nginx, with a watcher of the certificates' Secrets beside it.
#
# Invariants:
# - Nginx reads $PEM_FOLDER/CERTIFICATE.pem at each handshake. It contains a certificate and its key: both come from
#   one version of the Secret's volume, nginx has accepted them, and they appear by one rename.
# - An unusable Secret is logged and the previous certificate stays; without any usable one nginx does not start.
# https://kubernetes.io/docs/concepts/storage/volumes/#secret
set -u
umask 077

# rendered from charts/web/settings.ts
# shellcheck source=/dev/null
. "${0%/*}/settings.sh"

# volume NAME: the kubelet points it to another folder when the Secret changes
volume() {
  echo "$SECRETS_FOLDER/$1-tls/..data"
}

version() {
  readlink "$(volume "$1")"
}

# note NAME: writes when the certificate ends, for the collector; an unreadable date does not stop the server from starting
note() {
  if end=$(openssl x509 -in "$PEM_FOLDER/$1.pem" -noout -enddate) && end=$(date -d "${end#*=}" +%s); then
    echo "web_certificate_not_after_seconds{certificate=\"$1\"} $end" >"$METRICS_FOLDER/$1.metric"
    { echo '# TYPE web_certificate_not_after_seconds gauge' && cat "$METRICS_FOLDER"/*.metric; } >"$METRICS_FOLDER/next"
    mv "$METRICS_FOLDER/next" "$METRICS_FOLDER/metrics"
  else
    echo "certificate $1: no openssl here that tells when it ends" >&2
  fi
}

# take NAME: `cd -P` stays in one version of the volume while the kubelet puts a new one in its place
take() {
  version "$1" >"$PEM_FOLDER/seen-$1"
  (cd -P "$(volume "$1")" && cat tls.crt && echo && cat tls.key) >"$NEXT_PEM" &&
    nginx -t -q -c "$CONF/certificate.conf" &&
    mv "$NEXT_PEM" "$PEM_FOLDER/$1.pem" &&
    note "$1" &&
    echo "certificate $1: $(cat "$PEM_FOLDER/seen-$1") taken" >&2
}

# watch NAME...
watch() {
  while sleep "$LOOK_SECONDS"; do
    for name in "$@"; do
      [ "$(version "$name")" = "$(cat "$PEM_FOLDER/seen-$name")" ] || take "$name" ||
        echo "certificate $name: $(cat "$PEM_FOLDER/seen-$name") does not fit, the one before stays" >&2
    done
  done
}

# nginx does not read resolv.conf
awk '/^nameserver/ { name = $2; if (name ~ /:/) name = "[" name "]"; print "server " name ":53;" }' /etc/resolv.conf >"$NAME_SERVERS" || exit 1

rm -f "$DRAINING"
mkdir -p "$METRICS_FOLDER"
for name in "$@"; do
  take "$name" || exit 1
done
watch "$@" &
exec nginx -c "$CONF/nginx.conf" -g 'daemon off;'
