import { servesImage } from '../../config/app-facts';
import { bytes } from '../../config/fields';
import type { Config } from '../../config/schema';
import { headersOfApp } from './answer-headers';
import { spooledBytes } from './connections';
import { microCacheLines } from './micro-cache';
import { ASK_APP, rootSeen } from './own-files';
import { passLines, proxyLines } from './proxy';
import { failoverLines } from './upstream';
import { visitor } from './visitor';
import { answerLines, wayErrorPages, wayLocations } from './ways';

/** Locations that lead to the app. */
export const appLocations = (config: Config): string[] =>
  config.app.protocol === 'fastcgi' ? fastcgiLocations(config) : httpLocations(config);

const block = (open: string, lines: readonly string[]): string[] => [open, ...lines.map((line) => `  ${line}`), '}'];

function httpLocations(config: Config): string[] {
  const pass = passLines(config);
  const { metrics, port } = config.app;
  return [
    ...proxyLines(config),
    ...wayErrorPages(),
    ...wayLocations(pass, microCacheLines(config)),
    ...(servesImage(config.app) ? block(`location ${ASK_APP} {`, [...pass, 'proxy_request_buffering off;']) : []),
    ...(metrics?.port === port ? block(metricsLocation(metrics.path), ['return 404;']) : []),
  ];
}

/**
 * Metrics are for the collector only. Frameworks answer more than the path as it is written: Express and Laravel with a
 * slash at its end, Express in upper case, Spring and Tomcat with parameters after ";".
 */
const metricsLocation = (path: string): string => `location ~* "^${path.replaceAll('.', '\\.')}/*(;|$)" {`;

/**
 * A front controller: files are served, scripts that exist are run, every other path is the index file's.
 * A script exists only if the web server sees it in the code volume or the image: visitors' uploads are never run.
 * @see https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html
 */
function fastcgiLocations(config: Config): string[] {
  const { root = '', index = 'index.php' } = config.app;
  const extension = index.slice(index.lastIndexOf('.') + 1);
  const params = {
    SCRIPT_FILENAME: `${root}$fastcgi_script_name`,
    DOCUMENT_ROOT: root,
    HTTPS: 'on',
    REQUEST_SCHEME: 'https',
    SERVER_NAME: config.domain,
    SERVER_PORT: '443',
    HTTP_HOST: '$host',
    REMOTE_ADDR: visitor(config).address,
    HTTP_X_FORWARDED_FOR: visitor(config).address,
    HTTP_X_FORWARDED_PROTO: 'https',
    HTTP_X_FORWARDED_HOST: '$host',
    HTTP_X_FORWARDED_PORT: '443',
    HTTP_FORWARDED: '"for=$forwarded_for;proto=https"',
    HTTP_X_REQUEST_ID: '$request_id',
    HTTP_X_WEB_SERVER: '$hostname',
    // https://httpoxy.org
    HTTP_PROXY: '""',
  };
  return [
    ...block('location / {', [
      `root ${rootSeen(config.app)};`,
      `index ${index};`,
      `try_files $uri $uri/ /${index}$is_args$args;`,
    ]),
    '# settings, version control: no visitor has business there',
    ...block('location ~ /\\.(?!well-known/) {', ['return 404;']),
    ...block(`location ~ \\.${extension}(/|$) {`, [
      `root ${rootSeen(config.app)};`,
      `fastcgi_split_path_info ^(.+?\\.${extension})(/.*)?$;`,
      'set $path_info $fastcgi_path_info;',
      'try_files $fastcgi_script_name =404;',
      'gzip off;',
      'include /etc/nginx/fastcgi_params;',
      ...Object.entries(params).map(([name, value]) => `fastcgi_param ${name} ${value};`),
      'fastcgi_param PATH_INFO $path_info;',
      'fastcgi_pass app;',
      ...headersOfApp(config, 'fastcgi'),
      `fastcgi_read_timeout ${config.app.timeoutSeconds}s;`,
      `fastcgi_send_timeout ${config.app.timeoutSeconds}s;`,
      // a body that could exceed the spool limit is passed on as it arrives
      ...(bytes(config.limits.bodySize) > spooledBytes(config) ? ['fastcgi_request_buffering off;'] : []),
      // the same headers for both protocols
      ...[...answerLines(config), ...failoverLines(config)].map((line) => line.replace('proxy_', 'fastcgi_')),
    ]),
  ];
}
