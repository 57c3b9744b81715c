import { NEXT_PEM, TEMPORARY_FILES } from './paths';

/** A configuration for `nginx -t` only: it accepts a certificate that nginx can serve. */
export const certificateConf = (): string => `pid /tmp/certificate.pid;
error_log /dev/stderr warn;
events {}
http {
  ${TEMPORARY_FILES.join('\n  ')}
  server {
    listen unix:/tmp/certificate.sock ssl;
    ssl_certificate ${NEXT_PEM};
    ssl_certificate_key ${NEXT_PEM};
  }
}
`;
