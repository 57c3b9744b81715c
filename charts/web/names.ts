import type { Config } from '../../config/schema';

/** What happens to a request by its host name; empty where the site is served. */
const ANSWER = '$answer_to_name';

/**
 * The size of a map's buckets where host names are in one: nginx refuses to start with a name longer than a bucket, 46
 * characters by default, and a name may have 253. It has to stand before the first map.
 */
export const nameSize = (config: Config): string[] => (nameMap(config).length > 0 ? ['map_hash_bucket_size 512;'] : []);

/** The map of host names; nothing where every name is served. */
export function nameMap({ domain, aliases, web }: Config): string[] {
  const redirected = web.aliases === 'redirect' ? aliases : [];
  if (redirected.length === 0 && web.unknownHosts === 'serve') return [];
  const served = [domain, ...(web.aliases === 'serve' ? aliases : [])];
  const others = { serve: '""', redirect: 'redirect', refuse: 'refuse' }[web.unknownHosts];
  return [
    `map $host ${ANSWER} {`,
    `  default ${others};`,
    ...served.map((name) => `  ${keyOf(name)} "";`),
    ...redirected.map((name) => `  ${keyOf(name)} redirect;`),
    '}',
  ];
}

/** A name as a map has it: its own words need a backslash. @see https://nginx.org/en/docs/http/ngx_http_map_module.html#map */
const keyOf = (name: string): string => (/^(default|hostnames|include|volatile)$/.test(name) ? `\\${name}` : name);

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
