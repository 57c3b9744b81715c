import { CONF_PATH, DRAINING, PEM_PATH, RESOLVER, TEMPORARY_FILES, TLS_PATH } from './paths';

/** Seconds between two looks at the Secret: what rotation costs beyond the kubelet's own delay. */
const LOOK_SECONDS = 2;

/** Certificate and key that wait for nginx to accept them. */
const NEXT = `${PEM_PATH}.next`;

/**
 * Starts nginx, and beside it a watch over the site's Secret: a new certificate becomes the one that nginx reads at each
 * handshake when nginx accepts it. A Secret that does not fit is named in the log and the old certificate stays;
 * without any that fits the container does not start.
 *
 * `cd -P` stays in one version of the volume while the kubelet puts a new one in its place, so certificate and key
 * always belong together: https://kubernetes.io/docs/concepts/storage/volumes/#secret
 */
export const startSh = (): string => `set -u
umask 077

take() {
  (cd -P ${TLS_PATH}/..data && cat tls.crt && echo && cat tls.key) > ${NEXT} &&
    nginx -t -q -c ${CONF_PATH}/certificate.conf &&
    mv ${NEXT} ${PEM_PATH} &&
    echo "certificate of the site: $1 taken" >&2
}

watch() {
  while sleep ${LOOK_SECONDS}; do
    version=$(readlink ${TLS_PATH}/..data)
    if [ "$version" != "$seen" ]; then
      take "$version" || echo "certificate of the site: $version does not fit, the one before stays" >&2
      seen=$version
    fi
  done
}

# answers count for 2 s, whatever the DNS server says
awk '/^nameserver/ { name = $2; if (name ~ /:/) name = "[" name "]"; names = names " " name }
  END { print "resolver" names " valid=2s ipv6=off;"; print "resolver_timeout 2s;" }' /etc/resolv.conf > ${RESOLVER} || exit 1

rm -f ${DRAINING}
seen=$(readlink ${TLS_PATH}/..data)
take "$seen" || exit 1
watch &
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
