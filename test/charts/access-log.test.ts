import { BUCKETS } from '../../charts/monitoring/collector/access-log';
import { nginxConf } from '../../charts/web/nginx-conf';
import { ALL, collector, config, SERVICES } from '../support/monitoring';

test('lines of web servers alone are counted, whatever service there is, with the positions on disk', () => {
  for (const services of [SERVICES.prometheus, ALL]) {
    expect(collector(services).receivers['filelog/access']).toMatchObject({
      include: ['/var/log/pods/shop_web-*/web/*.log'],
      storage: 'file_storage',
    });
  }
});

test('the log has the fields that are read, as text', () => {
  const [line = ''] = /log_format json.*/.exec(nginxConf(config())) ?? [];
  expect(line).toContain('"status":"$status"');
  expect(line).toContain('"duration":"$request_time"');
});

test('each line is counted in its class, and in every bucket that is not below it', () => {
  const { logs } = collector().connectors['count/access'];
  expect(logs['nginx.access.requests'].attributes).toEqual([{ key: 'k8s.pod.name' }, { key: 'status_class' }]);
  const conditions = BUCKETS.map((_, index) => logs[`nginx.access.bucket.${index}`].conditions[0]);
  expect(conditions.at(0)).toBe('attributes["seconds"] <= 0.005');
  expect(conditions.at(-1)).toBe('attributes["seconds"] != nil');
  const { metric_statements } = collector().processors['transform/register'];
  expect(metric_statements[0].statements).toContain(
    'set(datapoint.attributes["le"], "0.005") where metric.name == "nginx.access.bucket.0"',
  );
});

test('the differences that the connector tells are added up: they all bear one time', () => {
  const { metric_statements } = collector().processors['transform/register'];
  expect(metric_statements[0].statements).toEqual(
    expect.arrayContaining(['set(datapoint.start_time_unix_nano, 1)', 'set(datapoint.time_unix_nano, 1)']),
  );
});

test('sums stay inside the pod, and are reported as metrics of the web server', () => {
  const { exporters, receivers, processors } = collector();
  const { endpoint } = exporters['prometheus/access'];
  expect(endpoint).toMatch(/^127\.0\.0\.1:/);
  expect(receivers['prometheus/access'].config.scrape_configs[0].static_configs).toEqual([{ targets: [endpoint] }]);
  expect(processors['transform/web'].metric_statements[0].statements).toEqual(
    expect.arrayContaining([
      'set(resource.attributes["service.name"], "web") where resource.attributes["k8s_pod_name"] != nil',
      'set(resource.attributes["webengine.system"], "nginx") where resource.attributes["k8s_pod_name"] != nil',
    ]),
  );
});

test('without logs nothing of it is there', () => {
  expect(JSON.stringify(collector(ALL, ', collectLogs: false'))).not.toContain('access');
});

test('a web server tells when its certificate ends in one connection for each question', () => {
  expect(nginxConf(config())).toMatch(/location = \/metrics \{[^}]*keepalive_timeout 0;/);
});
