import { ASKED_PATH } from './error-pages';

/** The access log's fields: one JSON object a line, no cookie, no authorization, no query string. */
export const LOG_FIELDS = {
  time: '$time_iso8601',
  request_id: '$request_id',
  connection_id: '$proxy_protocol_tlv_unique_id',
  client: '$remote_addr',
  method: '$request_method',
  path: ASKED_PATH,
  protocol: '$server_protocol',
  status: '$status',
  bytes: '$body_bytes_sent',
  duration: '$request_time',
  upstream: '$upstream_addr',
  upstream_status: '$upstream_status',
  upstream_duration: '$upstream_response_time',
  tls: '$ssl_protocol',
  user_agent: '$http_user_agent',
};

/**
 * Access log on standard output, one line per request.
 * @param client variable with the visitor's address
 */
export function accessLogLines(client: string): string[] {
  const fields = Object.entries({ ...LOG_FIELDS, client }).map(([name, value]) => `"${name}":"${value}"`);
  return [
    `log_format json escape=json '{${fields.join(',')}}';`,
    '# a write for each request costs as much as the request; up to 4 KiB reach a pipe whole: pipe(7), PIPE_BUF',
    'access_log /dev/stdout json buffer=4k flush=1s;',
  ];
}
