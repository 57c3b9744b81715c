import { bytes } from '../../config/fields';
import type { Config } from '../../config/schema';
import { MICRO_CACHE_PATH } from './paths';

/** Largest cached response, in digits of its Content-Length: below 1 MB. A response of unknown length is not cached. */
const DIGITS = 6;

/** URLs of this length or longer are not cached. */
const LONGEST_ADDRESS = 1000;

/** Milliseconds that visitors wait for a response that another request is fetching; then each goes to an app server. */
const PATIENCE = 100;

type Web = Pick<Config, 'web'>;

/**
 * The cache. Half of its memory is for cached responses and half for arriving ones: nginx checks the sum
 * only periodically, and a full volume would break responses.
 */
export function microCacheZone({ web: { microCache } }: Web): string[] {
  if (!microCache) return [];
  const most = Math.floor(bytes(microCache.size) / 2);
  return [
    `proxy_cache_path ${MICRO_CACHE_PATH} levels=1:2 keys_zone=micro:1m max_size=${most} inactive=1m use_temp_path=off;`,
    '# a request that says who asks is never answered from the cache, and its answer is never kept',
    'map "$http_cookie$http_authorization$app_upgrade" $personal {',
    '  default 1;',
    '  "" "";',
    '}',
    '# the key stands before the answer, in one buffer of 4 KiB',
    'map $request_uri $micro_cache {',
    '  default micro;',
    `  "~^.{${LONGEST_ADDRESS}}" off;`,
    '}',
    'map $upstream_http_content_length $unkept {',
    '  default 1;',
    `  "~^\\d{1,${DIGITS}}$" "";`,
    '}',
  ];
}

/**
 * What is cached: GET and HEAD, by host, path and query. nginx caches no response that has Set-Cookie or whose
 * Cache-Control says no-store, no-cache or private, and distinguishes responses by their Vary. One request at a
 * time goes to an app server for the same response; meanwhile the previous one is served, so none is older than
 * `seconds` plus the time of one response. Without a previous one, the others wait briefly: nginx also makes them wait
 * for responses that turn out not to be cacheable, in steps of half a second.
 * @see https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_cache_valid
 */
export function microCacheLines({ web: { microCache } }: Web): string[] {
  if (!microCache) return [];
  return [
    'proxy_cache $micro_cache;',
    'proxy_cache_key $host$request_uri;',
    `proxy_cache_valid 200 301 404 ${microCache.seconds}s;`,
    'proxy_cache_bypass $personal;',
    'proxy_no_cache $personal $unkept;',
    'proxy_cache_lock on;',
    `proxy_cache_lock_timeout ${PATIENCE}ms;`,
    'proxy_cache_use_stale updating;',
    'add_header_inherit merge;',
    'add_header X-Cache-Status $upstream_cache_status always;',
  ];
}
