import { haproxyCfg, maxConnections } from '../../charts/load-balancer/haproxy-cfg';
import { nginxConf } from '../../charts/web/nginx-conf';
import { configFrom } from '../support/configs';

/** The lines of one section. */
const section = (text: string, header: string): string =>
  text.split(/\n\n/).find((part) => part.startsWith(header)) ?? '';

test('web servers are found by the SRV records of their headless Service and get the PROXY header', () => {
  expect(section(haproxyCfg(configFrom('name: shop')), 'backend web')).toMatchInlineSnapshot(`
"backend web
  balance leastconn
  option httpchk
  http-check send meth GET uri /healthz ver HTTP/1.1 hdr Host www.example.org
  http-check expect status 200
  default-server resolvers cluster resolve-prefer ipv4 init-addr none send-proxy-v2 proxy-v2-options unique-id check check-send-proxy check-ssl check-sni www.example.org verify none inter 2s fastinter 500ms downinter 1s fall 2 rise 1
  server-template web 10 _https._tcp.web.shop.svc.cluster.local"
`);
});

test('there are slots for twice the web servers, so a rolling update never lacks one', () => {
  expect(haproxyCfg(configFrom('web: { replicas: 30 }'))).toMatch('server-template web 60 ');
  expect(haproxyCfg(configFrom('web: { autoscaling: { maxReplicas: 20 } }'))).toMatch('server-template web 40 ');
});

test('plain http answers a redirect and nothing else', () => {
  expect(section(haproxyCfg(configFrom()), 'frontend http\n')).toMatchInlineSnapshot(`
"frontend http
  mode http
  bind :8080
  timeout client 10s
  timeout http-request 5s
  http-request redirect scheme https code 301"
`);
});

test('TLS is never opened: no certificate, no key, no ssl bind', () => {
  const binds = haproxyCfg(configFrom()).match(/^ *bind .*$/gm);
  expect(binds).toHaveLength(3);
  for (const bind of binds ?? []) expect(bind).not.toMatch(/ssl|crt/);
});

test('connections are capped by the memory limit, and at least 100', () => {
  const limit = (memory: string) =>
    maxConnections(
      configFrom(
        `loadBalancer: { resources: { requests: { cpu: 50m, memory: 16Mi }, limits: { cpu: "1", memory: ${memory} } } }`,
      ),
    );
  expect([limit('32Mi'), limit('128Mi'), limit('256Mi'), limit('4Gi')]).toEqual([100, 2048, 5324, 8000]);
});

test('a web server closes a connection in use well before a load balancer that stops would cut it', () => {
  const seconds = (text: string, setting: RegExp) => Number(setting.exec(text)?.[1]);
  const used = seconds(nginxConf(configFrom()), /keepalive_time (\d+)s/);
  const cut = seconds(haproxyCfg(configFrom()), /hard-stop-after (\d+)s/);
  expect(used).toBeGreaterThan(30);
  expect(cut - used).toBeGreaterThanOrEqual(20);
});

test('a connection has its id before the PROXY header is written', () => {
  const frontend = section(haproxyCfg(configFrom()), 'frontend https');
  expect(frontend.indexOf('set-var(sess.connection_id) unique-id')).toBeGreaterThan(0);
  expect(frontend.indexOf('set-var(sess.connection_id)')).toBeLessThan(frontend.indexOf('content accept'));
});
