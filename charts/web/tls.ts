import type { Config } from '../../config/schema';
import { answerHeaders } from './answer-headers';
import { PEM_PATH } from './paths';

/**
 * Mozilla's server side TLS guidelines 6.0, cipher for cipher; nginx's default order of TLS 1.3 ciphers is the same.
 * @see https://ssl-config.mozilla.org/guidelines/6.0.json
 */
const PROFILES = {
  modern: { protocols: 'TLSv1.3', ciphers: [] },
  intermediate: {
    protocols: 'TLSv1.2 TLSv1.3',
    ciphers: [
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-RSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-CHACHA20-POLY1305',
      'ECDHE-RSA-CHACHA20-POLY1305',
    ],
  },
};

/** Key exchange of both profiles: post-quantum first. nginx does not start with an OpenSSL that lacks it (before 3.5). */
const CURVES = ['X25519MLKEM768', 'X25519', 'prime256v1', 'secp384r1'];

/** TLS settings towards visitors. Why there are no session tickets: docs/decisions/tls-resumption.md. */
export function tlsLines({ tls }: Config): string[] {
  const { protocols, ciphers } = PROFILES[tls.profile];
  return [
    'ssl_certificate $site_pem;',
    'ssl_certificate_key $site_pem;',
    'ssl_certificate_cache max=4 valid=1s;',
    `ssl_protocols ${protocols};`,
    ...(ciphers.length > 0 ? [`ssl_ciphers ${ciphers.join(':')};`] : []),
    `ssl_ecdh_curve ${CURVES.join(':')};`,
    'ssl_prefer_server_ciphers off;',
    'ssl_session_cache shared:tls:4m;',
    'ssl_session_timeout 1h;',
    'ssl_session_tickets off;',
  ];
}

/** The file that nginx serves as certificate and key: a variable, read at the handshake, so a new one needs no reload. */
export const certificateVariable = (): string[] => ['map $ssl_server_name $site_pem {', `  default ${PEM_PATH};`, '}'];

/** Headers of every response, including errors and static files. */
export function securityHeaders(config: Config): string[] {
  const { hsts } = config.tls;
  const strict = [
    `max-age=${hsts.maxAge}`,
    ...(hsts.includeSubDomains ? ['includeSubDomains'] : []),
    ...(hsts.preload ? ['preload'] : []),
  ];
  const headers = {
    'Strict-Transport-Security': `"${strict.join('; ')}"`,
    ...answerHeaders(config),
  };
  return Object.entries(headers).map(([name, value]) => `add_header ${name} ${value} always;`);
}
