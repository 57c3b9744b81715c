import { tiers } from '../../charts/topology';
import { namespacesOf } from '../../config/namespaces';
import { alertmanagerOf } from '../../config/ways-out';
import { differences, METADATA, podsOfTopology } from '../../proof/differences';
import { clusterOf } from '../../reachability/cluster';
import { connection, type Outside, type Pod, permitted } from '../../reachability/engine';
import { configOf, configs } from '../support/configs';
import { everySetting, hostNames, ownApp, synthesizeFirewalls } from '../support/firewalls';

const outside = (name: string, address: string): Outside => ({ kind: 'outside', name, address });
const INTERNET = outside('internet', '203.0.113.9');

describe.each([...configs(), everySetting, hostNames, ownApp])('the firewalls of $name', ({ config }) => {
  const cluster = clusterOf(synthesizeFirewalls(config));
  const pods = podsOfTopology(config);
  const unlabelled = namespacesOf(config).map(
    (namespace): Pod => ({ kind: 'pod', name: `${namespace}/unlabelled`, namespace, labels: {}, ports: [] }),
  );

  test('permit what the flow table declares, nothing less and nothing more', () => {
    expect([...differences(cluster, pods, config)]).toEqual([]);
  });

  test('isolate every pod in both directions, whatever creates it', () => {
    for (const pod of unlabelled) {
      for (const peer of [...pods, ...unlabelled, INTERNET]) {
        expect([pod.name, peer.name, String(permitted('ingress', pod, peer, cluster))]).toEqual([
          pod.name,
          peer.name,
          'none',
        ]);
        expect([pod.name, peer.name, String(permitted('egress', pod, peer, cluster))]).toEqual([
          pod.name,
          peer.name,
          'none',
        ]);
      }
    }
  });

  test('keep every pod from the cloud metadata service', () => {
    // where it answers DNS as well, that port alone
    const asDns = config.cluster.dns.addresses.includes(METADATA) ? ['none', 'TCP 53, UDP 53'] : ['none'];
    for (const pod of [...pods, ...unlabelled]) {
      expect(asDns).toContain(String(connection(pod, outside('metadata', METADATA), cluster)));
    }
  });

  test('let names be looked up at the cluster DNS pods, and nowhere else', () => {
    const dns = (namespace: string, labels: Record<string, string>): Pod => ({
      kind: 'pod',
      name: 'dns',
      namespace,
      labels,
      ports: [],
    });
    const web = pods.find(({ labels }) => labels['app.kubernetes.io/component'] === 'web') as Pod;
    const to = (peer: Pod) => String(connection(web, peer, cluster));
    const { podLabels, port } = config.cluster.dns;
    expect(to(dns('kube-system', podLabels))).toBe(`TCP ${port}, UDP ${port}`);
    expect(to(dns('kube-system', { ...podLabels, 'k8s-app': 'other' }))).toBe('none');
    expect(to(dns('elsewhere', podLabels))).toBe('none');
    expect(to(dns(config.name, podLabels))).toBe('none');
    expect(String(connection(web, { ...INTERNET, address: '8.8.8.8' }, cluster))).toBe('none');
  });

  test('open between tiers what the whiteboard shows', () => {
    const names = Object.keys(tiers);
    const isOwn = config === ownApp.config;
    const component = ({ name }: Pod) => name.split('/')[1] ?? name;
    const open = [...pods, INTERNET].flatMap((from) =>
      pods
        .map((to) => [
          from.kind === 'pod' ? component(from) : from.name,
          component(to),
          String(connection(from, to, cluster)),
        ])
        .filter(([, , ports]) => ports !== 'none'),
    );
    // typed by hand from the contract, so that an error in the table itself is noticed
    expect(open.filter(([, to]) => names.includes(to ?? '') && to !== 'monitoring-service')).toEqual([
      ['load-balancer', 'web', 'TCP 8443'],
      ['web', 'app', isOwn ? 'TCP 3000' : 'TCP 8080'],
      ...(isOwn ? [['app', 'app', 'TCP 7800-7801']] : []),
      ['app', 'database', 'TCP 3310, TCP 3320, TCP 8008'],
      ...(isOwn ? [['worker', 'database', 'TCP 3310, TCP 3320, TCP 8008']] : []),
      ['database', 'database', 'TCP 3306, TCP 8008, TCP 33061'],
      ...(config.backup ? [['database', 'backup', 'TCP 3306']] : []),
      ['monitoring', 'load-balancer', 'TCP 8404'],
      ['monitoring', 'web', 'TCP 8081'],
      ['monitoring', 'app', isOwn ? 'TCP 3001, TCP 9464' : 'TCP 8080, TCP 9464'],
      ['monitoring', 'database', 'TCP 3306, TCP 8008'],
      ...(config.backup
        ? [
            ['backup', 'database', 'TCP 3306'],
            ['backup', 'monitoring', 'TCP 4318'],
          ]
        : []),
      ...(alertmanagerOf(config) ? [['monitoring-service', 'alertmanager', 'TCP 9093']] : []),
      ['internet', 'load-balancer', 'TCP 8080, TCP 8443'],
    ]);
  });
});

describe('ways in to the Prometheus in the cluster', () => {
  /** What a pod of a namespace reaches, by the name of the tier, without the tiers that it reaches nothing of. */
  const reach = (settings: object, namespace: string) => {
    const config = configOf(settings);
    const cluster = clusterOf(synthesizeFirewalls(config));
    const reader: Pod = { kind: 'pod', name: 'reader', namespace, labels: { app: 'adapter' }, ports: [] };
    const ways = podsOfTopology(config).map((pod) => [pod.name, String(connection(reader, pod, cluster))]);
    return Object.fromEntries(ways.filter(([, ports]) => ports !== 'none'));
  };
  const readers = (...names: string[]) => ({ monitoring: { services: [{ type: 'prometheus', readers: names }] } });
  const ONLY_PROMETHEUS = { 'foobar-monitoring/monitoring-service': 'TCP 9090' };

  test('are closed to every other namespace by default', () => {
    expect(configOf().monitoring.services).toMatchObject([{ type: 'prometheus', readers: [] }]);
    expect(reach({}, 'custom-metrics')).toEqual({});
  });

  test.each(['kubernetes', 'cilium'])(
    'open for the namespaces that are named, to its one port alone (%s)',
    (networkPolicies) => {
      const settings = { ...readers('custom-metrics', 'grafana'), cluster: { networkPolicies } };
      expect(reach(settings, 'custom-metrics')).toEqual(ONLY_PROMETHEUS);
      expect(reach(settings, 'grafana')).toEqual(ONLY_PROMETHEUS);
      expect(reach(settings, 'custom-metrics-2')).toEqual({});
      expect(reach(settings, 'default')).toEqual({});
    },
  );

  test('let it open no connection of its own', () => {
    const config = configOf(readers('custom-metrics'));
    const prometheus = podsOfTopology(config).find(({ name }) => name.endsWith('/monitoring-service')) as Pod;
    const reader: Pod = { kind: 'pod', name: 'reader', namespace: 'custom-metrics', labels: {}, ports: [] };
    expect(String(connection(prometheus, reader, clusterOf(synthesizeFirewalls(config))))).toBe('none');
  });
});

describe('pods of other namespaces', () => {
  const stranger = (namespace: string, labels: Record<string, string> = {}): Pod => ({
    kind: 'pod',
    name: `${namespace}/stranger`,
    namespace,
    labels,
    ports: [],
  });
  const tier = (name: string, config = configOf()) =>
    podsOfTopology(config).find((pod) => pod.name.endsWith(`/${name}`)) as Pod;

  test('are reached by the tier that is named, at the ports that are named, by their labels', () => {
    const redis = { namespace: 'caches', podLabels: { app: 'redis' } };
    const extraEgress = [{ from: 'app', to: redis, ports: [6379], reason: 'sessions of visitors' }];
    const cluster = clusterOf(synthesizeFirewalls(configOf({ firewall: { extraEgress } })));
    const from = (name: string, to: Pod) => String(connection(tier(name), to, cluster));
    expect(from('app', stranger('caches', { app: 'redis', pod: '1' }))).toBe('TCP 6379');
    expect(from('app', stranger('caches', { app: 'other' }))).toBe('none');
    expect(from('app', stranger('elsewhere', { app: 'redis' }))).toBe('none');
    expect(from('web', stranger('caches', { app: 'redis' }))).toBe('none');
    expect(String(connection(stranger('caches', { app: 'redis' }), tier('app'), cluster))).toBe('none');
  });

  test.each([
    ['app', 'TCP 8080'],
    ['web', 'TCP 8443'],
    ['load-balancer', 'TCP 8080, TCP 8443'],
  ])('reach %s at its own ports, where they are named', (to, ports) => {
    const from = { namespace: 'partners', podLabels: { app: 'importer' } };
    const extraIngress = [{ from, to, reason: 'imports of orders' }];
    const cluster = clusterOf(synthesizeFirewalls(configOf({ firewall: { extraIngress } })));
    const reached = (pod: Pod) =>
      podsOfTopology(configOf()).map((other) => [other.name, String(connection(pod, other, cluster))]);
    const open = reached(stranger('partners', { app: 'importer' })).filter(([, set]) => set !== 'none');
    expect(open).toEqual([[`foobar/${to}`, ports]]);
    expect(reached(stranger('partners')).filter(([, set]) => set !== 'none')).toEqual([]);
    expect(reached(stranger('default', { app: 'importer' })).filter(([, set]) => set !== 'none')).toEqual([]);
  });
});

describe('ways out', () => {
  const reach = (settings: object, component: string, address: string) => {
    const config = configOf(settings);
    const pod = podsOfTopology(config).find(({ name }) => name.endsWith(`/${component}`)) as Pod;
    return String(connection(pod, outside('', address), clusterOf(synthesizeFirewalls(config))));
  };

  test('to an external monitoring service leave out private ranges and those of the cluster', () => {
    const settings = {
      monitoring: { services: [{ type: 'otlp', endpoint: 'https://otlp.example.org:4318' }] },
      cluster: { podCidrs: ['30.0.0.0/16'], serviceCidrs: ['31.0.0.0/16'], nodeCidrs: ['32.0.0.0/16'] },
    };
    expect(reach(settings, 'monitoring', '203.0.113.9')).toBe('TCP 4318');
    expect(
      ['10.1.2.3', '100.64.0.1', '172.31.0.1', '192.168.9.9'].map((a) => reach(settings, 'monitoring', a)),
    ).toEqual(Array(4).fill('none'));
    expect(['30.0.0.1', '31.0.0.1'].map((a) => reach(settings, 'monitoring', a))).toEqual(Array(2).fill('none'));
    expect(reach(settings, 'monitoring', '32.0.0.1')).toBe('TCP 6443, TCP 10250');
  });

  test('named as exceptions open for the tier and the ports that they name', () => {
    const exception = { from: 'app', to: '203.0.113.0/28', ports: [443, 8443], reason: 'payment provider' };
    const settings = { firewall: { extraEgress: [exception] } };
    expect(reach(settings, 'app', '203.0.113.15')).toBe('TCP 443, TCP 8443');
    expect(reach(settings, 'app', '203.0.113.16')).toBe('none');
    expect(reach(settings, 'web', '203.0.113.15')).toBe('none');
  });

  test.each([
    ['a node-local cache', '169.254.20.10'],
    ['Cloud DNS of GKE, which is the metadata service too', METADATA],
    ['the DNS Service of EKS Auto Mode', '10.100.0.10'],
  ])('to DNS at an address open for names alone: %s', (_, address) => {
    const settings = { cluster: { dns: { pods: false, port: 5353, addresses: ['169.254.20.11', address] } } };
    expect(reach(settings, 'app', address)).toBe('TCP 53, UDP 53');
    expect(reach(settings, 'web', '169.254.20.11')).toBe('TCP 53, UDP 53');
    expect(reach(settings, 'app', '169.254.20.12')).toBe('none');
  });

  test('to the whole internet leave out private ranges and the metadata service', () => {
    const settings = {
      firewall: { extraEgress: [{ from: 'app', to: 'internet', ports: [443], reason: 'web hooks' }] },
    };
    expect(reach(settings, 'app', '203.0.113.9')).toBe('TCP 443');
    expect(['10.1.2.3', '192.168.1.1', METADATA].map((a) => reach(settings, 'app', a))).toEqual(Array(3).fill('none'));
    expect(reach(settings, 'web', '203.0.113.9')).toBe('none');
  });

  test('to nodes stay valid where pods share their range', () => {
    const settings = { cluster: { podCidrs: ['10.0.0.0/16'], nodeCidrs: ['10.0.0.0/16'] } };
    expect(reach(settings, 'monitoring', '10.0.0.4')).toBe('TCP 6443, TCP 10250');
    expect(reach(settings, 'app', '10.0.0.4')).toBe('none');
  });
});
