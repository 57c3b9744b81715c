import type { Facts } from '../../commands/cluster/facts';
import { covering, sectionOf } from '../../commands/cluster/section';
import { factFaults } from '../../commands/up/fact-faults';
import { parseConfig } from '../../config';
import { configOf } from '../support/configs';

const FACTS: Facts = {
  minor: 36,
  cilium: false,
  certManager: false,
  apiServer: [{ address: '10.1.2.3', port: 6443 }],
  serviceAddress: '10.96.0.1',
  dnsPods: 2,
};
const DNS = {
  namespace: 'kube-system',
  name: 'kube-dns',
  address: '10.96.0.10',
  podLabels: { 'k8s-app': 'kube-dns' },
  podPort: 53,
};
const faults = (facts: Partial<Facts>, cluster: object = {}) =>
  factFaults(configOf({ cluster }), { ...FACTS, ...facts });

test('a cluster that is as the configuration says has no fault', () => {
  expect(faults({})).toEqual([]);
  expect(faults({ cilium: true }, { networkPolicies: 'cilium' })).toEqual([]);
});

test('what the account may not see is no fault', () => {
  expect(faults({ apiServer: [], serviceAddress: '', dnsPods: undefined })).toEqual([]);
});

test('IPv6 addresses are not compared with IPv4 ranges', () => {
  expect(faults({ serviceAddress: 'fd00::1' })).toEqual([]);
});

test.each<[string, Partial<Facts>, object, RegExp]>([
  [
    'Cilium is set and absent',
    {},
    { networkPolicies: 'cilium' },
    /^cluster.networkPolicies: .* set it to "kubernetes"/,
  ],
  ['Cilium is there and not set', { cilium: true }, {}, /^cluster.networkPolicies: .* set it to "cilium"/],
  ['the API server listens elsewhere', {}, { apiServerPort: 443 }, /^cluster.apiServerPort: is 443, .* on 6443/],
  ['no range holds the API server', {}, { nodeCidrs: ['192.168.0.0/16'] }, /^cluster.nodeCidrs: .* 10.1.2.3/],
  ['no range holds the Services', { serviceAddress: '172.20.0.1' }, {}, /^cluster.serviceCidrs: .* 172.20.0.1/],
  ['no pod is the DNS', { dnsPods: 0 }, {}, /^cluster.dns: no pod in kube-system bears {"k8s-app":"kube-dns"}/],
  [
    'pods are elsewhere, as with k3s',
    { podAddresses: ['10.42.0.7', '10.42.1.9', '10.244.3.3'], nodePodCidrs: ['10.42.0.0/24'] },
    {},
    /^cluster.podCidrs: holds no range with 10.42.0.7 and 1 more, .* write podCidrs: \[10.42.0.0\/16\]$/,
  ],
  [
    'nodes give other ranges, and no pod tells',
    { podAddresses: [], nodePodCidrs: ['10.42.0.0/24'] },
    {},
    /^cluster.podCidrs: holds no range with 10.42.0.0\/24/,
  ],
  [
    'Services are elsewhere',
    { serviceCidrs: ['10.43.0.0/16'], serviceAddress: '10.43.0.1' },
    {},
    /^cluster.serviceCidrs: holds no range with 10.43.0.0\/16, .* write serviceCidrs: \[10.43.0.0\/16\]$/,
  ],
  [
    'a node is in no range',
    { nodeAddresses: ['10.1.2.3', '203.0.113.7'] },
    {},
    /^cluster.nodeCidrs: holds no range with 203.0.113.7, addresses of nodes; write nodeCidrs: \[203.0.0.0\/16\]$/,
  ],
  [
    'DNS pods listen elsewhere, as on OpenShift',
    { dns: { ...DNS, podPort: 5353 } },
    {},
    /^cluster.dns.port: is 53, but the pods of kube-system\/kube-dns listen on 5353, .* write port: 5353$/,
  ],
  [
    'DNS is no pod, as with EKS Auto Mode',
    { dnsPods: 0, dns: { ...DNS, podPort: undefined } },
    {},
    /write dns: { pods: false, addresses: \[10.96.0.10\] }$/,
  ],
  [
    'a NodeLocal cache is not said',
    { nodeLocalDns: true, dns: DNS },
    {},
    /^cluster.dns.addresses: is empty, .* write addresses: \[169.254.20.10, 10.96.0.10\]$/,
  ],
  [
    'no StorageClass is the default',
    { storageClasses: [{ name: 'gp3', isDefault: false }] },
    {},
    /^database.storage.storageClassName: is left out, .*: gp3$/,
  ],
])('is reported when %s', (_, facts, cluster, message) => {
  // the environment of the tests stores metrics on a volume as well
  const found = faults(facts, cluster).filter((line) => !line.startsWith('monitoring.services'));
  expect(found).toEqual([expect.stringMatching(message)]);
});

test('what a pod has counts more than what its node says', () => {
  expect(faults({ podAddresses: ['10.244.1.2'], nodePodCidrs: ['10.0.0.0/24'] })).toEqual([]);
});

test('a version that lacks what an environment asks for is reported before anything is applied', () => {
  const config = configOf({ app: { code: { source: 'image', image: 'registry.example.org/site:1' } } });
  expect(factFaults(config, { ...FACTS, minor: 34 })).toEqual([
    expect.stringMatching(
      /^app.code.source: needs image volumes .* since 1.35, but the cluster runs 1.34; upgrade, or/,
    ),
  ]);
  expect(factFaults(config, { ...FACTS, minor: 35 })).toEqual([]);
  expect(factFaults(configOf(), { ...FACTS, minor: 28 })).toHaveLength(2);
});

test('a class that the cluster lacks is reported with those that it has', () => {
  const config = configOf({
    database: { storage: { storageClassName: 'fast' } },
    web: { pods: { priorityClassName: 'shop' } },
  });
  const classes = {
    storageClasses: [{ name: 'standard', isDefault: true }],
    priorityClasses: ['system-node-critical'],
  };
  expect(factFaults(config, { ...FACTS, ...classes })).toEqual([
    'database.storage.storageClassName: is "fast", but the cluster has: standard',
    'web.pods.priorityClassName: is "shop", but the cluster has: system-node-critical',
  ]);
});

describe('the section that fits a cluster', () => {
  const k3s: Facts = {
    ...FACTS,
    apiServer: [{ address: '10.0.0.5', port: 6443 }],
    serviceAddress: '10.43.0.1',
    podAddresses: ['10.42.0.5', '10.42.1.7'],
    nodePodCidrs: ['10.42.0.0/24', '10.42.1.0/24'],
    nodeAddresses: ['10.0.0.5', '10.0.0.6'],
    dns: { ...DNS, address: '10.43.0.10' },
  };

  test.each<[string, Facts]>([
    ['k3s', k3s],
    ['DNS pods at another port', { ...k3s, dns: { ...DNS, namespace: 'openshift-dns', podPort: 5353 }, dnsPods: 0 }],
    ['no DNS pods', { ...k3s, dns: { ...DNS, podPort: undefined }, dnsPods: 0 }],
    ['a NodeLocal cache', { ...k3s, nodeLocalDns: true }],
    ['Cilium', { ...k3s, cilium: true }],
    ['public pod ranges', { ...k3s, podAddresses: ['30.1.2.3'], nodePodCidrs: [] }],
  ])('is accepted, and has no fault there: %s', (_, facts) => {
    const config = parseConfig(`domain: www.example.org\n${sectionOf(facts)}`, 'detected.yaml');
    expect(factFaults(config, { ...facts, dnsPods: config.cluster.dns.pods ? 2 : 0 })).toEqual([]);
  });

  test('lists facts that could not be found out', () => {
    const bare = { ...FACTS, apiServer: [], serviceAddress: '' };
    expect(sectionOf(bare)).toMatch('# podCidrs: neither pods nor nodes show them');
    expect(sectionOf(bare)).toMatch('# serviceCidrs: this cluster does not tell');
  });

  test.each([
    [['10.42.0.0/24', '10.42.7.0/24'], ['10.42.0.0/16']],
    [
      ['10.1.0.1/32', '10.2.0.1/32'],
      ['10.1.0.0/16', '10.2.0.0/16'],
    ],
    [['10.0.0.1/32', '10.1.0.1/32', '10.2.0.1/32', '10.3.0.1/32', '10.7.0.1/32'], ['10.0.0.0/13']],
    [['10.128.0.0/14'], ['10.128.0.0/14']],
    [[], []],
  ])('covers %j by %j', (ranges, covered) => {
    expect(covering(ranges)).toEqual(covered);
  });
});

test('all are reported at once', () => {
  expect(faults({ dnsPods: 0, cilium: true }, { apiServerPort: 443 })).toHaveLength(3);
});

describe('with certificates from cert-manager', () => {
  const config = configOf({ tls: { certificate: { source: 'cert-manager', issuer: { name: 'own' } } } });

  test('a cluster that has it has no fault', () => {
    expect(factFaults(config, { ...FACTS, certManager: true })).toEqual([]);
  });

  test('a cluster without it gets a hint how to install it', () => {
    expect(factFaults(config, FACTS)).toEqual([
      expect.stringMatching(/^tls.certificate.source: is "cert-manager", but the cluster does not have it; install it/),
    ]);
  });
});
