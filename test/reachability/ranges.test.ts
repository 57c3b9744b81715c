import { addressClasses, clusterOf, outsiders } from '../../reachability/cluster';
import { permitted } from '../../reachability/engine';
import { PortSet } from '../../reachability/ports';
import { api, cilium, egress, host, ingress, internet, pod, policy, ports, web } from './cases';

// Cases of https://kubernetes.io/docs/concepts/services-networking/network-policies/ and of the API reference

describe('ipBlock', () => {
  const block = { ipBlock: { cidr: '203.0.112.0/20', except: ['203.0.113.0/24'] } };

  test.each([
    ['203.0.112.0', 'all'],
    ['203.0.113.0', 'none'],
    ['203.0.113.255', 'none'],
    ['203.0.114.0', 'all'],
    ['203.0.127.255', 'all'],
    ['203.0.128.0', 'none'],
    ['2001:db8::1', 'none'],
  ])('with an exception, %s: %s', (address, expected) => {
    expect(egress({ egress: [{ to: [block] }] }, host(address))).toBe(expected);
  });

  test('one block opens what another excepts', () => {
    expect(egress({ egress: [{ to: [block, { ipBlock: { cidr: '203.0.113.7/32' } }] }] }, host('203.0.113.7'))).toBe(
      'all',
    );
  });

  test('IPv4 ranges hold no IPv6 address, IPv6 ranges do', () => {
    expect(egress({ egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }] }, host('2001:db8::1'))).toBe('none');
    expect(egress({ egress: [{ to: [{ ipBlock: { cidr: '2001:db8::/32' } }] }] }, host('2001:db8::1'))).toBe('all');
  });

  test('matches a pod whose address is known, as networks may', () => {
    const all = { egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }] };
    expect(egress(all, api)).toBe('none');
    expect(egress(all, { ...api, address: '10.244.0.1' })).toBe('all');
  });

  test('address classes cut IPv4 at every border and leave no gap', () => {
    const { policies } = clusterOf([policy({ podSelector: {}, egress: [{ to: [block] }] })]);
    expect(addressClasses(policies, ['255.255.255.0/24'])).toEqual([
      { first: '0.0.0.0', last: '203.0.111.255' },
      { first: '203.0.112.0', last: '203.0.112.255' },
      { first: '203.0.113.0', last: '203.0.113.255' },
      { first: '203.0.114.0', last: '203.0.127.255' },
      { first: '203.0.128.0', last: '255.255.254.255' },
      { first: '255.255.255.0', last: '255.255.255.255' },
    ]);
    expect(outsiders(addressClasses([]))).toEqual([host('0.0.0.0', { name: '0.0.0.0 to 255.255.255.255' })]);
  });
});

describe('ports', () => {
  const into = (...ports: object[]) => ingress({ ingress: [{ ports }] }, api);

  test.each([
    ['a number is TCP by default', [{ port: 80 }], 'TCP 80'],
    ['a protocol alone is all of its ports', [{ protocol: 'UDP' }], 'UDP all'],
    ['an item without a field is all of TCP', [{}], 'TCP all'],
    ['endPort ends a range', [{ port: 32000, endPort: 32768 }], 'TCP 32000-32768'],
    [
      'several items add up',
      [{ port: 53, protocol: 'UDP' }, { port: 53 }, { port: 9, protocol: 'SCTP' }],
      'TCP 53, UDP 53, SCTP 9',
    ],
    ['a name is looked up on the target pod', [{ port: 'http' }], 'TCP 8080'],
    ['a name needs the protocol too', [{ port: 'dns' }], 'none'],
    ['a name of another protocol', [{ port: 'dns', protocol: 'UDP' }], 'UDP 53'],
    ['an unknown name opens nothing', [{ port: 'https' }], 'none'],
  ])('%s', (_, items, expected) => {
    expect(into(...items)).toBe(expected);
  });

  test.each([
    ['absent', {}],
    ['empty', { ports: [] }],
    ['null', { ports: null }],
  ])('ports %s mean every port of every protocol', (_, rule) => {
    expect(ingress({ ingress: [rule] }, api)).toBe('all');
  });

  test('a name in an egress rule is looked up on each target, and no address has one', () => {
    const named = { egress: [{ ports: [{ port: 'http' }] }] };
    expect(egress(named, pod('elsewhere', 'x', { ports: [{ name: 'http', containerPort: 3000 }] }))).toBe('TCP 3000');
    expect(egress(named, internet)).toBe('none');
  });

  test('sets of ports compare by their text', () => {
    const set = PortSet.union([PortSet.of('TCP', 80, 90), PortSet.of('TCP', 91), PortSet.of('UDP', 1)]);
    expect(String(set)).toBe('TCP 80-91, UDP 1');
    expect(String(set.minus(PortSet.of('TCP', 85)))).toBe('TCP 80-84, TCP 86-91, UDP 1');
    expect(set.minus(PortSet.all).isEmpty).toBe(true);
    expect([set.has('TCP', 91), set.has('TCP', 92), set.has('UDP', 80)]).toEqual([true, false, false]);
    expect(String(PortSet.union([PortSet.allOf('TCP'), PortSet.allOf('UDP'), PortSet.allOf('SCTP')]))).toBe('all');
  });
});

describe("Cilium's entities", () => {
  const toHosts = cilium({
    endpointSelector: { matchLabels: { app: 'web' } },
    egress: [
      { toEntities: ['kube-apiserver'], toPorts: [{ ports: [{ port: '6443', protocol: 'TCP' }] }] },
      {
        toEntities: ['host', 'remote-node'],
        toPorts: [{ ports: [{ port: '10250', protocol: 'TCP' }, { port: '53' }] }],
      },
    ],
  });

  test('open the ways to the hosts that bear the name, and isolate the pod', () => {
    const node = host('10.0.0.4', { entities: ['remote-node'] });
    const controlPlane = host('10.0.0.1', { entities: ['remote-node', 'kube-apiserver'] });
    expect(ports(web, node, toHosts)).toBe('TCP 53, TCP 10250, UDP 53, SCTP 53');
    expect(ports(web, controlPlane, toHosts)).toBe('TCP 53, TCP 6443, TCP 10250, UDP 53, SCTP 53');
    expect(ports(web, internet, toHosts)).toBe('none');
    expect(ports(web, api, toHosts)).toBe('none');
    expect(ports(api, internet, toHosts)).toBe('all');
  });

  test('add to what a NetworkPolicy permits', () => {
    const out = policy({ podSelector: {}, egress: [{ to: [{ podSelector: {} }] }] });
    expect(
      ports(web, { ...api, labels: { app: 'none' } }, toHosts, policy({ podSelector: {}, policyTypes: ['Egress'] })),
    ).toBe('none');
    expect(String(permitted('egress', web, api, clusterOf([toHosts, out])))).toBe('all');
  });

  test('all, world and cluster are as wide as they sound', () => {
    const to = (entity: string) => cilium({ endpointSelector: {}, egress: [{ toEntities: [entity] }] });
    expect([ports(web, internet, to('all')), ports(web, api, to('all'))]).toEqual(['all', 'all']);
    expect([ports(web, internet, to('world')), ports(web, api, to('world'))]).toEqual(['all', 'none']);
    expect([ports(web, internet, to('cluster')), ports(web, api, to('cluster'))]).toEqual(['none', 'all']);
  });
});

describe('what it cannot judge', () => {
  const by = (rule: object) => policy({ podSelector: {}, ingress: [rule] });

  test.each([
    ['an unknown field of a policy', policy({ podSelector: {}, serviceAccounts: {} }), 'serviceAccounts'],
    ['an unknown field of a peer', by({ from: [{ fqdn: 'example.org' }] }), 'fqdn'],
    ['an empty peer', by({ from: [{}] }), 'either an ipBlock or selectors'],
    ['an ipBlock beside a selector', by({ from: [{ ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} }] }), 'either'],
    ['a range without a mask', by({ from: [{ ipBlock: { cidr: '10.0.0.1' } }] }), 'address range'],
    [
      'an exception as wide as its range',
      by({ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.0/8'] } }] }),
      'narrower',
    ],
    [
      'an exception beside its range',
      by({ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/9'] } }] }),
      'within',
    ],
    ['endPort with a name', by({ ports: [{ port: 'http', endPort: 9000 }] }), 'endPort'],
    ['endPort below port', by({ ports: [{ port: 80, endPort: 79 }] }), 'endPort'],
    [
      'values where none belong',
      policy({ podSelector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] } }),
      'values',
    ],
    ['an unknown field of a Cilium policy', cilium({ endpointSelector: {}, egress: [{ toFQDNs: [] }] }), 'toFQDNs'],
    ['a policy of another kind', { ...policy({}), kind: 'AdminNetworkPolicy' }, 'AdminNetworkPolicy shop/p'],
  ])('fails on %s', (_, manifest, message) => {
    expect(() => clusterOf([manifest])).toThrow(message);
  });

  test("fails on a pod on the host's network, which no policy governs", () => {
    const daemon = {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'agent' },
      spec: { template: { spec: { hostNetwork: true, containers: [] } } },
    };
    expect(() => clusterOf([daemon])).toThrow("default/agent: policies do not govern pods on the host's network");
  });
});
