import { PEM_PATH } from '../../charts/web/paths';
import { configFrom } from '../support/configs';
import { conf, object } from '../support/web';

test('TLS follows the chosen Mozilla profile', () => {
  expect(conf()).toMatch('ssl_protocols TLSv1.2 TLSv1.3;');
  expect(conf()).toMatch(/ssl_ciphers (ECDHE-(ECDSA|RSA)-(AES\d+-GCM-SHA\d+|CHACHA20-POLY1305):?){6};/);
  const modern = conf('tls: { profile: modern }');
  expect(modern).toMatch('ssl_protocols TLSv1.3;');
  expect(modern).not.toMatch('ssl_ciphers');
  for (const text of [conf(), modern]) expect(text).toMatch('ssl_ecdh_curve X25519MLKEM768:');
});

test.each([
  ['', 'max-age=86400'],
  ['tls: { hsts: { maxAge: 0 } }', 'max-age=0'],
  ['tls: { hsts: { includeSubDomains: true } }', 'max-age=86400; includeSubDomains'],
  [
    'tls: { hsts: { maxAge: 63072000, includeSubDomains: true, preload: true } }',
    'max-age=63072000; includeSubDomains; preload',
  ],
])('with "%s" browsers get Strict-Transport-Security "%s"', (yaml, value) => {
  expect(conf(yaml)).toMatch(`add_header Strict-Transport-Security "${value}" always;`);
});

test.each([
  ['preload: true, maxAge: 63072000', 'must be false where includeSubDomains is false'],
  ['preload: true, includeSubDomains: true', 'must be false where maxAge is below 31536000, a year'],
  ['maxAge: 63072001', '63072000'],
  ['maxAge: -1', '0'],
])('fails for hsts: { %s }', (yaml, fault) => {
  expect(() => configFrom(`tls: { hsts: { ${yaml} } }`)).toThrow(fault);
});

test('a location that adds a header of its own keeps those of every answer', () => {
  const locations = conf('web: { microCache: {} }').match(/^ {4}location [\s\S]*?^ {4}\}/gm) ?? [];
  const adding = locations.filter((text) => text.includes('add_header '));
  expect(adding).toHaveLength(2);
  for (const text of adding) expect(text).toMatch('add_header_inherit merge;');
});

test('the client address is taken from the PROXY header, and believed from pods alone', () => {
  const text = conf('cluster: { podCidrs: [10.1.0.0/16, 10.2.0.0/16] }');
  expect(text.match(/^ *(real_ip|set_real_ip|proxy_set_header (X-(Real|Forw)|Forwarded)).*$/gm)).toMatchInlineSnapshot(`
[
  "    set_real_ip_from 10.1.0.0/16;",
  "    set_real_ip_from 10.2.0.0/16;",
  "    real_ip_header proxy_protocol;",
  "    proxy_set_header X-Real-IP $remote_addr;",
  "    proxy_set_header X-Forwarded-For $remote_addr;",
  "    proxy_set_header X-Forwarded-Proto https;",
  "    proxy_set_header Forwarded "for=$forwarded_for;proto=https";",
]
`);
});

test('every way in from the network has a PROXY header or is the plain port of metrics and probes', () => {
  expect(conf().match(/^ *listen (?!127\.).*$/gm)).toMatchInlineSnapshot(`
[
  "    listen 8443 ssl proxy_protocol;",
  "    listen 8081;",
]
`);
});

test('names are looked up over a new socket each time, through a relay that only the pod itself reaches', () => {
  expect(conf().match(/^ *(resolver|listen 127|proxy_(pass name|requests|responses)).*$/gm)).toMatchInlineSnapshot(`
[
  "    listen 127.0.0.1:1053 udp;",
  "    listen 127.0.0.1:1053;",
  "    proxy_pass name-servers;",
  "    proxy_requests 1;",
  "    proxy_responses 1;",
  "  resolver 127.0.0.1:1053 valid=2s ipv6=off;",
  "  resolver_timeout 2s;",
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

test('the certificate is read at the handshake, from one file that nginx has accepted before', () => {
  expect(conf().match(/^ *ssl_certificate.*$/gm)).toMatchInlineSnapshot(`
[
  "    ssl_certificate $site_pem;",
  "    ssl_certificate_key $site_pem;",
  "    ssl_certificate_cache max=4 valid=1s;",
]
`);
});

test('key and certificate lie in memory only', () => {
  const { containers, volumes } = object('Deployment').spec.template.spec;
  const { name } = containers[0].volumeMounts.find(({ mountPath }: { mountPath: string }) =>
    PEM_PATH.startsWith(mountPath),
  );
  expect(volumes.find((volume: { name: string }) => volume.name === name)).toMatchObject({
    emptyDir: { medium: 'Memory' },
  });
});

test('what one client may take is what the configuration says', () => {
  const text = conf('limits: { headerSize: 4Ki, headerSeconds: 3, bodySeconds: 7, bodySize: 2Mi }');
  expect(text).toMatch('large_client_header_buffers 4 4096;');
  expect(text).toMatch('client_header_timeout 3s;');
  expect(text).toMatch('client_body_timeout 7s;');
  expect(text).toMatch('send_timeout 7s;');
  expect(text).toMatch('client_max_body_size 2097152;');
});

describe('with autoscaling', () => {
  const AUTOSCALING = 'web: { autoscaling: { minReplicas: 3, maxReplicas: 12, cpuPercent: 60 } }';

  test("the number of web servers is the autoscaler's alone", () => {
    expect(object('Deployment', AUTOSCALING).spec).not.toHaveProperty('replicas');
    expect(object('HorizontalPodAutoscaler', AUTOSCALING)).toMatchObject({
      apiVersion: 'autoscaling/v2',
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 3,
        maxReplicas: 12,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 60 } } }],
      },
    });
  });

  test('requests per second count as well where a metrics adapter serves them', () => {
    const { metrics } = object(
      'HorizontalPodAutoscaler',
      AUTOSCALING.replace('60 }', '60, requestsPerSecond: 250 }'),
    ).spec;
    expect(metrics[1]).toEqual({
      type: 'Pods',
      pods: {
        metric: { name: 'requests_per_second' },
        target: { type: 'AverageValue', averageValue: '250' },
      },
    });
  });

  test('fails when the most is less than the least', () => {
    expect(() => configFrom('web: { autoscaling: { minReplicas: 5, maxReplicas: 4 } }')).toThrow(
      /web\.autoscaling\.maxReplicas: must be at least minReplicas/,
    );
  });

  test('and without it there is no autoscaler, and the number is fixed', () => {
    expect(object('HorizontalPodAutoscaler')).toBeUndefined();
    expect(object('Deployment').spec.replicas).toBe(2);
  });
});

test('no visitor gets metrics at the port of the site, however the framework reads a path', () => {
  const [, pattern = ''] = /location ~\* "(\^\/actuator.*)" \{\n\s+return 404;/.exec(
    conf('app: { image: r.example/a:1, metrics: { port: 8080, path: /actuator/prometheus.txt } }'),
  ) as RegExpExecArray;
  const isHidden = (path: string) => new RegExp(pattern, 'i').test(path);
  const same = ['', '/', '//', ';', ';jsessionid=1'].map((end) => `/actuator/prometheus.txt${end}`);
  expect([...same, '/Actuator/PROMETHEUS.txt'].filter((path) => !isHidden(path))).toEqual([]);
  expect(
    ['/actuator/prometheus-txt', '/actuator/prometheus.txt.old', '/a/actuator/prometheus.txt'].filter(isHidden),
  ).toEqual([]);
});
