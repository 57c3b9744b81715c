import { isOwnImage } from '../../config/app-facts';
import type { Config } from '../../config/schema';

/** Retry-After of the maintenance page, in seconds. */
const RETRY_AFTER_SECONDS = 10;

/** Title and sentence of the web server's own error pages. */
const PAGES: Readonly<Record<number, readonly [title: string, sentence: string]>> = {
  400: ['The request was not understood', 'Check the address and try again.'],
  403: ['This is not open to you', 'The address is right, the door is shut.'],
  404: ['There is nothing here', 'The address may be mistyped, or the page has moved.'],
  405: ['This address takes no such request', 'Go back and try another way.'],
  413: ['That is too large', 'Send less at once.'],
  414: ['The address is too long', 'Shorten it and try again.'],
  429: ['Too many requests', 'Wait a moment and try again.'],
  431: ['The request header is too large', 'Delete the cookies of this site and try again.'],
  500: ['Something went wrong', 'It is not your fault. Try again in a moment.'],
  503: ['Back in a moment', 'The site is being looked after. This page tries again by itself.'],
};

/** Statuses with a page of the same number; `errorPageLines` has the others. */
const AS_THEY_ARE = [400, 403, 404, 405, 413, 414, 429, 500];

/** Internal path of the pages; visitors cannot request it. */
const LOCATION = '/error-pages/';

/** The pages as files by name: HTML in the site's style, and JSON as the app's own errors are. No script, no version. */
export const errorPages = (config: Config): Record<string, string> =>
  Object.fromEntries(
    Object.entries(PAGES).flatMap(([status, [title, sentence]]) => [
      [`${status}.html`, page(config, title, sentence, status === '503')],
      [`${status}.json`, `${JSON.stringify({ error: title.toLowerCase() })}\n`],
    ]),
  );

/** The sample site's files; pages of another app are plain, because its paths are unknown here. */
const lookOf = ({ app }: Config): string =>
  isOwnImage(app)
    ? `<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem;color-scheme:light dark}</style>`
    : `<link rel="icon" href="/static/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/app.css">`;

const page = (config: Config, title: string, sentence: string, again: boolean): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${again ? `<meta http-equiv="refresh" content="${RETRY_AFTER_SECONDS}">\n` : ''}<title>${title}</title>
${lookOf(config)}
</head>
<body>
<main>
<section>
<h1>${title}</h1>
<p>${sentence}</p>
<p><a href="/">${config.domain}</a></p>
</section>
</main>
</body>
</html>
`;

/** Requested path without its query: on an error `$uri` is the path of the error page. */
export const ASKED_PATH = '$asked_path';

/** Chooses HTML or JSON, and Retry-After. Browsers accept HTML when they open a page, programs do not. */
export const errorMaps = (): string[] => [
  'map $http_accept $error_form {',
  '  default json;',
  '  "~text/html" html;',
  '}',
  `map $request_uri ${ASKED_PATH} {`,
  '  default $uri;',
  '  "~^(?<before_query>[^?]*)" $before_query;',
  '}',
  'map $status $retry_after {',
  '  default "";',
  '  429 1;',
  `  503 ${RETRY_AFTER_SECONDS};`,
  '}',
];

/**
 * Errors of the web server itself; an app server's errors pass unchanged. 494 is nginx's status for a header that is
 * too large, 497 for plain http where TLS is spoken, 502 and 504 mean that no app server answered.
 * @param folder folder with the pages
 * @see https://nginx.org/en/docs/http/ngx_http_ssl_module.html#errors
 */
export const errorPageLines = (folder: string): string[] => [
  ...AS_THEY_ARE.map((status) => `error_page ${status} ${LOCATION}${status}.$error_form;`),
  `error_page 494 =431 ${LOCATION}431.$error_form;`,
  `error_page 497 =400 ${LOCATION}400.$error_form;`,
  `error_page 502 504 =503 ${LOCATION}503.$error_form;`,
  `location ^~ ${LOCATION} {`,
  '  internal;',
  `  alias ${folder}/;`,
  '  # asked again here, a body that is too large would find no page',
  '  client_max_body_size 0;',
  '  add_header_inherit merge;',
  '  add_header Retry-After $retry_after always;',
  '  add_header Cache-Control no-store always;',
  '  add_header Vary Accept always;',
  '}',
];
