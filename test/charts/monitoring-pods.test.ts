import { Testing } from 'cdk8s';
import { haproxyCfg } from '../../charts/load-balancer/haproxy-cfg';
import { fromFile, places } from '../../charts/monitoring/collector/places';
import { PrometheusChart } from '../../charts/monitoring/prometheus';
import { webRequestsPerSecond } from '../../charts/monitoring/prometheus/config';
import { tiers } from '../../charts/topology';
import { nginxConf } from '../../charts/web/nginx-conf';
import { ALL, collector, config, manifests, SERVICES } from '../support/monitoring';

// biome-ignore lint/suspicious/noExplicitAny: manifests, read at many depths
const one = (objects: any[], wanted: string): any => objects.find(({ kind }) => kind === wanted);
const podOf = (...args: Parameters<typeof config>) => one(manifests(...args), 'DaemonSet').spec.template.spec;

describe('logs', () => {
  test('of the two namespaces, without the collectors own, are read through a read-only mount by the group of root', () => {
    const pod = podOf(SERVICES.sumologic);
    expect(collector(SERVICES.sumologic).receivers.filelog).toMatchObject({
      include: ['/var/log/pods/shop_*/*/*.log', '/var/log/pods/shop-monitoring_*/*/*.log'],
      exclude: ['/var/log/pods/shop-monitoring_collector-*/*/*.log'],
      storage: 'file_storage',
    });
    expect(pod.containers[0].volumeMounts).toContainEqual({
      name: 'pod-logs',
      mountPath: '/var/log/pods',
      readOnly: true,
    });
    expect(pod.securityContext).toMatchObject({ runAsUser: 10105, runAsNonRoot: true, supplementalGroups: [0] });
  });

  test('of a request bear its ids as fields, and its trace is the request; the line stays as it was', () => {
    const { log_statements } = collector(SERVICES.sumologic).processors['transform/logs'];
    const { error_mode, statements } = log_statements.at(-1);
    expect(error_mode).toBe('silent');
    expect(statements.map((statement: string) => /^set\(([^,]+), /.exec(statement)?.[1])).toEqual([
      'log.cache["line"]',
      'log.attributes["request_id"]',
      'log.attributes["connection_id"]',
      'log.trace_id.string',
    ]);
    expect(nginxConf(config())).toMatch(/"request_id":"\$request_id","connection_id":/);
    expect(haproxyCfg(config())).toContain('"connection_id":"%ID"');
  });

  test('that are not collected need no receiver, no hostPath and no group', () => {
    const { volumes, securityContext } = podOf(ALL, ', collectLogs: false');
    expect(Object.keys(collector(ALL, ', collectLogs: false').receivers).join(' ')).not.toContain('filelog');
    expect(volumes.filter((volume: object) => 'hostPath' in volume)).toEqual([]);
    expect(securityContext.supplementalGroups).toBeUndefined();
  });

  test('are read where only Prometheus is, which takes none: what is counted in them it takes', () => {
    const { receivers } = collector(SERVICES.prometheus);
    expect(Object.keys(receivers).filter((name) => name.startsWith('filelog'))).toEqual(['filelog/access']);
    expect(podOf(SERVICES.prometheus).securityContext.supplementalGroups).toEqual([0]);
  });
});

describe('access', () => {
  const kinds = ['Role', 'ClusterRole'];

  test('is to follow the pods of the site and to read metrics of nodes, and nothing else', () => {
    const rules = manifests()
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ kind, metadata, rules }) => ({ kind, namespace: metadata.namespace, rules }));
    expect(rules).toEqual([
      { kind: 'Role', namespace: 'shop', rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }] },
      { kind: 'ClusterRole', rules: [{ apiGroups: [''], resources: ['nodes/stats'], verbs: ['get'] }] },
    ]);
  });

  test('may be root where only root reads log files, without a capability, and of a type of its own', () => {
    const securityOf = (more: string) => {
      const { securityContext, containers } = one(manifests(SERVICES.prometheus, more), 'DaemonSet').spec.template.spec;
      return { pod: securityContext, container: containers[0].securityContext };
    };
    const { pod, container } = securityOf(', logFiles: { readBy: root, seLinuxType: container_logreader_t }');
    expect(pod).toMatchObject({ runAsUser: 0, runAsNonRoot: false, seLinuxOptions: { type: 'container_logreader_t' } });
    expect(container).toMatchObject({ capabilities: { drop: ['ALL'] }, allowPrivilegeEscalation: false });
    const without = securityOf(', collectLogs: false, logFiles: { readBy: root, seLinuxType: container_logreader_t }');
    expect(without.pod).toMatchObject({ runAsUser: 10105, runAsNonRoot: true });
    expect(without.pod.seLinuxOptions).toBeUndefined();
  });

  test('to the cluster bears the name of the site, so that two sites do not share it', () => {
    expect(one(manifests(), 'ClusterRole').metadata.name).toBe('threewall-shop-collector');
  });

  test('to external services is mounted key by key, none of it for Prometheus', () => {
    const secrets = (services: string) =>
      podOf(services).volumes.flatMap(({ secret }: { secret?: { secretName: string; items: { key: string }[] } }) =>
        secret ? [`${secret.secretName}: ${secret.items.map(({ key }) => key).join(' ')}`] : [],
      );
    expect(secrets(SERVICES.prometheus)).toEqual(['database-monitoring: password ca.crt']);
    expect(secrets(`${SERVICES.otlp}, ${SERVICES.sumologic}`)).toEqual([
      'database-monitoring: password ca.crt',
      'monitoring-service: otlp-authorization sumologic-endpoint',
    ]);
  });

  test('no secret value is in the text: what is secret is read from files', () => {
    const { exporters } = collector(ALL);
    expect(fromFile('/run/secrets/x', 'key')).toBe(`\${file:/run/secrets/x/key}`);
    expect(exporters.sumologic.endpoint).toBe(fromFile(places.serviceSecret, 'sumologic-endpoint'));
    expect(exporters['otlp_http/external'].headers).toEqual({
      authorization: fromFile(places.serviceSecret, 'otlp-authorization'),
    });
  });
});

describe('Prometheus', () => {
  const objects = () =>
    Testing.synth(
      new PrometheusChart(Testing.app(), config('{ type: prometheus, retention: 3d, storage: { size: 4Gi } }')),
    );

  test('takes remote writes, keeps what fits, and can be neither stopped nor emptied over HTTP', () => {
    const { args } = one(objects(), 'StatefulSet').spec.template.spec.containers[0];
    expect(args).toEqual([
      '--config.file=/etc/threewall/prometheus.yaml',
      '--storage.tsdb.path=/prometheus',
      '--storage.tsdb.retention.time=3d',
      '--storage.tsdb.retention.size=3072MB',
      '--query.lookback-delta=60s',
      '--web.enable-remote-write-receiver',
      '--log.format=json',
    ]);
  });

  test('scrapes itself alone and accepts what collectors kept during an outage', () => {
    expect(one(objects(), 'ConfigMap').data['prometheus.yaml']).toMatchInlineSnapshot(`
"global:
  scrape_interval: 10s
  evaluation_interval: 10s
rule_files:
  - rules.yaml
  - alerts.yaml
storage:
  tsdb:
    out_of_order_time_window: 3h
scrape_configs:
  - job_name: monitoring-service
    static_configs:
      - targets:
          - localhost:9090
"
`);
  });

  test('counts requests of visitors only', () => {
    expect(webRequestsPerSecond(config())).toMatchInlineSnapshot(
      `"sum(rate(nginx_requests_total{job="web"}[60s])) - (sum(rate(nginx_connections_accepted_total{job="web"}[60s])) - sum(rate(haproxy_sessions_total{haproxy_proxy_name="web", haproxy_service_name="BACKEND"}[60s])))"`,
    );
    expect(webRequestsPerSecond(config(SERVICES.prometheus, ', intervalSeconds: 60'))).toMatch('[360s]');
  });

  test('says what its claim is, as Argo CD will find it', () => {
    expect(one(objects(), 'StatefulSet').spec.volumeClaimTemplates[0]).toMatchObject({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      spec: { volumeMode: 'Filesystem', resources: { requests: { storage: '4Gi' } } },
    });
  });

  test('answers where the collectors write', () => {
    const { namespace, name } = one(objects(), 'Service').metadata;
    expect(collector().exporters.prometheusremotewrite.endpoint).toBe(
      `http://${name}.${namespace}.svc.cluster.local:${tiers['monitoring-service'].ports.http}/api/v1/write`,
    );
  });
});
