import { nginxConf } from '../../charts/web/nginx-conf';
import { parseConfig } from '../../config';

const conf = (yaml = '') => nginxConf(parseConfig(`domain: www.example.org\n${yaml}`, 'test.yaml'));

test('TLS follows the chosen Mozilla profile', () => {
  expect(conf()).toMatch('ssl_protocols TLSv1.2 TLSv1.3;');
  const modern = conf('tls: { profile: modern }');
  expect(modern).toMatch('ssl_protocols TLSv1.3;');
  expect(modern).not.toMatch('ssl_ciphers');
});

test('the client address is taken from the PROXY header, and believed from pods alone', () => {
  const text = conf('cluster: { podCidrs: [10.1.0.0/16, 10.2.0.0/16] }');
  expect(text.match(/^ *(real_ip|set_real_ip|proxy_set_header X-(Real|Forw)).*$/gm)).toMatchInlineSnapshot(`
[
  "    set_real_ip_from 10.1.0.0/16;",
  "    set_real_ip_from 10.2.0.0/16;",
  "    real_ip_header proxy_protocol;",
  "      proxy_set_header X-Real-IP $remote_addr;",
  "      proxy_set_header X-Forwarded-For $remote_addr;",
  "      proxy_set_header X-Forwarded-Proto https;",
]
`);
});

test('every way in from the network has a PROXY header or is the plain port of figures and probes', () => {
  expect(conf().match(/^ *listen .*$/gm)).toMatchInlineSnapshot(`
[
  "    listen 8443 ssl proxy_protocol;",
  "    listen 8081;",
]
`);
});

test('the access log holds no cookie, no authorization and no query string', () => {
  const format = /log_format json.*$/m.exec(conf())?.[0] ?? '';
  expect(format).toMatch('"request_id"');
  expect(format).not.toMatch(/cookie|authorization|\$request\b|\$request_uri|\$args|\$query_string/i);
});

test('there are as many workers as the CPU limit has cores', () => {
  expect(conf('web: { resources: { limits: { cpu: 1500m, memory: 256Mi } } }')).toMatch('worker_processes 2;');
});
