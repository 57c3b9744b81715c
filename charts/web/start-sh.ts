import {
  type CertificateName,
  CONF_PATH,
  DRAINING,
  FIGURES_FOLDER,
  NAME_SERVERS,
  PEM_FOLDER,
  secretOf,
  TEMPORARY_FILES,
} from './paths';

/** Seconds between two looks at the Secrets: what rotation costs beyond the kubelet's own delay. */
const LOOK_SECONDS = 2;

/** Certificate and key that wait for nginx to accept them. */
const NEXT = `${PEM_FOLDER}/next.pem`;

/** Version of a Secret's volume that was looked at last, a file for each certificate. */
const SEEN = `${PEM_FOLDER}/seen`;

/**
 * Starts nginx, and beside it a watch over the certificates' Secrets: a new certificate becomes the one that nginx reads at
 * each handshake when nginx accepts it. A Secret that does not fit is named in the log and the old certificate stays;
 * without one that fits the container does not start.
 *
 * `cd -P` stays in one version of the volume while the kubelet puts a new one in its place, so certificate and key
 * always belong together: https://kubernetes.io/docs/concepts/storage/volumes/#secret
 */
export const startSh = (names: readonly CertificateName[]): string => `set -u
umask 077

version() {
  readlink ${secretOf('$1')}/..data
}

# note NAME: when the certificate ends, for the collector; what cannot be told keeps no server from starting
note() {
  if end=$(openssl x509 -in ${PEM_FOLDER}/$1.pem -noout -enddate) && end=$(date -d "\${end#*=}" +%s); then
    echo "web_certificate_not_after_seconds{certificate=\\"$1\\"} $end" > ${FIGURES_FOLDER}/$1.figure
    { echo '# TYPE web_certificate_not_after_seconds gauge'; cat ${FIGURES_FOLDER}/*.figure; } > ${FIGURES_FOLDER}/next
    mv ${FIGURES_FOLDER}/next ${FIGURES_FOLDER}/metrics
  else
    echo "certificate $1: no openssl here that tells when it ends" >&2
  fi
}

take() {
  version "$1" > ${SEEN}-$1
  (cd -P ${secretOf('$1')}/..data && cat tls.crt && echo && cat tls.key) > ${NEXT} &&
    nginx -t -q -c ${CONF_PATH}/certificate.conf &&
    mv ${NEXT} ${PEM_FOLDER}/$1.pem &&
    note "$1" &&
    echo "certificate $1: $(cat ${SEEN}-$1) taken" >&2
}

watch() {
  while sleep ${LOOK_SECONDS}; do
    for name in "$@"; do
      [ "$(version "$name")" = "$(cat ${SEEN}-$name)" ] || take "$name" ||
        echo "certificate $name: $(cat ${SEEN}-$name) does not fit, the one before stays" >&2
    done
  done
}

awk '/^nameserver/ { name = $2; if (name ~ /:/) name = "[" name "]"; print "server " name ":53;" }' /etc/resolv.conf > ${NAME_SERVERS} || exit 1

rm -f ${DRAINING}
mkdir -p ${FIGURES_FOLDER}
for name in ${names.join(' ')}; do
  take "$name" || exit 1
done
watch ${names.join(' ')} &
exec nginx -c ${CONF_PATH}/nginx.conf -g 'daemon off;'
`;

/** A configuration for `nginx -t` alone: accepts what nginx could serve. */
export const certificateConf = (): string => `pid /tmp/certificate.pid;
error_log /dev/stderr warn;
events {}
http {
  ${TEMPORARY_FILES.join('\n  ')}
  server {
    listen unix:/tmp/certificate.sock ssl;
    ssl_certificate ${NEXT};
    ssl_certificate_key ${NEXT};
  }
}
`;
