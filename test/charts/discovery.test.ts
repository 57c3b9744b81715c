import { flows } from '../../charts/flows';
import { collectorYaml } from '../../charts/monitoring/collector/config';
import { fromEnv, fromFile, places } from '../../charts/monitoring/collector/places';
import { portsOf, type TierName, tiers } from '../../charts/topology';
import { collector, config, SERVICES } from '../support/monitoring';
import { SUMO_APPS } from '../support/sumo-apps';

describe('discovery', () => {
  const creators = (interval = 15) => {
    const { receivers } = collector(SERVICES.prometheus, `, intervalSeconds: ${interval}`);
    return [receivers.receiver_creator, receivers['receiver_creator/mysql']];
  };
  const discovered = (interval?: number) => Object.assign({}, ...creators(interval).map((one) => one.receivers));

  test.each([
    ['haproxy', 'load-balancer', 'http://`endpoint`:PORT/stats', 'metrics'],
    ['nginx', 'web', 'http://`endpoint`:PORT/stub_status', 'metrics'],
    ['mysql', 'database', '`name`.database.shop.svc.cluster.local:PORT', 'mysql'],
  ])('%s reads the pods of %s at the port of the topology', (receiver, tier, endpoint, port) => {
    const ports: Record<string, number> = tiers[tier as TierName].ports;
    expect(discovered()[receiver].config).toMatchObject({
      endpoint: endpoint.replace('PORT', String(ports[port])),
      collection_interval: '15s',
    });
    expect(discovered()[receiver].rule).toBe(
      `type == "pod" && labels["app.kubernetes.io/instance"] == "shop" && labels["app.kubernetes.io/component"] == "${tier}"`,
    );
  });

  test('the app is scraped at its metrics port and asked whether it is ready', () => {
    expect(discovered().prometheus.config.config.scrape_configs[0].static_configs).toEqual([
      { targets: [`\`endpoint\`:${portsOf('app', config()).metrics}`] },
    ]);
    expect(discovered().httpcheck.config.targets[0].endpoint).toBe(
      `http://\`endpoint\`:${portsOf('app', config()).http}/readyz`,
    );
  });

  test('every tier of the site has a receiver, and every port it asks is one that the firewalls open', () => {
    const text = collectorYaml(config());
    const asked = [...text.matchAll(/(?:`endpoint`|`name`\S+):(\d+)/g)].map(([, port]) => Number(port)).sort();
    const open = flows(config())
      .filter(({ from, to }) => from === 'monitoring' && to in tiers && to !== 'monitoring-service')
      .flatMap(({ ports }) => ports.map(({ port }) => port));
    // Nginx's metrics and its certificate's end are two scrapes of one port
    expect([...new Set(asked)]).toEqual([...open].sort());
  });

  test('the database is asked over TLS, its certificate verified, its password read as text from a file', () => {
    expect(discovered().mysql.config).toMatchObject({
      username: 'monitoring',
      password: `\`""\`${fromFile(places.databaseSecret, 'password')}`,
      tls: { ca_file: '/run/secrets/database/ca.crt' },
    });
  });

  test('HTTP receivers time out before their next scrape, also at the shortest interval', () => {
    const { haproxy, nginx, httpcheck, 'httpcheck/forbidden': forbidden } = discovered(5);
    const waits = [haproxy, nginx, ...httpcheck.config.targets, ...forbidden.config.targets];
    for (const { config: of, timeout } of waits) expect(Number.parseInt(of?.timeout ?? timeout, 10)).toBeLessThan(5);
  });

  test('MySQL, whose receiver has no time-out, keeps no other receiver waiting: its creator starts no others', () => {
    const [others, own] = creators();
    expect(Object.keys(own.receivers)).toEqual(['mysql']);
    expect(others.receivers).not.toHaveProperty('mysql');
    expect(own.watch_observers).not.toEqual(others.watch_observers);
  });

  test('scrapes of Nginx open a connection each: that is what makes visitors countable', () => {
    expect(discovered().nginx.config.disable_keep_alives).toBe(true);
  });

  test.each(SUMO_APPS)('the app of Sumo Logic for $name finds its fields and metrics', (app) => {
    const { resource_attributes, config: receiver } = discovered()[app.receiver];
    const { 'deployment.environment': environment, ...own } = app.attributes({
      site: 'shop',
      environment: 'shop',
      pod: '`name`',
    });
    expect(resource_attributes).toEqual({ 'service.name': app.tier, ...own });
    expect(collector().processors.resource.attributes).toContainEqual({
      key: 'deployment.environment',
      value: environment,
      action: 'upsert',
    });
    expect(Object.keys(receiver.metrics ?? {})).toEqual(expect.arrayContaining([...app.optional]));
  });

  test('only pods of the own node and of the site are looked at', () => {
    expect(collector().extensions.k8s_observer).toMatchObject({ node: fromEnv('K8S_NODE_NAME'), namespaces: ['shop'] });
    expect(collector().processors['filter/site'].metrics.metric).toHaveLength(1);
  });
});
