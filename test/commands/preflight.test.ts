import { type Facts, factFaults } from '../../commands/up/preflight';
import { configOf } from '../support/firewalls';

const FACTS: Facts = {
  cilium: false,
  certManager: false,
  apiServer: [{ address: '10.1.2.3', port: 6443 }],
  serviceAddress: '10.96.0.1',
  dnsPods: 2,
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
])('is told when %s', (_, facts, cluster, message) => {
  expect(faults(facts, cluster)).toEqual([expect.stringMatching(message)]);
});

test('all are told at once', () => {
  expect(faults({ dnsPods: 0, cilium: true }, { apiServerPort: 443 })).toHaveLength(3);
});

describe('with certificates from cert-manager', () => {
  const config = configOf({ tls: { certificate: { source: 'cert-manager', issuer: { name: 'own' } } } });

  test('a cluster that has it has no fault', () => {
    expect(factFaults(config, { ...FACTS, certManager: true })).toEqual([]);
  });

  test('a cluster without it is told how to get it', () => {
    expect(factFaults(config, FACTS)).toEqual([
      expect.stringMatching(/^tls.certificate.source: is "cert-manager", but the cluster does not have it; install it/),
    ]);
  });
});
