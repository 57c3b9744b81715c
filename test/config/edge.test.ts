import { configOf, faultsOf as faults } from '../support/configs';

const lb = (settings: object) => ({ loadBalancer: settings });
const service = (settings: object) => lb({ service: settings });

describe('one line tells of', () => {
  test.each([
    ['an alias that is the domain', { aliases: ['www.example.org'] }, 'aliases[0]: must differ from domain'],
    ['an alias twice', { aliases: ['example.org', 'example.org'] }, 'aliases[1]: must be named once'],
    ['an alias that is no name', { aliases: ['*.example.org'] }, 'aliases[0]: must be a domain name in lower case'],
    [
      'an annotation that is no text',
      service({ annotations: { 'example.org/internal': true } }),
      'loadBalancer.service.annotations.example.org/internal: must be text, got true',
    ],
    [
      'the key of an annotation that is none',
      service({ annotations: { 'Bad Key!': 'x' } }),
      'loadBalancer.service.annotations: must be the key of an annotation, like "example.org/team", got "Bad Key!"',
    ],
    [
      'a class without a LoadBalancer',
      service({ type: 'NodePort', class: 'service.k8s.aws/nlb' }),
      'loadBalancer.service.class: must be left out with loadBalancer.service.type "NodePort", got "service.k8s.aws/nlb"',
    ],
    [
      'source ranges without a LoadBalancer',
      service({ type: 'ClusterIP', sourceRanges: ['203.0.113.0/24'] }),
      'loadBalancer.service.sourceRanges: must be left out',
    ],
    [
      'an address without a LoadBalancer',
      service({ type: 'ClusterIP', address: '203.0.113.9' }),
      'loadBalancer.service.address: must be left out',
    ],
    [
      'ports of nodes inside the cluster',
      service({ type: 'ClusterIP', nodePorts: { https: 30443, http: 30080 } }),
      'loadBalancer.service.nodePorts: must be left out',
    ],
    [
      'a traffic policy inside the cluster',
      service({ type: 'ClusterIP', externalTrafficPolicy: 'Local' }),
      'loadBalancer.service.externalTrafficPolicy: must be left out',
    ],
    [
      'visitors passed on by nodes that Cilium refuses',
      { ...service({ externalTrafficPolicy: 'Cluster' }), cluster: { networkPolicies: 'cilium' } },
      'loadBalancer.service.externalTrafficPolicy: must be "Local" where cluster.networkPolicies is "cilium"',
    ],
    [
      'one port for both',
      service({ nodePorts: { https: 30443, http: 30443 } }),
      'loadBalancer.service.nodePorts.http: must differ from loadBalancer.service.nodePorts.https, got 30443',
    ],
    ['PROXY without trusted ranges', lb({ proxyProtocol: {} }), 'loadBalancer.proxyProtocol.from: is required'],
    [
      'PROXY with no range',
      lb({ proxyProtocol: { from: [] } }),
      'loadBalancer.proxyProtocol.from: must have at least 1 item',
    ],
    [
      'PROXY from all addresses',
      lb({ proxyProtocol: { from: ['0.0.0.0/0'] } }),
      'loadBalancer.proxyProtocol.from[0]: must be narrower than the whole internet',
    ],
    ['a CDN without ranges', lb({ cdn: { header: 'CF-Connecting-IP' } }), 'loadBalancer.cdn.ranges: is required'],
    [
      'a CDN of all addresses',
      lb({ cdn: { ranges: ['0.0.0.0/0'] } }),
      'loadBalancer.cdn.ranges[0]: must be narrower than the whole internet',
    ],
    [
      'a header that would break the configuration',
      lb({ cdn: { ranges: ['203.0.113.0/24'], header: 'X-IP; evil' } }),
      'loadBalancer.cdn.header: must be the name of a header',
    ],
    [
      'a digest that is none',
      { images: { nginx: 'docker.io/library/nginx@sha256:abc' } },
      'images.nginx: must be an image with a tag other than "latest" or with a digest',
    ],
    [
      'a mirror with a scheme',
      { images: { registry: 'https://registry.example.org' } },
      'images.registry: must be a host and a path',
    ],
    [
      'a label that firewalls use',
      { web: { pods: { labels: { 'app.kubernetes.io/component': 'database' } } } },
      'web.pods.labels: must not have labels of app.kubernetes.io/',
    ],
    [
      'a label whose value is none',
      { app: { pods: { labels: { team: 'a b' } } } },
      'app.pods.labels.team: must be the value of a label',
    ],
  ])('%s', (_, settings, start) => {
    expect(faults(settings)).toEqual([expect.stringMatching(new RegExp(`^${literally(start)}`))]);
  });
});

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

describe('a mirror takes the place of the registry', () => {
  const { images } = configOf({ images: { registry: 'registry.example.org:5000/hub', mysql: 'mysql:9.7.4' } });

  test.each([
    ['of an image with a registry', images.haproxy, 'registry.example.org:5000/hub/library/haproxy:3.2.26'],
    ['of one in a folder', images.prometheus, 'registry.example.org:5000/hub/prom/prometheus:v3.5.3'],
    ["of one that is Docker Hub's own", images.mysql, 'registry.example.org:5000/hub/library/mysql:9.7.4'],
  ])('%s', (_, got, wanted) => {
    expect(got).toBe(wanted);
  });

  test('not of one that is there already, and a digest stays', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const own = configOf({
      images: {
        registry: 'registry.example.org',
        node: 'registry.example.org/node:24',
        nginx: `quay.io/a/nginx@${digest}`,
      },
    });
    expect(own.images.node).toBe('registry.example.org/node:24');
    expect(own.images.nginx).toBe(`registry.example.org/a/nginx@${digest}`);
  });
});
