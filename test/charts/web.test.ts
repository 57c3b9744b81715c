import { Testing } from 'cdk8s';
import { WebChart } from '../../charts/web';
import { nginxConf } from '../../charts/web/nginx-conf';
import { PEM_PATH } from '../../charts/web/paths';
import { startSh } from '../../charts/web/start-sh';
import { parseConfig } from '../../config';

const config = (yaml = '') => parseConfig(`domain: www.example.org\n${yaml}`, 'test.yaml');
const conf = (yaml = '') => nginxConf(config(yaml));
// biome-ignore lint/suspicious/noExplicitAny: manifests, read at many depths
const object = (kind: string, yaml = ''): any =>
  Testing.synth(new WebChart(Testing.app(), config(yaml), { volume: { name: 'code' } })).find((o) => o.kind === kind);

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

test('the certificate is read at the handshake, from one file that nginx has accepted before', () => {
  expect(conf().match(/^ *ssl_certificate.*$/gm)).toMatchInlineSnapshot(`
[
  "    ssl_certificate $site_pem;",
  "    ssl_certificate_key $site_pem;",
  "    ssl_certificate_cache max=4 valid=1s;",
]
`);
  const start = startSh();
  expect(start.indexOf('nginx -t')).toBeLessThan(start.indexOf(`mv ${PEM_PATH}.next ${PEM_PATH}`));
  expect(start).toMatch('take "$seen" || exit 1');
  expect(start).toMatch(/exec nginx .*\n$/);
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
