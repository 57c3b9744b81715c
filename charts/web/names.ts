import type { Config } from '../../config/schema';

/** What happens to a request by its host name; empty where the site is served. */
const ANSWER = '$answer_to_name';

/** The map of host names; nothing where every name is served. */
export function nameMap({ domain, aliases, web }: Config): string[] {
  const redirected = web.aliases === 'redirect' ? aliases : [];
  if (redirected.length === 0 && web.unknownHosts === 'serve') return [];
  const served = [domain, ...(web.aliases === 'serve' ? aliases : [])];
  const others = { serve: '""', redirect: 'redirect', refuse: 'refuse' }[web.unknownHosts];
  return [
    `map $host ${ANSWER} {`,
    `  default ${others};`,
    ...served.map((name) => `  ${name} "";`),
    ...redirected.map((name) => `  ${name} redirect;`),
    '}',
  ];
}

/**
 * Responses to names that are not the site's. 308 keeps the method of a request, as 301 does not; 421 tells a browser
 * that reused a connection for another name to open a new one: https://www.rfc-editor.org/rfc/rfc9110#section-15.5.20
 */
export function nameLines(config: Config): string[] {
  if (nameMap(config).length === 0) return [];
  return [
    `if (${ANSWER} = redirect) {`,
    `  return 308 https://${config.domain}$request_uri;`,
    '}',
    `if (${ANSWER} = refuse) {`,
    '  return 421 "no site of this name is served here\\n";',
    '}',
  ];
}
