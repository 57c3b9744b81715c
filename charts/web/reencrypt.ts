import type { Config } from '../../config/schema';
import { nameInTls } from '../names';
import { CLIENT_CA_PATH, CLIENT_PEM_PATH } from './paths';

/** Protocol towards the app servers. */
export const appScheme = ({ tls }: Config): 'http' | 'https' => (tls.reencrypt === 'app' ? 'https' : 'http');

/** The web server's own certificate as a variable: read at the handshake, so a new one needs no reload. */
export const clientCertificateVariable = ({ tls }: Config): string[] =>
  tls.reencrypt === 'app' ? ['map $hostname $client_pem {', `  default ${CLIENT_PEM_PATH};`, '}'] : [];

/**
 * Mutual TLS to the app servers. The verified name is the Service's, whichever pod answers. The CA is read at
 * start only, so a new CA needs a rolling restart; a new certificate does not.
 * @see https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ssl_certificate
 */
export function reencryptLines(config: Config): string[] {
  if (appScheme(config) === 'http') return [];
  return [
    'proxy_ssl_protocols TLSv1.3;',
    'proxy_ssl_certificate $client_pem;',
    'proxy_ssl_certificate_key $client_pem;',
    'proxy_ssl_certificate_cache max=4 valid=1s;',
    `proxy_ssl_trusted_certificate ${CLIENT_CA_PATH};`,
    'proxy_ssl_verify on;',
    'proxy_ssl_verify_depth 2;',
    `proxy_ssl_name ${nameInTls('app', config)};`,
    'proxy_ssl_server_name on;',
  ];
}
