import { bytes } from '../../config/fields';
import type { Config } from '../../config/schema';
import { MICRO_CACHE_PATH } from './paths';

/** Largest answer that is kept, in digits of its Content-Length: below 1 MB. One of unknown length is not kept. */
const DIGITS = 6;

/** Addresses as long as this are not kept. */
const LONGEST_ADDRESS = 1000;

/** Milliseconds that visitors wait for an answer that another one is getting; then each asks an app server. */
const PATIENCE = 100;

type Web = Pick<Config, 'web'>;

/**
 * The cache itself. Half of its memory is for what is kept and half for what arrives meanwhile: nginx looks at the sum
 * only now and then, and a full volume would break answers.
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
 * What is asked of the cache: GET and HEAD, by host, path and query. nginx keeps no answer that has Set-Cookie or whose
 * Cache-Control says no-store, no-cache or private, and tells answers apart by what their Vary names. One request at a
 * time goes to an app server for the same answer; meanwhile the one before is given, so none is older than `seconds`
 * and the time of one answer. Where there is none before, the others wait, but not for long: nginx has them wait for
 * answers as well that will turn out not to be kept, in steps of half a second.
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
