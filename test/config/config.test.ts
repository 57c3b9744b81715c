import { readdirSync, readFileSync } from 'node:fs';
import { schemaText } from '../../commands/schema/text';
import { type Config, parseConfig } from '../../config';
import { faultsIn } from '../support/configs';

const parse = (yaml: string): Config => parseConfig(yaml, 'config/test.yaml');
const faultsOf = (yaml: string): readonly string[] => faultsIn(() => parse(yaml));
/** Faults of an environment that is right apart from `yaml`. */
const faults = (yaml: string): readonly string[] => faultsOf(`domain: www.example.org\n${yaml}`);

describe('an environment', () => {
  test('needs a domain only, everything else has a default', () => {
    const config = parse('domain: www.example.org');
    expect(config).toMatchObject({
      name: 'foobar',
      web: { replicas: 2 },
      database: { topology: 'primary-replica' },
      app: { code: { source: 'bundle' } },
      secrets: { create: true, siteTls: 'site-tls' },
      monitoring: { services: [{ type: 'prometheus', retention: '15d' }], collectLogs: true },
      firewall: { extraEgress: [] },
      cluster: { networkPolicies: 'kubernetes', apiServerPort: 6443 },
    });
  });

  test('cannot be changed once it is read, at any depth', () => {
    const config = parse('domain: www.example.org') as unknown as {
      name: string;
      web: { resources: { limits: { cpu: string } } };
      cluster: { podCidrs: string[] };
    };
    expect(() => {
      config.name = 'other';
    }).toThrow(TypeError);
    expect(() => {
      config.web.resources.limits.cpu = '8';
    }).toThrow(TypeError);
    expect(() => config.cluster.podCidrs.push('0.0.0.0/0')).toThrow(TypeError);
  });

  test('is what each file of config/ holds', () => {
    const files = readdirSync('config').filter((file) => file.endsWith('.yaml'));
    expect(files).toEqual(['development.yaml', 'production.yaml']);
    for (const file of files) parseConfig(readFileSync(`config/${file}`, 'utf8'), file);
  });
});

test('the schema for editors is current (`npm run schema` writes it)', () => {
  expect(readFileSync('config/schema.json', 'utf8')).toBe(schemaText());
});

describe('a fault is reported with its path, what is allowed and what was got:', () => {
  test.each([
    ['too small a number', 'web: { replicas: 0 }', 'web.replicas: must be 2 to 50, got 0'],
    ['too large a number', 'loadBalancer: { replicas: 21 }', 'loadBalancer.replicas: must be 1 to 20, got 21'],
    ['a fraction', 'app: { replicas: 2.5 }', 'app.replicas: must be a whole number, 1 to 50, got 2.5'],
    ['text for a number', 'app: { replicas: two }', 'app.replicas: must be a whole number, 1 to 50, got "two"'],
    ['too many', 'database: { replicas: 9 }', 'database.replicas: must be 1 to 8, got 9'],
    [
      'an even number of members',
      'database: { topology: group, members: 4 }',
      'database.members: must be 3, 5, 7 or 9, got 4',
    ],
    [
      'text for a switch',
      'monitoring: { collectLogs: "yes" }',
      'monitoring.collectLogs: must be true or false, got "yes"',
    ],
    ['a number for text', 'name: 7', 'name: must be text, got 7'],
    ['an empty section', 'web:', 'web: must be a group of settings, got null'],
    ['an empty list', 'monitoring: { services: [] }', 'monitoring.services: must have at least 1 item, got []'],
    [
      'short text',
      'firewall: { extraEgress: [{ from: app, to: 203.0.113.7/32, ports: [443], reason: mail }] }',
      'firewall.extraEgress[0].reason: must have at least 8 characters, got "mail"',
    ],
    [
      'a word that is none of the allowed',
      'tls: { profile: old }',
      'tls.profile: must be "modern" or "intermediate", got "old"',
    ],
    [
      'an unknown kind of service',
      'monitoring: { services: [{ type: datadog }] }',
      'monitoring.services[0].type: must be "prometheus", "otlp" or "sumologic", got "datadog"',
    ],
    [
      'a service without a kind',
      'monitoring: { services: [{}] }',
      'monitoring.services[0].type: is required: "prometheus", "otlp" or "sumologic"',
    ],
    [
      'an address that is not https',
      'monitoring: { services: [{ type: otlp, endpoint: "http://example.org" }] }',
      'monitoring.services[0].endpoint: must be an address that starts with https://, like "https://otlp.example.org:4318", got "http://example.org"',
    ],
    [
      'a path of gRPC',
      'monitoring: { services: [{ type: otlp, protocol: grpc, endpoint: "https://example.org/otlp" }] }',
      'monitoring.services[0].endpoint: must have no path when protocol is "grpc", got "https://example.org/otlp"; leave the path out',
    ],
    [
      'a header in upper case',
      'monitoring: { services: [{ type: otlp, endpoint: "https://example.org", headers: [X-Tenant] }] }',
      'monitoring.services[0].headers[0]: must be the name of a header in lower case, like "authorization", got "X-Tenant"',
    ],
    [
      'one name for a list of names',
      'monitoring: { services: [{ type: prometheus, readers: grafana }] }',
      'monitoring.services[0].readers: must be a list, got "grafana"',
    ],
    [
      'no name of a namespace',
      'monitoring: { services: [{ type: prometheus, readers: [grafana, "*"] }] }',
      'monitoring.services[0].readers[1]: must be the name of a namespace: lower case letters, digits and "-" (max 63), got "*"',
    ],
    [
      'a namespace twice',
      'monitoring: { services: [{ type: prometheus, readers: [grafana, grafana] }] }',
      'monitoring.services[0].readers: must name each namespace at most once, got ["grafana","grafana"]',
    ],
    [
      'no IPv4 address',
      'cluster: { dns: { addresses: ["::1"] } }',
      'cluster.dns.addresses[0]: must be an IPv4 address, like "169.254.20.10", got "::1"',
    ],
    [
      'neither text nor number',
      'web: { resources: { limits: { cpu: true, memory: 1Gi } } }',
      'web.resources.limits.cpu: must be text or a number, got true',
    ],
    [
      'an image called latest',
      'images: { nginx: "nginx:latest" }',
      'images.nginx: must be an image with a tag other than "latest" or with a digest, like "docker.io/library/nginx:1.30.6", got "nginx:latest"',
    ],
    [
      'an exception without a mask',
      'firewall: { extraEgress: [{ from: app, to: 203.0.113.7, ports: [443], reason: a mail server }] }',
      'firewall.extraEgress[0].to: must be an IPv4 range with its mask and no host bits, like "203.0.113.0/24", a host name, like "api.example.org", or "internet", got "203.0.113.7"',
    ],
    [
      'host bits',
      'cluster: { podCidrs: [10.244.0.1/16] }',
      'cluster.podCidrs[0]: must be an IPv4 range with its mask and no host bits, like "203.0.113.0/24", got "10.244.0.1/16"',
    ],
  ])('%s', (_, yaml, fault) => {
    expect(faults(yaml)).toEqual([fault]);
  });

  test('a setting that is missing, with what it is for', () => {
    expect(faultsOf('')).toEqual(['domain: is required: text (host name that visitors use)']);
    expect(faultsOf('# nothing yet')).toEqual(['domain: is required: text (host name that visitors use)']);
  });

  test('images with a digest are no fault', () => {
    expect(faults(`images: { nginx: "nginx@sha256:${'0'.repeat(64)}" }`)).toEqual([]);
  });

  test('no settings at all', () => {
    expect(faultsOf('[development]')).toEqual(['(top): must be a group of settings, got ["development"]']);
  });

  test('a file that is no YAML, with line and column', () => {
    expect(faultsOf('web: [1')).toEqual([expect.stringMatching(/^not YAML: .*\(1:8\)$/)]);
    expect(faultsOf('name: a\nname: b')).toEqual([expect.stringMatching(/^not YAML: duplicated mapping key/)]);
  });
});

describe('an unknown setting', () => {
  test.each([
    ['web: { replica: 3 }', 'web.replica: unknown setting, did you mean "replicas"?'],
    ['secrets: { sitetls: own }', 'secrets.sitetls: unknown setting, did you mean "siteTls"?'],
    [
      'database: { storage: { storageClass: fast } }',
      'database.storage.storageClass: unknown setting, did you mean "storageClassName"?',
    ],
    ['retention: 3d', 'retention: unknown setting, known here: name, domain,'],
    ['podCidrs: [10.0.0.0/16]', 'podCidrs: unknown setting, did you mean cluster.podCidrs?'],
    ['readers: [grafana]', 'readers: unknown setting, known here: name, domain,'],
    [
      'monitoring: { services: [{ type: sumologic, endpoint: "https://example.org" }] }',
      'monitoring.services[0].endpoint: unknown setting, known here: type',
    ],
  ])('%s is reported with what was probably meant', (yaml, fault) => {
    expect(faults(yaml)).toEqual([expect.stringContaining(fault)]);
  });
});

test('all faults are reported at once, with the faults between settings', () => {
  const found = faultsOf(`
name: default
web: { replicas: 0 }
app: { resources: { requests: { cpu: '2', memory: 1Gi } } }
images: { nginx: 'nginx:latest' }
firewall: { extraEgress: [{ from: app, to: 0.0.0.0/0, ports: [443], reason: payment provider }] }
cluster: { dns: { pods: false }, colour: red }
`);
  expect(found.map((fault) => fault.split(':')[0])).toEqual([
    'domain',
    'images.nginx',
    'web.replicas',
    'cluster.colour',
    'app.resources.requests.cpu',
    'app.resources.requests.memory',
    'firewall.extraEgress[0].to',
    'cluster.dns.addresses',
    'name',
  ]);
});

test('the message names the file and counts the faults', () => {
  const message = () => parse('domain: www.example.org\nweb: { replicas: 1 }\napp: { replicas: 0 }');
  expect(message).toThrow(
    'config/test.yaml: 2 faults\n  web.replicas: must be 2 to 50, got 1\n  app.replicas: must be 1 to 50, got 0',
  );
});
