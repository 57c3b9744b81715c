import { flows } from '../../charts/flows';
import { fromFile, places } from '../../charts/monitoring/collector/places';
import { ALL, collector, config, manifests, SERVICES } from '../support/monitoring';

const podOf = (...args: Parameters<typeof config>) =>
  manifests(...args).find(({ kind }) => kind === 'DaemonSet').spec.template.spec;

/** Pipelines as lines of text: receivers > processors > exporters. */
const pipelines = (...args: Parameters<typeof config>): Record<string, string> =>
  Object.fromEntries(
    Object.entries<Record<string, string[]>>(collector(...args).service.pipelines).map(([name, p]) => [
      name,
      [p.receivers, p.processors, p.exporters].map((list) => list?.join(' ')).join(' > '),
    ]),
  );

describe('pipelines', () => {
  test('Prometheus alone takes metrics, by a queue on disk in front of the remote write, and no logs', () => {
    expect(pipelines()).toMatchInlineSnapshot(`
{
  "logs/access": "filelog/access > memory_limiter transform/access batch > count/access",
  "metrics/access": "prometheus/access > memory_limiter groupbyattrs/access transform/web resource batch > otlp_http/prometheus",
  "metrics/node": "hostmetrics kubeletstats > memory_limiter filter/site resource/node resource batch > otlp_http/prometheus",
  "metrics/prometheus": "otlp/prometheus > memory_limiter transform/prometheus > prometheusremotewrite",
  "metrics/register": "count/access > memory_limiter transform/register > prometheus/access",
  "metrics/tiers": "receiver_creator receiver_creator/mysql otlp > memory_limiter resource batch > otlp_http/prometheus",
}
`);
  });

  test('all services at once get all metrics, and those that take logs get them', () => {
    expect(pipelines(ALL)).toMatchObject({
      'metrics/node': expect.stringMatching(/> otlp_http\/prometheus otlp_http\/external sumologic$/),
      'metrics/tiers': expect.stringMatching(/> otlp_http\/prometheus otlp_http\/external sumologic$/),
      logs: 'filelog > memory_limiter transform/logs resource batch > otlp_http/external sumologic',
    });
  });

  test.each(['otlp', 'sumologic'] as const)('%s gets metrics and logs, and nothing runs for Prometheus', (service) => {
    expect(Object.keys(pipelines(SERVICES[service]))).toEqual([
      'metrics/node',
      'metrics/tiers',
      'logs',
      'logs/access',
      'metrics/register',
      'metrics/access',
    ]);
  });

  test.each([SERVICES.prometheus, SERVICES.otlp, SERVICES.sumologic, ALL])(
    'every part exists and is used: %s',
    (services) => {
      const { receivers, connectors, processors, exporters, extensions, service } = collector(services);
      const used = (kind: string) =>
        new Set(Object.values(service.pipelines).flatMap((p) => (p as Record<string, string[]>)[kind]));
      expect(used('receivers')).toEqual(new Set(Object.keys({ ...receivers, ...connectors })));
      expect(used('processors')).toEqual(new Set(Object.keys(processors)));
      expect(used('exporters')).toEqual(new Set(Object.keys({ ...exporters, ...connectors })));
      expect(new Set(service.extensions)).toEqual(new Set(Object.keys(extensions)));
    },
  );

  test('memory is guarded first in every pipeline', () => {
    for (const pipeline of Object.values(pipelines(ALL))) expect(pipeline).toMatch(/> memory_limiter /);
  });

  test('the memory limiter refuses before the kernel kills, and after Go has tried to save memory', () => {
    const memory = ', resources: { limits: { cpu: "1", memory: 512Mi } }';
    const { limit_mib, spike_limit_mib } = collector(SERVICES.prometheus, memory).processors.memory_limiter;
    const goLimit = Number.parseInt(
      podOf(SERVICES.prometheus, memory).containers[0].env.find(({ name }: { name: string }) => name === 'GOMEMLIMIT')
        .value,
      10,
    );
    expect({ goLimit, soft: limit_mib - spike_limit_mib, hard: limit_mib }).toEqual({
      goLimit: 409,
      soft: 409,
      hard: 460,
    });
  });
});

describe('an outage of a monitoring service', () => {
  test('and one of power: what waits is written through, and a torn file of it is put aside', () => {
    expect(collector().extensions.file_storage).toMatchObject({ fsync: true, recreate: true });
  });

  test.each([SERVICES.prometheus, SERVICES.otlp, SERVICES.sumologic, ALL])(
    'waits on disk without end: %s',
    (services) => {
      const { exporters } = collector(services);
      for (const [name, exporter] of Object.entries<Record<string, unknown>>(exporters)) {
        // both stay inside the pod
        if (name === 'prometheusremotewrite' || name === 'prometheus/access') continue;
        expect(exporter).toMatchObject({
          sending_queue: { storage: 'file_storage', sizer: 'bytes' },
          retry_on_failure: { enabled: true, max_elapsed_time: 0 },
        });
      }
    },
  );

  test('the remote write gives up later than the queue in front of it, which would take it for a final answer', () => {
    const { exporters } = collector();
    const seconds = (name: string) => Number.parseInt(exporters[name].timeout, 10);
    expect(seconds('prometheusremotewrite')).toBeGreaterThan(seconds('otlp_http/prometheus'));
    expect(exporters.prometheusremotewrite.remote_write_queue.enabled).toBe(false);
  });

  test.each([
    [SERVICES.prometheus, 1],
    [SERVICES.sumologic, 2],
    [ALL, 5],
  ])('all queues fill half of the volume, and volume and own log stay within the limit: %s', (services, queues) => {
    const { volumes, containers } = podOf(services);
    const size = Object.values<Record<string, Record<string, number>>>(collector(services).exporters)
      .map((exporter) => exporter.sending_queue?.queue_size)
      .find((bytes) => bytes !== undefined) as number;
    const state = volumes.find(({ name }: { name: string }) => name === 'state').emptyDir.sizeLimit;
    expect([state, containers[0].resources.limits['ephemeral-storage']]).toEqual(['192Mi', '256Mi']);
    expect(size * queues).toBeLessThanOrEqual(96 * 2 ** 20);
  });
});

test('the address of Sumo Logic, which is a secret, stays out of the log of failed tries', () => {
  const level = (services: string) => collector(services).service.telemetry.logs.level;
  expect([SERVICES.prometheus, SERVICES.otlp, SERVICES.sumologic, ALL].map(level)).toEqual([
    'info',
    'info',
    'warn',
    'warn',
  ]);
});

describe('an OTLP endpoint', () => {
  const otlp = (more: string) => `{ type: otlp, endpoint: "https://otlp.example.org" ${more} }`;

  test('gets the headers that are named, each from a key of the Secret', () => {
    const services = otlp(', headers: [authorization, x-tenant]');
    expect(collector(services).exporters['otlp_http/external']).toMatchObject({
      endpoint: 'https://otlp.example.org',
      headers: {
        authorization: fromFile(places.serviceSecret, 'otlp-authorization'),
        'x-tenant': fromFile(places.serviceSecret, 'otlp-x-tenant'),
      },
    });
    const { secret } = podOf(services).volumes.find(({ name }: { name: string }) => name === 'service');
    expect(secret.items.map(({ key }: { key: string }) => key)).toEqual(['otlp-authorization', 'otlp-x-tenant']);
  });

  test('needs no Secret when no header is named', () => {
    const pod = podOf(otlp(', headers: []'));
    expect(pod.volumes.map(({ name }: { name: string }) => name)).not.toContain('service');
  });

  test('is spoken to by gRPC at a host and a port, over TLS', () => {
    const { exporters, service } = collector(otlp(', protocol: grpc'));
    expect(exporters['otlp_grpc/external'].endpoint).toBe('otlp.example.org:443');
    expect(exporters['otlp_grpc/external'].tls).toBeUndefined();
    expect(service.pipelines.logs.exporters).toEqual(['otlp_grpc/external']);
  });
});

describe('the kubelet', () => {
  test('is asked at the port of the flow table, its certificate verified', () => {
    const port = flows(config()).find(({ to }) => to === 'kubelet')?.ports[0]?.port;
    expect(collector().receivers.kubeletstats).toMatchObject({
      endpoint: `https://\${env:K8S_NODE_IP}:${port}`,
      insecure_skip_verify: false,
    });
  });

  test('is believed unverified only where the cluster is said to sign its own certificates', () => {
    const selfSigned = collector(SERVICES.prometheus, '', 'cluster: { kubeletCertificates: self-signed }');
    expect(selfSigned.receivers.kubeletstats.insecure_skip_verify).toBe(true);
  });
});
