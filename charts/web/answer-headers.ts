import { isOwnImage } from '../../config/app-facts';
import type { Config } from '../../config/schema';
import { uploadMaps } from './own-files';

/** The sample site's policy: nothing from other origins, no frames, no plug-ins. */
const STRICT = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

const REFERRER = 'strict-origin-when-cross-origin';

/** Which side sets the Content-Security-Policy. @default - `app` where an image serves the site */
export const policyOf = ({ app, web }: Config): string =>
  web.contentSecurityPolicy ?? (isOwnImage(app) ? 'app' : 'strict');

/** The Content-Security-Policy that web servers add to every answer, undefined if the app sets it. */
export function contentSecurityPolicy(config: Config): string | undefined {
  const policy = policyOf(config);
  return policy === 'app' ? undefined : policy === 'strict' ? STRICT : policy;
}

/** Headers of every response, by name; values in nginx's syntax. */
export function answerHeaders(config: Config): Record<string, string> {
  const policy = contentSecurityPolicy(config);
  const { frameOptions } = config.web;
  return {
    ...(policy ? { 'Content-Security-Policy': `"${policy}"` } : {}),
    ...(frameOptions === 'app' ? {} : { 'X-Frame-Options': frameOptions }),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': isOwnImage(config.app) ? '$referrer_policy' : REFERRER,
  };
}

/** A header that web servers add if the app's response lacks it: nginx omits a header without a value. */
export const answerMaps = (config: Config): string[] => [
  ...uploadMaps(config),
  ...(isOwnImage(config.app)
    ? ['map $upstream_http_referrer_policy $referrer_policy {', `  "" ${REFERRER};`, '  default "";', '}']
    : []),
];

/** Headers of the app's responses that the web server replaces. */
export const headersOfApp = (config: Config, module: 'proxy' | 'fastcgi'): string[] => [
  '# already set for every answer; avoids duplicates',
  ...[
    'X-Content-Type-Options',
    'X-Request-Id',
    ...(isOwnImage(config.app)
      ? [
          'Strict-Transport-Security',
          ...(contentSecurityPolicy(config) ? ['Content-Security-Policy'] : []),
          ...(config.web.frameOptions === 'app' ? [] : ['X-Frame-Options']),
        ]
      : []),
  ].map((name) => `${module}_hide_header ${name};`),
];
