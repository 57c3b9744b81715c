import { Testing } from 'cdk8s';
import { haproxyCfg } from '../../charts/load-balancer/haproxy-cfg';
import { appGraceSeconds, DRAIN_SECONDS } from '../../charts/seconds';
import { WebChart } from '../../charts/web';
import { requestsAtOnce, spooledBytes, workerConnections } from '../../charts/web/connections';
import { nginxConf } from '../../charts/web/nginx-conf';
import { PEM_PATH } from '../../charts/web/paths';
import { parseConfig } from '../../config';
import { bytes } from '../../config/fields';

const config = (yaml = '') => parseConfig(`domain: www.example.org\n${yaml}`, 'test.yaml');
const conf = (yaml = '') => nginxConf(config(yaml));
/** The lines of one location of the default configuration. */
const location = (head: string): string => conf().split(`    ${head} {`)[1]?.split('\n    }')[0] ?? '';
// biome-ignore lint/suspicious/noExplicitAny: manifests, read at many depths
const object = (kind: string, yaml = ''): any =>
  Testing.synth(new WebChart(Testing.app(), config(yaml), { volume: { name: 'code' } })).find((o) => o.kind === kind);

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
  expect(() => config(`tls: { hsts: { ${yaml} } }`)).toThrow(fault);
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

test('no failure of all app servers together leaves none to ask, and a lost one is still left', () => {
  const servers = /upstream app \{([\s\S]*?)\}/.exec(conf())?.[1]?.match(/server .*;/g);
  expect(servers).toEqual([
    'server app-pods.foobar.svc.cluster.local:8080 resolve max_fails=1 fail_timeout=10s;',
    'server app-pods.foobar.svc.cluster.local:8080 resolve max_fails=0 backup;',
  ]);
});

test('a request is asked again where its connection failed, and of a POST only when nothing of it was sent', () => {
  const text = conf();
  expect(text).toMatch('proxy_next_upstream error timeout;');
  expect(text).toMatch('proxy_connect_timeout 1s;');
  expect(text).not.toMatch('non_idempotent');
});

test('one client cannot take all connections to app servers', () => {
  expect(conf('limits: { requestsAtOncePerClient: 40 }')).toMatch('limit_conn running 40;');
  const { limits } = config();
  expect(4 * limits.requestsAtOncePerClient).toBeLessThan(requestsAtOnce(config()));
});

test('connections are as many as fit into the memory limit, whatever else needs of it', () => {
  const most = (yaml: string) => workerConnections(config(yaml));
  expect(most('')).toBe(2274);
  expect(most('web: { microCache: { size: 32Mi } }')).toBe(1820);
  expect(most("web: { resources: { limits: { cpu: '2', memory: 192Mi } } }")).toBe(1080);
  expect(most("web: { resources: { limits: { cpu: '1', memory: 48Mi } } }")).toBe(256);
  expect(most("web: { resources: { limits: { cpu: '1', memory: 4Gi } } }")).toBe(8000);
  expect(most('limits: { headerSize: 16Ki, answerHeaderSize: 64Ki }')).toBe(1462);
  expect(conf()).toMatch('limit_conn all 1137;');
});

describe('what is spooled', () => {
  const spooling = (storage: string) =>
    `web: { resources: { limits: { cpu: '1', memory: 192Mi, ephemeral-storage: ${storage} } } }`;

  test.each(['64Mi', '128Mi', '256Mi', '1Gi', '2Gi', '100Gi'])(
    'fits into a limit of %s, were all requests slow',
    (storage) => {
      const chosen = config(spooling(storage));
      const { volumes } = object('Deployment', spooling(storage)).spec.template.spec;
      const { sizeLimit } = volumes.find(({ name }: { name: string }) => name === 'tmp').emptyDir;
      expect(2 * requestsAtOnce(chosen) * spooledBytes(chosen)).toBeLessThanOrEqual(bytes(sizeLimit));
      expect(bytes(sizeLimit) + 64 * 2 ** 20).toBeLessThanOrEqual(Math.max(bytes(storage), 80 * 2 ** 20));
    },
  );

  test.each([
    ['64Mi', undefined, 0],
    ['256Mi', 80_000, 80_000],
    ['2Gi', 900_000, 900_000],
    ['100Gi', 1_000_000, 1_000_000],
  ])('with %s are bodies of at most %s bytes, and as much of an answer', (storage, most, answer) => {
    const text = conf(spooling(storage));
    const pattern = /"~\\\|(\(.*\)\$)" spooled;/.exec(text)?.[1];
    expect(text).toMatch(`proxy_max_temp_file_size ${answer};`);
    expect(pattern === undefined).toBe(most === undefined);
    if (!pattern || !most) return;
    const isSpooled = (length: number | string) => new RegExp(`^${pattern}`).test(String(length));
    expect([1, 9, 10, 12345, most - 1, most].map(isSpooled)).toEqual([true, true, true, true, true, true]);
    expect(['', 0, most + 1, most * 10, 2 ** 31].map(isSpooled)).toEqual([false, false, false, false, false]);
  });

  test('a body of any other length is passed on as it arrives', () => {
    expect(location('location /')).toMatch('proxy_request_buffering off;');
    expect(location('location @spooled')).not.toMatch('proxy_request_buffering');
    expect(conf('limits: { bodySize: 2Gi }')).toMatch(`client_max_body_size ${2 * 2 ** 30};`);
  });
});

test('an event stream waits for no buffer', () => {
  expect(conf()).toMatch('"~*^[^|]*text/event-stream" streamed;');
  expect(location('location @streamed')).toMatch('proxy_buffering off;');
  expect(conf()).not.toMatch('proxy_ignore_headers');
});

test('a request that changed its way still gets the page of an error', () => {
  expect(conf()).toMatch('recursive_error_pages on;');
});

test('WebSocket passes, another protocol does not', () => {
  expect(conf()).toMatch('"~*^websocket$" websocket;');
  expect(conf()).toMatch('proxy_set_header Upgrade $app_upgrade;');
  expect(conf()).toMatch('proxy_set_header Connection $app_connection;');
});

test.each([
  ['16Ki', 16384, '8 4096'],
  ['4Ki', 4096, '8 4096'],
  ['64Ki', 65536, '17 4096'],
])('the header of an answer may have %s', (size, header, buffers) => {
  const text = conf(`limits: { answerHeaderSize: ${size} }`);
  expect(text).toMatch(`proxy_buffer_size ${header};`);
  expect(text).toMatch(`proxy_buffers ${buffers};`);
});

test('fails for a header of an answer that no buffer holds', () => {
  expect(() => config('limits: { answerHeaderSize: 1Mi }')).toThrow('limits.answerHeaderSize: must be 4Ki to 256Ki');
});

describe.each([5, 30, 300])('with %d s as the longest answer', (seconds) => {
  const yaml = `app: { timeoutSeconds: ${seconds} }`;
  const number = (text: string, setting: RegExp) => Number(setting.exec(text)?.[1]);
  const lasting = config(yaml);

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

describe('error pages', () => {
  test('are there for every status that leads to one, in both forms, and name no version', () => {
    const { data } = object('ConfigMap');
    const led = [...conf().matchAll(/error_page .* \/error-pages\/(\d+)\.\$error_form;/g)].map(([, status]) => status);
    expect(new Set(led)).toEqual(new Set(['400', '403', '404', '405', '413', '414', '429', '431', '500', '503']));
    for (const status of led) {
      expect(data[`${status}.html`]).toMatch('<link rel="stylesheet" href="/static/app.css">');
      expect(JSON.parse(data[`${status}.json`])).toEqual({ error: expect.any(String) });
      expect(data[`${status}.html`]).not.toMatch(/nginx|<script|style=/);
    }
  });

  test('only the page of a site that is down tries again by itself', () => {
    const { data } = object('ConfigMap');
    expect(data['503.html']).toMatch('http-equiv="refresh"');
    expect(data['404.html']).not.toMatch('http-equiv="refresh"');
  });
});

describe('the micro-cache', () => {
  const CACHE = 'web: { microCache: { seconds: 2, size: 8Mi } }';

  test('is off unless it is asked for', () => {
    expect(conf()).not.toMatch('proxy_cache');
    expect(JSON.stringify(object('Deployment'))).not.toMatch('micro-cache');
  });

  test('keeps nothing of a request that says who asks, and nothing of unknown size', () => {
    const text = conf(CACHE);
    expect(text).toMatch('map "$http_cookie$http_authorization$app_upgrade" $personal {');
    expect(text).toMatch('proxy_cache_bypass $personal;');
    expect(text).toMatch('proxy_no_cache $personal $unkept;');
    expect(text).toMatch('proxy_cache_key $host$request_uri;');
    expect(text).toMatch('proxy_cache_valid 200 301 404 2s;');
    expect(text).not.toMatch('proxy_ignore_headers');
  });

  test('lies in memory, of which nginx fills one half', () => {
    const { volumes } = object('Deployment', CACHE).spec.template.spec;
    expect(volumes).toContainEqual({ name: 'micro-cache', emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } });
    expect(conf(CACHE)).toMatch(`max_size=${4 * 2 ** 20} `);
  });

  test('fails when it takes more than half of the memory limit', () => {
    expect(() => conf('web: { microCache: { size: 100Mi } }')).toThrow(
      'web.microCache.size: must be at most half of web.resources.limits.memory (192Mi), got "100Mi"; raise the limit as well',
    );
  });
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
    expect(() => config('web: { autoscaling: { minReplicas: 5, maxReplicas: 4 } }')).toThrow(
      /web\.autoscaling\.maxReplicas: must be at least minReplicas/,
    );
  });

  test('and without it there is no autoscaler, and the number is fixed', () => {
    expect(object('HorizontalPodAutoscaler')).toBeUndefined();
    expect(object('Deployment').spec.replicas).toBe(2);
  });
});
