import { haproxyCfg } from '../../charts/load-balancer/haproxy-cfg';
import { appGraceSeconds, DRAIN_SECONDS } from '../../charts/seconds';
import { requestsAtOnce, workerConnections } from '../../charts/web/connections';
import { nginxConf } from '../../charts/web/nginx-conf';
import { configFrom } from '../support/configs';
import { synthesize } from '../support/manifests';
import { conf, object } from '../support/web';

test('no failure of all app servers together leaves none to ask, ready or not, and a lost one is still left', () => {
  const servers = /upstream app \{([\s\S]*?)\}/.exec(conf())?.[1]?.match(/server .*;/g);
  expect(servers).toEqual([
    'server app-pods.foobar.svc.cluster.local:8080 resolve max_fails=1 fail_timeout=10s;',
    'server app-pods-all.foobar.svc.cluster.local:8080 resolve max_fails=0 backup;',
  ]);
  const service = (name: string) =>
    synthesize(configFrom()).find(({ kind, metadata }) => kind === 'Service' && metadata.name === name)?.spec;
  expect(service('app-pods-all')).toEqual({ ...service('app-pods'), publishNotReadyAddresses: true });
});

test('a request is asked again where its connection failed, and of a POST only when nothing of it was sent', () => {
  const text = conf();
  expect(text).toMatch('proxy_next_upstream error timeout;');
  expect(text).toMatch('proxy_connect_timeout 1s;');
  expect(text).not.toMatch('non_idempotent');
});

test('one client cannot take all connections to app servers', () => {
  expect(conf('limits: { requestsAtOncePerClient: 40 }')).toMatch('limit_conn running 40;');
  const { limits } = configFrom();
  expect(4 * limits.requestsAtOncePerClient).toBeLessThan(requestsAtOnce(configFrom()));
});

test('connections are as many as fit into the memory limit, whatever else needs of it', () => {
  const most = (yaml: string) => workerConnections(configFrom(yaml));
  expect(most('')).toBe(2274);
  expect(most('web: { microCache: { size: 32Mi } }')).toBe(1820);
  expect(most("web: { resources: { limits: { cpu: '2', memory: 192Mi } } }")).toBe(1080);
  expect(most("web: { resources: { limits: { cpu: '1', memory: 48Mi } } }")).toBe(256);
  expect(most("web: { resources: { limits: { cpu: '1', memory: 4Gi } } }")).toBe(8000);
  expect(most('limits: { headerSize: 16Ki, answerHeaderSize: 64Ki }')).toBe(1462);
  expect(conf()).toMatch('limit_conn all 1137;');
});

describe.each([5, 30, 300])('with %d s as the longest answer', (seconds) => {
  const yaml = `app: { timeoutSeconds: ${seconds} }`;
  const number = (text: string, setting: RegExp) => Number(setting.exec(text)?.[1]);
  const lasting = configFrom(yaml);

  test('web servers wait as long for one, and longer when they stop', () => {
    const text = nginxConf(lasting);
    expect(number(text, /proxy_read_timeout (\d+)s/)).toBe(seconds);
    const shutdown = number(text, /worker_shutdown_timeout (\d+)s/);
    expect(shutdown).toBeGreaterThan(seconds);
    const { terminationGracePeriodSeconds } = object('Deployment', yaml).spec.template.spec;
    expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(DRAIN_SECONDS + shutdown + 5);
    expect(number(text, /proxy_next_upstream_timeout (\d+)s/)).toBeLessThanOrEqual(seconds);
  });

  test('load balancers and app servers wait longer', () => {
    const text = haproxyCfg(lasting);
    for (const side of ['client', 'server']) {
      expect(number(text, new RegExp(`timeout ${side} (\\d+)s`))).toBeGreaterThan(Math.max(65, seconds));
    }
    const used = number(nginxConf(lasting), /keepalive_time (\d+)s/);
    expect(number(text, /hard-stop-after (\d+)s/)).toBeGreaterThanOrEqual(used + seconds - 5);
    expect(appGraceSeconds(lasting)).toBeGreaterThanOrEqual(8 + seconds);
  });
});

test('what app servers answer is not compressed: it may hold secrets beside text of the visitor', () => {
  const asking =
    conf()
      .match(/^ {4}location [\s\S]*?^ {4}\}/gm)
      ?.filter((text) => text.includes('proxy_pass')) ?? [];
  expect(asking).toHaveLength(3);
  for (const text of asking) expect(text).toMatch('gzip off;');
});

describe('mutual TLS to the app servers', () => {
  const REENCRYPT = 'name: shop\ntls: { reencrypt: app }';

  test('is off unless it is asked for', () => {
    expect(conf()).toMatch('proxy_pass http://app;');
    expect(conf()).not.toMatch('proxy_ssl');
  });

  test('verifies the name of the app servers and shows a certificate that is read at the handshake', () => {
    expect(
      conf(REENCRYPT).match(/^ *(proxy_pass|proxy_ssl_(name|verify|trusted|certificate|protocols)) .*$/gm),
    ).toEqual(
      expect.arrayContaining([
        '      proxy_pass https://app;',
        '    proxy_ssl_verify on;',
        '    proxy_ssl_name app.shop.svc;',
        '    proxy_ssl_certificate $client_pem;',
        '    proxy_ssl_protocols TLSv1.3;',
      ]),
    );
    expect(object('Deployment', REENCRYPT).spec.template.spec.containers[0].command.slice(2)).toEqual([
      'site',
      'client',
    ]);
  });
});
