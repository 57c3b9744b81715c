import { faultsOf as faults } from '../support/configs';

const exception = (to: string) => ({
  firewall: { extraEgress: [{ from: 'app', to, ports: [443], reason: 'payment provider' }] },
});

test('an environment of defaults breaks no rule', () => {
  expect(faults({})).toEqual([]);
});

describe('an exception of the firewalls', () => {
  test('may lead to a range outside, also to one of the nodes', () => {
    expect(faults(exception('203.0.113.7/32'))).toEqual([]);
    expect(faults(exception('10.20.0.0/16'))).toEqual([]);
  });

  test.each([
    ['the whole internet', '0.0.0.0/0', 'must be narrower than the whole internet, got "0.0.0.0/0"'],
    ['pods', '10.244.7.0/24', 'must not overlap 10.244.0.0/16 (cluster.podCidrs;'],
    ['Services', '10.96.0.1/32', 'must not overlap 10.96.0.0/16 (cluster.serviceCidrs;'],
    ['the metadata service', '169.254.169.254/32', 'must not overlap 169.254.0.0/16 (the cloud metadata service,'],
  ])('must not lead to %s', (_, to, message) => {
    expect(faults(exception(to))).toEqual([expect.stringContaining(`firewall.extraEgress[0].to: ${message}`)]);
  });

  test('is reported with everything that it overlaps', () => {
    expect(faults(exception('10.0.0.0/8'))).toHaveLength(2);
  });
});

describe('ranges of the cluster', () => {
  test.each([
    ['the whole internet', { nodeCidrs: ['0.0.0.0/0'] }, /^cluster.nodeCidrs\[0\]: must be narrower/],
    ['link-local nodes', { nodeCidrs: ['169.254.1.0/24'] }, /^cluster.nodeCidrs\[0\]: must not lie in 169.254.0.0\/16/],
    [
      'Services among pods',
      { serviceCidrs: ['10.96.0.0/16', '10.244.128.0/20'] },
      /^cluster.serviceCidrs\[1\]: must not overlap 10.244.0.0\/16 \(cluster.podCidrs\[0\]\), got "10.244.128.0\/20"$/,
    ],
    [
      'a DNS that is nowhere',
      { dns: { pods: false } },
      /^cluster.dns.addresses: must name at least one address where cluster.dns.pods is false, got \[\]$/,
    ],
    ['a DNS without labels', { dns: { podLabels: {} } }, /^cluster.dns.podLabels: must name at least one label/],
  ])('must not be %s', (_, cluster, message) => {
    expect(faults({ cluster })).toEqual([expect.stringMatching(message)]);
  });
});

describe('the name of the site', () => {
  test.each(['default', 'kube-public', 'kube-system'])('must not be %s', (name) => {
    expect(faults({ name })).toEqual([expect.stringMatching(/^name: must not be /)]);
  });

  test('must not make its monitoring namespace that of the DNS', () => {
    expect(faults({ name: 'dns', cluster: { dns: { namespace: 'dns-monitoring' } } })).toHaveLength(1);
  });
});

describe('pods of other namespaces', () => {
  test.each([
    ['extraEgress', { from: 'app', to: { namespace: 'shop' }, ports: [6379], reason: 'sessions' }, 'to'],
    ['extraIngress', { from: { namespace: 'shop-monitoring' }, to: 'app', reason: 'imports of orders' }, 'from'],
  ])('must not be the site itself in %s', (list, flow, end) => {
    expect(faults({ name: 'shop', firewall: { [list]: [flow] } })).toEqual([
      expect.stringMatching(`^firewall.${list}.0..${end}.namespace: must not be a namespace of the site itself`),
    ]);
  });
});

describe('the readers of Prometheus', () => {
  const readers = (...names: string[]) => ({
    name: 'shop',
    monitoring: { services: [{ type: 'sumologic' }, { type: 'prometheus', readers: names }] },
  });

  test('may be in any namespace that is none of the site', () => {
    expect(faults(readers('custom-metrics', 'kube-system', 'monitoring'))).toEqual([]);
  });

  test.each(['shop', 'shop-monitoring'])('must not be in the namespace %s of the site', (name) => {
    expect(faults(readers('grafana', name))).toEqual([
      `monitoring.services[1].readers[1]: must not be a namespace of the site itself ("shop", "shop-monitoring"), got "${name}"; name the reader's own namespace or leave it out`,
    ]);
  });
});

describe('requests', () => {
  const resources = {
    requests: { cpu: '1500m', memory: '1Gi', 'ephemeral-storage': '1Gi' },
    limits: { cpu: 1, memory: '512Mi', 'ephemeral-storage': '64Mi' },
  };

  test.each(['loadBalancer', 'web', 'app', 'database', 'monitoring'])('of %s must be at most its limits', (tier) => {
    expect(faults({ [tier]: { resources } })).toEqual([
      `${tier}.resources.requests.cpu: must be at most limits.cpu (1), got "1500m"; raise the limit as well`,
      `${tier}.resources.requests.memory: must be at most limits.memory (512Mi), got "1Gi"; raise the limit as well`,
      `${tier}.resources.requests.ephemeral-storage: must be at most limits.ephemeral-storage (64Mi), got "1Gi"; raise the limit as well`,
    ]);
  });

  test('of the Prometheus in the cluster must be at most its limits', () => {
    const services = [{ type: 'sumologic' }, { type: 'prometheus', resources }];
    expect(faults({ monitoring: { services } })).toHaveLength(3);
    expect(faults({ monitoring: { services } })[0]).toMatch(/^monitoring.services\[1\].resources.requests.cpu/);
  });

  test('may equal the limits', () => {
    expect(faults({ web: { resources: { requests: resources.limits, limits: resources.limits } } })).toEqual([]);
  });
});

test('Secrets of one namespace must have names of their own', () => {
  expect(faults({ secrets: { databaseTls: 'site-tls' } })).toEqual([
    'secrets.databaseTls: must differ from secrets.siteTls in the same namespace, got "site-tls"',
  ]);
  expect(faults({ secrets: { databaseMonitoring: 'site-tls' } })).toEqual([]);
});

describe('databases', () => {
  test.each([
    [
      'replicas of a group',
      { topology: 'group', replicas: 2 },
      'database.replicas: must be left out with database.topology "group", got "2"; replicas belongs to "primary-replica"',
    ],
    [
      'what a group does not wait for',
      { topology: 'group', whenReplicaIsLost: 'block' },
      'database.whenReplicaIsLost: must be left out with database.topology "group", got "block"; whenReplicaIsLost belongs to "primary-replica"',
    ],
    [
      'members without a group',
      { members: 3 },
      'database.members: must be left out with database.topology "primary-replica", got "3"; members belongs to "group"',
    ],
    [
      'a mode without a group',
      { mode: 'multi-primary' },
      'database.mode: must be left out with database.topology "primary-replica", got "multi-primary"; mode belongs to "group"',
    ],
  ])('have no %s', (_, database, message) => {
    expect(faults({ database })).toEqual([message]);
  });

  test.each([
    { topology: 'group', members: 5, mode: 'multi-primary' },
    { replicas: 8, whenReplicaIsLost: 'continue' },
  ])('may be %j', (database) => {
    expect(faults({ database })).toEqual([]);
  });

  test('of a group have room for its messages', () => {
    const resources = { requests: { cpu: '100m', memory: '256Mi' }, limits: { cpu: '1', memory: '512Mi' } };
    expect(faults({ database: { resources } })).toEqual([]);
    expect(faults({ database: { topology: 'group', resources } })).toEqual([
      `database.resources.limits.memory: must be at least 640Mi with database.topology "group", got "512Mi"; members keep 128 MiB of the group's messages`,
    ]);
  });

  test('have room for the connections of all app pods, of one more, at one server', () => {
    expect(faults({ app: { replicas: 9, connections: 11 } })).toEqual([]);
    expect(faults({ app: { replicas: 9, connections: 12 } })).toEqual([
      'app.connections: must be at most 11 with 10 app pods (one more while they roll), two pools each and 232 connections at one database, got 12; lower it or raise database.resources.limits.memory',
    ]);
    expect(faults({ app: { autoscaling: { maxReplicas: 20 }, connections: 10 } })).toEqual([
      expect.stringMatching(/^app.connections: must be at most 5 with 21 app pods/),
    ]);
  });
});

test.each([
  ['the second namespace of a site', { name: 'shop-monitoring' }, 'name: must not end with "-monitoring"'],
  ['an address', { domain: '203.0.113.9' }, 'domain: must be a name, not an address'],
  ['an address among aliases', { aliases: ['10.0.0.1'] }, 'aliases[0]: must be a name, not an address'],
])('a site has no name that is %s', (_, settings, message) => {
  expect(faults(settings)).toEqual([expect.stringContaining(message)]);
});
