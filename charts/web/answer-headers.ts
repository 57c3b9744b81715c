import { isOwnImage } from '../../config/app-facts';
import type { Config } from '../../config/schema';
import { uploadMaps } from './own-files';

/** Nothing from elsewhere, no frames, no plug-ins: what the sample site needs. */
const STRICT = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

const REFERRER = 'strict-origin-when-cross-origin';

/** Who says what a page may load: `app` where an image serves the site, unless the environment says otherwise. */
export const policyOf = ({ app, web }: Config): string =>
  web.contentSecurityPolicy ?? (isOwnImage(app) ? 'app' : 'strict');

/** The Content-Security-Policy that web servers add to every answer, undefined where it is the app's. */
export function contentSecurityPolicy(config: Config): string | undefined {
  const policy = policyOf(config);
  return policy === 'app' ? undefined : policy === 'strict' ? STRICT : policy;
}

/** Headers of every answer, by name; values as nginx reads them. */
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

/** A header that web servers add where the app's answer has none: nginx leaves out a header without a value. */
export const answerMaps = (config: Config): string[] => [
  ...uploadMaps(config),
  ...(isOwnImage(config.app)
    ? ['map $upstream_http_referrer_policy $referrer_policy {', `  "" ${REFERRER};`, '  default "";', '}']
    : []),
];

/** Headers of the app's answers that give way to those of the web server. */
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
