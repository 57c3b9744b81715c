import { Testing } from 'cdk8s';
import { LoadBalancerChart } from '../../charts/load-balancer';
import { haproxyCfg } from '../../charts/load-balancer/haproxy-cfg';
import { nginxConf } from '../../charts/web/nginx-conf';
import { configOf } from '../support/configs';

const edge = (loadBalancer: object = {}) => configOf({ loadBalancer });
const lines = (text: string, pattern: RegExp): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => pattern.test(line));
// biome-ignore lint/suspicious/noExplicitAny: manifests, read at many depths
const object = (kind: string, loadBalancer: object): any =>
  Testing.synth(new LoadBalancerChart(Testing.app(), edge(loadBalancer))).find((o) => o.kind === kind);
const PORTS = [
  { name: 'https', port: 443, targetPort: 'https' },
  { name: 'http', port: 80, targetPort: 'http' },
];

describe('the Service of the load balancers', () => {
  test.each([
    [
      'is a LoadBalancer that keeps the address',
      {},
      { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: PORTS },
    ],
    [
      'takes what a cloud wants to know',
      {
        class: 'service.k8s.aws/nlb',
        sourceRanges: ['203.0.113.0/24'],
        address: '198.51.100.7',
        externalTrafficPolicy: 'Cluster',
      },
      {
        type: 'LoadBalancer',
        loadBalancerClass: 'service.k8s.aws/nlb',
        loadBalancerSourceRanges: ['203.0.113.0/24'],
        loadBalancerIP: '198.51.100.7',
        externalTrafficPolicy: 'Cluster',
        ports: PORTS,
      },
    ],
    [
      'opens ports of the nodes',
      { type: 'NodePort', nodePorts: { https: 30443, http: 30080 } },
      {
        type: 'NodePort',
        externalTrafficPolicy: 'Local',
        ports: [
          { ...PORTS[0], nodePort: 30443 },
          { ...PORTS[1], nodePort: 30080 },
        ],
      },
    ],
    ['stays inside the cluster', { type: 'ClusterIP' }, { type: 'ClusterIP', ports: PORTS }],
  ])('%s', (_, service, spec) => {
    const { selector: _selector, ...rest } = object('Service', { service }).spec;
    expect(rest).toEqual(spec);
  });

  test('bears the annotations', () => {
    const annotations = { 'service.beta.kubernetes.io/aws-load-balancer-type': 'external' };
    expect(object('Service', { service: { annotations } }).metadata.annotations).toMatchObject(annotations);
  });

  test('decides which nodes are idle: those that the cluster leaves out, where only a node with a pod gets visitors', () => {
    const required = (service: object) =>
      object('Deployment', { service }).spec.template.spec.affinity.nodeAffinity
        ?.requiredDuringSchedulingIgnoredDuringExecution;
    expect(required({})).toBeDefined();
    for (const service of [{ externalTrafficPolicy: 'Cluster' }, { type: 'NodePort' }, { type: 'ClusterIP' }]) {
      expect(required(service)).toBeUndefined();
    }
  });

  test('nodes that the configuration asks for are asked for beside those with visitors', () => {
    const zone = { key: 'topology.kubernetes.io/zone', operator: 'In', values: ['a', 'b'] };
    const { affinity } = object('Deployment', { placement: { nodes: { required: [zone] } } }).spec.template.spec;
    const { nodeSelectorTerms } = affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution;
    expect(nodeSelectorTerms).toHaveLength(1);
    expect(nodeSelectorTerms[0].matchExpressions).toEqual([
      { key: 'node.kubernetes.io/exclude-from-external-load-balancers', operator: 'DoesNotExist' },
      zone,
    ]);
    expect(affinity.podAntiAffinity).toBeDefined();
  });
});

describe('a PROXY header that comes in', () => {
  const text = haproxyCfg(edge({ proxyProtocol: { from: ['10.0.0.0/24', '192.0.2.7/32'] } }));

  test('is expected from those who are named, at both ports', () => {
    expect(lines(text, /expect-proxy/)).toEqual(
      Array(2).fill('tcp-request connection expect-proxy layer4 if { src 10.0.0.0/24 192.0.2.7/32 }'),
    );
    expect(haproxyCfg(edge())).not.toMatch('expect-proxy');
  });

  test('is read before connections are counted: rules of the connection would count the load balancer in front', () => {
    expect(lines(text, /sc0/).filter((line) => !line.startsWith('tcp-request session '))).toEqual([]);
    expect(lines(haproxyCfg(edge()), /sc0/).every((line) => line.startsWith('tcp-request connection '))).toBe(true);
  });
});

describe('a content delivery network', () => {
  const behind = edge({ cdn: { ranges: ['203.0.113.0/24', '198.51.100.0/25'], header: 'CF-Connecting-IP' } });

  test('is not counted as one visitor', () => {
    expect(lines(haproxyCfg(behind), /track-sc0/)).toEqual([
      'tcp-request connection track-sc0 src unless { src 203.0.113.0/24 198.51.100.0/25 }',
    ]);
  });

  test("is the only source of the visitor's address in limits, logs and headers", () => {
    const text = nginxConf(behind);
    expect(text).toMatch('geo $proxy_protocol_addr $from_cdn {');
    expect(text).toMatch('map "$from_cdn $http_cf_connecting_ip" $visitor {');
    expect(lines(text, /limit_req_zone/)).toEqual(['limit_req_zone $visitor zone=clients:10m rate=500r/s;']);
    // the connection's address to its left decides whether it is trusted
    expect(lines(text, /\$(binary_)?remote_addr/)).toEqual(['default $remote_addr;']);
    expect(nginxConf(edge())).not.toMatch(/\$visitor|from_cdn/);
  });
});

describe('names', () => {
  const aliases = ['example.org'];
  const answers = (settings: object) => {
    const [, map = ''] = /map \$host \$answer_to_name \{\n([^}]*)\}/.exec(nginxConf(configOf(settings))) ?? [];
    return lines(map, /./);
  };

  test.each([
    ['every name is served where nothing is said', {}, []],
    ['an alias leads to the domain', { aliases }, ['default "";', 'www.example.org "";', 'example.org redirect;']],
    [
      'an alias is served',
      { aliases, web: { aliases: 'serve', unknownHosts: 'refuse' } },
      ['default refuse;', 'www.example.org "";', 'example.org "";'],
    ],
    [
      'an unknown name leads to the domain',
      { web: { unknownHosts: 'redirect' } },
      ['default redirect;', 'www.example.org "";'],
    ],
  ])('%s', (_, settings, expected) => {
    expect(answers(settings)).toEqual(expected);
  });

  test('names may be as long as DNS allows, and the words of a map', () => {
    const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.example.org`;
    // nginx takes it before the first map alone, and calls it a duplicate after that
    expect(nginxConf(configOf({ aliases: [long] })).split(/^ *map /m)[0]).toMatch(/^ {2}map_hash_bucket_size 512;$/m);
    expect(answers({ aliases: ['default', 'hostnames', 'include', 'volatile', 'news'] }).slice(2)).toEqual([
      '\\default redirect;',
      '\\hostnames redirect;',
      '\\include redirect;',
      '\\volatile redirect;',
      'news redirect;',
    ]);
  });

  test('a redirect keeps method, path and query', () => {
    expect(nginxConf(configOf({ aliases }))).toMatch('return 308 https://www.example.org$request_uri;');
  });
});
