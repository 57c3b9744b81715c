import { securityHeaders } from '../../charts/web/tls';
import { SECURITY_HEADERS } from '../../site/static-files';
import { configOf } from '../support/configs';

test('development sends the headers that Nginx adds in production', () => {
  const lines = securityHeaders(configOf({}));
  const headers = lines.map((line) => /^add_header (\S+) "?(.*?)"? always;$/.exec(line)?.slice(1) ?? [line]);
  const { 'Strict-Transport-Security': hsts, ...rest } = Object.fromEntries(headers);
  expect(hsts).toMatch(/^max-age=/);
  expect(SECURITY_HEADERS).toEqual(rest);
});
