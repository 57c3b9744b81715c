import { clusterOf } from '../../reachability/cluster';
import { permitted } from '../../reachability/engine';
import type { Manifest } from '../../reachability/manifest';
import { api, egress, ingress, internet, namespace, pod, policy, ports, stranger, web } from './cases';

// Cases of https://kubernetes.io/docs/concepts/services-networking/network-policies/ and of the API reference

describe('lists', () => {
  const hole = policy({ podSelector: {}, ingress: [{}] });
  const deny = policy({ podSelector: {}, policyTypes: ['Ingress'] });
  const list = (kind: string, ...items: unknown[]) => ({ apiVersion: 'v1', kind, items }) as unknown as Manifest;
  const { metadata, spec } = hole;

  test.each<[string, Manifest]>([
    ['a List', list('List', hole)],
    ['a List in a List', list('List', list('List', hole))],
    ['a list of one kind, whose items need not say it', list('NetworkPolicyList', { metadata, spec })],
  ])('%s is read as its items, as kubectl does', (_, object) => {
    expect(ports(stranger, web, deny)).toBe('none');
    expect(ports(stranger, web, deny, object)).toBe('all');
  });

  test('an empty document is nothing, and what is no object is refused', () => {
    expect(ports(stranger, web, deny, null as unknown as Manifest)).toBe('none');
    expect(() => clusterOf(['text' as unknown as Manifest])).toThrow('holds something that is no Kubernetes object');
  });

  test('a policy without a namespace is refused: it would go into any', () => {
    const nowhere = { ...hole, metadata: { name: 'hole' } };
    expect(() => clusterOf([nowhere])).toThrow('NetworkPolicy hole: names no namespace');
  });
});

describe('isolation', () => {
  test('without a policy everything may connect to everything', () => {
    expect(ports(stranger, web)).toBe('all');
    expect(ports(web, internet)).toBe('all');
  });

  test('a policy isolates the pods it selects, in its own namespace, and no others', () => {
    const deny = policy({ podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] });
    expect(ports(api, web, deny)).toBe('none');
    expect(ports(web, api, deny)).toBe('all');
    expect(ports(api, stranger, deny)).toBe('all');
  });

  test('an empty podSelector selects every pod of the namespace, labelled or not', () => {
    const deny = policy({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    expect(ports(stranger, { ...api, labels: {} }, deny)).toBe('none');
    expect(ports(api, internet, deny)).toBe('none');
    expect(ports(internet, stranger, deny)).toBe('all');
  });

  test('a connection needs the egress of its source and the ingress of its target', () => {
    const out = policy({
      podSelector: { matchLabels: { app: 'web' } },
      policyTypes: ['Egress'],
      egress: [{ ports: [{ port: 80 }, { port: 81 }] }],
    });
    const into = policy({
      podSelector: { matchLabels: { app: 'api' } },
      ingress: [{ ports: [{ port: 81 }, { port: 82 }] }],
    });
    expect(ports(web, api, out, into)).toBe('TCP 81');
  });

  test('policies add up: none takes back what another permits', () => {
    const one = policy({ podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] });
    const other = policy({ podSelector: {}, ingress: [{ ports: [{ port: 82 }] }, { ports: [{ port: 81 }] }] });
    const deny = policy({ podSelector: {}, policyTypes: ['Ingress'] });
    expect(ports(api, web, one, deny, other)).toBe('TCP 80-82');
  });
});

describe('policyTypes', () => {
  const rules = { ingress: [{ ports: [{ port: 80 }] }], egress: [{ ports: [{ port: 80 }] }] };

  test.each([
    ['absent, no rules: ingress only', {}, 'none', 'all'],
    ['absent, egress rules: both directions', { egress: rules.egress }, 'none', 'TCP 80'],
    ['absent, an empty list of egress rules: ingress only', { egress: [] }, 'none', 'all'],
    ['an empty list counts as absent', { policyTypes: [], ...rules }, 'TCP 80', 'TCP 80'],
    ['Egress alone ignores ingress rules', { policyTypes: ['Egress'], ...rules }, 'all', 'TCP 80'],
    ['Ingress alone ignores egress rules', { policyTypes: ['Ingress'], ...rules }, 'TCP 80', 'all'],
    ['both, no rules: nothing in, nothing out', { policyTypes: ['Ingress', 'Egress'] }, 'none', 'none'],
  ])('%s', (_, spec, into, out) => {
    const rules = clusterOf([policy({ podSelector: {}, ...spec })]);
    expect(String(permitted('ingress', web, api, rules))).toBe(into);
    expect(String(permitted('egress', web, api, rules))).toBe(out);
  });
});

describe('peers', () => {
  test.each([
    ['absent', {}],
    ['empty', { from: [] }],
    ['null', { from: null }],
  ])('from %s means every peer, outside the cluster too', (_, rule) => {
    expect(ingress({ ingress: [rule] }, stranger)).toBe('all');
    expect(ingress({ ingress: [rule] }, internet)).toBe('all');
  });

  test('no rules mean no peers', () => {
    expect(ingress({ ingress: [] }, api)).toBe('none');
  });

  test('a podSelector alone selects in the namespace of the policy', () => {
    const rule = { ingress: [{ from: [{ podSelector: {} }] }] };
    expect(ingress(rule, api)).toBe('all');
    expect(ingress(rule, stranger)).toBe('none');
    expect(ingress(rule, internet)).toBe('none');
  });

  test('a namespaceSelector alone selects every pod of the namespaces, an empty one every namespace', () => {
    const one = { ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'blue' } } }] }] };
    const blue = [namespace('elsewhere', { team: 'blue' }), policy({ podSelector: {}, ...one })];
    expect(ports(stranger, web, ...blue)).toBe('all');
    expect(ports(api, web, ...blue)).toBe('none');
    const every = { ingress: [{ from: [{ namespaceSelector: {} }] }] };
    expect(ingress(every, stranger)).toBe('all');
    expect(ingress(every, internet)).toBe('none');
  });

  test('every namespace bears its name as a label', () => {
    const labels = { 'kubernetes.io/metadata.name': 'elsewhere' };
    expect(egress({ egress: [{ to: [{ namespaceSelector: { matchLabels: labels } }] }] }, stranger)).toBe('all');
  });

  const elsewhere = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'elsewhere' } } };
  const called = { podSelector: { matchLabels: { app: 'web' } } };

  test('both selectors in one item must both match', () => {
    const rule = { ingress: [{ from: [{ ...elsewhere, ...called }] }] };
    expect(ingress(rule, stranger)).toBe('all');
    expect(ingress(rule, pod('elsewhere', 'api'))).toBe('none');
    expect(ingress(rule, pod('shop', 'web'))).toBe('none');
  });

  test('two items match each by itself', () => {
    const rule = { ingress: [{ from: [elsewhere, called] }] };
    expect(ingress(rule, pod('elsewhere', 'api'))).toBe('all');
    expect(ingress(rule, pod('shop', 'web'))).toBe('all');
    expect(ingress(rule, pod('third', 'web'))).toBe('none');
  });

  test('a pod is another replica to itself, which no policy permits by default', () => {
    expect(ingress({ ingress: [{ from: [{ podSelector: { matchLabels: { app: 'api' } } }] }] }, web)).toBe('none');
  });
});

describe('selectors', () => {
  const by = (...matchExpressions: object[]) => ({ ingress: [{ from: [{ podSelector: { matchExpressions } }] }] });

  test.each([
    ['In', { key: 'app', operator: 'In', values: ['api', 'x'] }, true, false],
    ['NotIn, which holds where the label is missing', { key: 'app', operator: 'NotIn', values: ['api'] }, false, true],
    ['Exists', { key: 'app', operator: 'Exists' }, true, false],
    ['DoesNotExist', { key: 'app', operator: 'DoesNotExist' }, false, true],
  ])('%s', (_, expression, labelled, bare) => {
    expect(ingress(by(expression), api)).toBe(labelled ? 'all' : 'none');
    expect(ingress(by(expression), { ...api, labels: {} })).toBe(bare ? 'all' : 'none');
  });

  test('every label and every expression must match', () => {
    const labels = { app: 'api', tier: 'x' };
    const exists = { key: 'tier', operator: 'Exists' };
    expect(ingress(by(exists, { key: 'app', operator: 'In', values: ['web'] }), { ...api, labels })).toBe('none');
    const both = { podSelector: { matchLabels: { app: 'api' }, matchExpressions: [exists] } };
    expect(ingress({ ingress: [{ from: [both] }] }, { ...api, labels })).toBe('all');
    expect(ingress({ ingress: [{ from: [both] }] }, api)).toBe('none');
  });
});
