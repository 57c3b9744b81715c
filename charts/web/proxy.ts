import { isOwnImage } from '../../config/app-facts';
import type { Config } from '../../config/schema';
import { headersOfApp } from './answer-headers';
import { appScheme, reencryptLines } from './reencrypt';
import { failoverLines } from './upstream';
import { visitor } from './visitor';
import { answerLines } from './ways';

/**
 * The client's address for `Forwarded`: IPv6 in quotes and brackets.
 * @param address variable with the address
 * @see https://www.rfc-editor.org/rfc/rfc7239#section-6
 */
export const forwardedVariable = (address: string): string[] => [
  `map ${address} $forwarded_for {`,
  '  default unknown;',
  `  "~^[0-9.]+$" ${address};`,
  `  "~^[0-9A-Fa-f:.]+$" '"[${address}]"';`,
  '}',
];

/** WebSocket alone: an app server that accepts `h2c` would bypass all rules of nginx. */
export const upgradeVariables = (): string[] => [
  'map $http_upgrade $app_upgrade {',
  '  default "";',
  '  "~*^websocket$" websocket;',
  '}',
  'map $app_upgrade $app_connection {',
  '  default upgrade;',
  '  "" "";',
  '}',
];

/** Request headers for app servers; a visitor's headers of the same names are replaced. */
const requestHeaders = (address: string) => ({
  Connection: '$app_connection',
  Upgrade: '$app_upgrade',
  Host: '$host',
  'X-Real-IP': address,
  'X-Forwarded-For': address,
  'X-Forwarded-Proto': 'https',
  Forwarded: '"for=$forwarded_for;proto=https"',
  'X-Request-Id': '$request_id',
  'X-Connection-Id': '$proxy_protocol_tlv_unique_id',
  'X-Web-Server': '$hostname',
});

/** Frameworks trust these; a visitor must not set them. */
const OF_IMAGES = {
  'X-Forwarded-Host': '$host',
  'X-Forwarded-Port': '443',
  'X-Forwarded-Prefix': '""',
  // https://httpoxy.org
  Proxy: '""',
};

/**
 * Settings of every location that passes to app servers; the locations inherit them.
 * @see https://nginx.org/en/docs/http/websocket.html
 */
export const proxyLines = (config: Config): string[] => [
  'proxy_http_version 1.1;',
  ...Object.entries({
    ...requestHeaders(visitor(config).address),
    ...(isOwnImage(config.app) ? OF_IMAGES : {}),
  }).map(([name, value]) => `proxy_set_header ${name} ${value};`),
  ...headersOfApp(config, 'proxy'),
  ...reencryptLines(config),
  ...answerLines(config),
  `proxy_read_timeout ${config.app.timeoutSeconds}s;`,
  `proxy_send_timeout ${config.app.timeoutSeconds}s;`,
  ...failoverLines(config),
];

/** Target of requests, in each location that passes to the app. */
export const passLines = (config: Config): string[] => [
  '# secrets beside text that a visitor chose must not be compressed together: https://www.breachattack.com',
  'gzip off;',
  `proxy_pass ${appScheme(config)}://app;`,
];
