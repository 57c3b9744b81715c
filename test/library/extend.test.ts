import { IntOrString, Quantity, type Threewall } from '../../library';
import { expectFirewalls, expectPolicies } from '../../library/jest';
import { refusedBy, site } from './site';

// the sample site is not compiled: its content does not matter here
jest.mock('../../bundle/programs', () => ({
  programs: {
    site: { 'server.mjs': '// server', 'libraries.mjs': '// libraries', static: { 'app.css': '/* style */' } },
  },
}));

const ROOM = { cpu: '10m', memory: '16Mi', 'ephemeral-storage': '16Mi' };
const probe = (path: string) => ({ httpGet: { path, port: IntOrString.fromNumber(9000) } });
const SIDECAR = {
  name: 'adapter',
  image: 'registry.example/adapter:1.2.3',
  resources: { requests: ROOM, limits: ROOM },
  livenessProbe: probe('/live'),
  readinessProbe: probe('/ready'),
};

const SPOOL = { name: 'spool', emptyDir: { sizeLimit: Quantity.fromString('8Mi') } };
const mounted = (mountPath: string, more: object = {}) => ({
  volumes: [SPOOL],
  volumeMounts: [{ name: 'spool', mountPath, ...more }],
});

describe('extend()', () => {
  const podOf = (shop: Threewall, name: string) =>
    shop.toJson().find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name)?.spec.template;

  test('adds containers, volumes, variables, labels, annotations and fields to the pods of one tier', () => {
    const shop = site();
    const others = shop.toJson().filter(({ metadata }) => metadata.name !== 'web');
    shop.web.extend({
      containers: [{ ...SIDECAR, volumeMounts: [{ name: 'spool', mountPath: '/spool' }] }],
      volumes: [{ name: 'spool', emptyDir: { sizeLimit: Quantity.fromString('8Mi') } }],
      env: { NGINX_ENTRYPOINT_QUIET_LOGS: '1' },
      labels: { team: 'shop' },
      annotations: { 'example.org/contact': 'shop' },
      podSpec: { dnsConfig: { options: [{ name: 'ndots', value: '2' }] } },
    });
    const { metadata, spec } = podOf(shop, 'web');
    expect(metadata.labels).toMatchObject({ team: 'shop', 'app.kubernetes.io/component': 'web' });
    expect(metadata.annotations).toMatchObject({ 'example.org/contact': 'shop' });
    expect(spec.dnsConfig).toEqual({ options: [{ name: 'ndots', value: '2' }] });
    expect(spec.containers[0].env).toContainEqual({ name: 'NGINX_ENTRYPOINT_QUIET_LOGS', value: '1' });
    expect(spec.containers[1]).toMatchObject({ name: 'adapter', securityContext: { readOnlyRootFilesystem: true } });
    expect(spec.volumes).toContainEqual({ name: 'spool', emptyDir: { sizeLimit: '8Mi' } });
    expect(shop.toJson().filter(({ metadata: { name } }) => name !== 'web')).toEqual(others);
    expectFirewalls(shop.toJson(), shop.config);
    expect(shop.added.images).toEqual([SIDECAR.image]);
    expectPolicies(shop.toJson(), shop.config, shop.added);
  });

  test('mounts a Secret made elsewhere, which the rules then know', () => {
    const shop = site();
    shop.web.extend({
      volumes: [{ name: 'geo', secret: { secretName: 'geo-licence' } }],
      volumeMounts: [{ name: 'geo', mountPath: '/geo', readOnly: true }],
    });
    expect(shop.added.secrets).toEqual(['geo-licence']);
    expectPolicies(shop.toJson(), shop.config, shop.added);
    expect(() => expectPolicies(shop.toJson(), shop.config)).toThrow(/geo-licence/);
  });

  test('leaves out what is empty: the API server would not store it', () => {
    const shop = site({ web: { pods: { labels: { team: 'a' } } } });
    shop.web.extend({ podSpec: { hostAliases: [], topologySpreadConstraints: [], nodeSelector: {}, affinity: {} } });
    const { spec } = podOf(shop, 'web');
    for (const field of ['hostAliases', 'topologySpreadConstraints', 'nodeSelector', 'affinity']) {
      expect(spec).not.toHaveProperty(field);
    }
    shop.web.extend({ labels: { team: 'b' } });
    expect(podOf(shop, 'web').metadata.labels).toMatchObject({ team: 'b', 'app.kubernetes.io/component': 'web' });
  });

  test.each(['500u', '.005', '5e-3'])('takes %s as a quantity, as Kubernetes does', (cpu) => {
    const containers = [{ ...SIDECAR, resources: { requests: { ...ROOM, cpu }, limits: ROOM } }];
    expect(() => site().web.extend({ containers })).not.toThrow();
  });

  test('takes what other people have', () => {
    const shop = site();
    const unnamed = (name: string, port: number) => ({ ...SIDECAR, name, ports: [{ containerPort: port }] });
    shop.web.extend({
      containers: [unnamed('one', 9000), unnamed('2nd', 9001)],
      initContainers: [{ ...SIDECAR, name: 'proxy', restartPolicy: 'Always' }],
      podSpec: { dnsPolicy: 'None', dnsConfig: { nameservers: ['169.254.20.10'] }, schedulerName: 'mine' },
      env: { 'a.lower-case_name': '' },
      ...mounted('/var/spool/x', { subPath: 'a..b/c' }),
    });
    expectPolicies(shop.toJson(), shop.config, shop.added);
  });

  const sidecar = (change: object) => ({ containers: [{ ...SIDECAR, ...change }] });
  test.each([
    ['an image without a version', sidecar({ image: 'nginx:latest' }), 'is not pinned'],
    ['a container without probes', sidecar({ readinessProbe: undefined }), 'no readiness probe'],
    ['a name that is taken', sidecar({ name: 'web' }), 'container web'],
    ['a folder of the node', { volumes: [{ name: 'node', hostPath: { path: '/' } }] }, 'is a hostPath'],
    ["the node's network", { podSpec: { hostNetwork: true } }, 'hostNetwork'],
    ['another user', { podSpec: { securityContext: { runAsUser: 0 } } }, 'runAsNonRoot'],
    [
      'a label that the API server refuses',
      { labels: { team: 'the shop' } },
      'labels.team: must be the value of a label',
    ],
    ['a label without a name', { labels: { 'a b': 'x' } }, 'labels.a b: must be the key of a label'],
    ["the node's processes", { podSpec: { hostPid: true } }, 'hostPID'],
    ["a field of a pod in YAML's spelling", { podSpec: { hostPID: true } as object }, 'podSpec.hostPID: unknown field'],
    ['an unknown field', { container: [] } as object, 'container: unknown field, did you mean "containers"?'],
    [
      'a container without resources',
      { containers: [{ name: 'a', image: 'a:1' }] } as object,
      'resources.limits: is required',
    ],
    ['a number as a variable', { env: { A: 1 } } as object, 'env.A: must be text, got 1'],
    ['nothing', undefined as never, 'must be extended by an object, got undefined'],
    ['an annotation without a name', { annotations: { '': 'x' } }, 'annotations'],
    ['labels by which firewalls know tiers', { labels: { 'app.kubernetes.io/component': 'app' } }, 'must not be of'],
    [
      "a Secret of the site's that the tier does not read",
      {
        volumes: [{ name: 'users', secret: { secretName: 'database-users' } }],
        volumeMounts: [{ name: 'users', mountPath: '/users' }],
      },
      'of database-users',
    ],
    ['another end of its pods', { podSpec: { restartPolicy: 'Never' } }, 'restartPolicy Never'],
    ['a priority as a number', { podSpec: { priority: 5 } }, 'sets priority'],
    ['a time after which its pods end', { podSpec: { activeDeadlineSeconds: 60 } }, 'sets activeDeadlineSeconds'],
    ["the node's DNS", { podSpec: { dnsPolicy: 'Default' } }, 'dnsPolicy Default'],
    ['processes that all containers see', { podSpec: { shareProcessNamespace: true } }, 'shareProcessNamespace'],
    ["an account by the field's old name", { podSpec: { serviceAccount: 'x' } }, 'token without an account'],
    ['null', { podSpec: { securityContext: null } } as object, 'podSpec.securityContext: must not be null'],
    ['a list with null', { containers: [null] } as object, 'containers[0]: must not be null'],
    ['text in place of a list', { containers: 'x' } as object, 'containers: must be a list, got "x"'],
    ['a list in place of variables', { env: [] } as object, 'env: must be an object, got []'],
    ['text in place of fields', { podSpec: 'x' } as object, 'podSpec: must be an object'],
    ['a list', [] as object, 'must be extended by an object'],
    ['volumes in podSpec', { podSpec: { volumes: [] } as object }, 'podSpec.volumes: must stand beside podSpec'],
    ['a variable without a name', { env: { '': 'x' } }, 'variable ""'],
    ["a worker's mark", { labels: { 'threewall.dev/worker': 'x' } }, 'must not be of threewall.dev/'],
    ["Argo CD's mark", { labels: { 'argocd.argoproj.io/instance': 'x' } }, 'bears one'],
    ['a privilege', sidecar({ securityContext: { privileged: true } }), 'securityContext: must be left out'],
    ['a field that no container has', sidecar({ cmd: ['x'] }), 'containers[0].cmd: unknown field'],
    [
      'a deep field that no container has',
      sidecar({ env: [{ name: 'A', valueFrom: { secretRef: { name: 'a' } } }] }),
      'containers[0].env[0].valueFrom.secretRef: unknown field',
    ],
    ['ports that are no list', sidecar({ ports: {} }), 'containers: must be of the type that cdk8s gives it'],
    ['a name that is no DNS label', sidecar({ name: 'A_b' }), 'must be a DNS label'],
    ['the port of another container', sidecar({ ports: [{ containerPort: 8443 }] }), 'two ports 8443/TCP'],
    ['a port that there is not', sidecar({ ports: [{ containerPort: 70000 }] }), 'port 70000'],
    ['a variable twice', sidecar({ env: [{ name: 'A' }, { name: 'A' }] }), 'two variables A'],
    [
      'more than the limit',
      sidecar({ resources: { requests: { ...ROOM, cpu: '1.5' }, limits: { ...ROOM, cpu: '1200m' } } }),
      'cpu: requests 1.5, limit 1200m',
    ],
    ['an unknown unit', sidecar({ resources: { requests: { ...ROOM, memory: '1MB' }, limits: ROOM } }), 'requests 1MB'],
    [
      'a hook that asks another host',
      sidecar({ lifecycle: { preStop: { tcpSocket: { host: '192.0.2.1', port: IntOrString.fromNumber(1) } } } }),
      'preStop names a host',
    ],
    ['probes of what ends', { initContainers: [SIDECAR] }, 'adapter: livenessProbe'],
    ['a volume without a source', { ...mounted('/spool'), volumes: [{ name: 'spool' }] }, 'volume spool: none'],
    [
      'a volume of two sources',
      { ...mounted('/spool'), volumes: [{ ...SPOOL, configMap: { name: 'x' } }] },
      'volume spool: configMap and emptyDir',
    ],
    [
      'a misspelt source',
      { volumes: [{ name: 'spool', emptydir: {} }] } as object,
      'volumes[0].emptydir: unknown field',
    ],
    ['a mount over everything', mounted('/'), 'spool at /'],
    ['a mount somewhere', mounted('spool'), 'spool at spool'],
    ['a mount of another folder', mounted('/spool', { subPath: 'a/../../b' }), 'spool: subPath'],
    ['a mount that the node sees', mounted('/spool', { mountPropagation: 'Bidirectional' }), 'spool: Bidirectional'],
  ])('refuses %s, and changes nothing', (_, extension, fault) => {
    const shop = site();
    const before = shop.toJson();
    expect(refusedBy(() => shop.web.extend(extension)).join('\n')).toContain(fault);
    expect(shop.toJson()).toEqual(before);
  });
});

test('extend() gives release steps that change a Job of another name, because one that ran cannot change', () => {
  const shop = site({ app: { image: 'registry.example/shop:1', release: [['migrate']] } });
  const job = () => shop.toJson().find(({ kind }) => kind === 'Job');
  const names = [job()?.metadata.name];
  for (const TZ of ['UTC', 'CET']) {
    shop.worker?.extend({ env: { TZ } });
    names.push(job()?.metadata.name);
  }
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(name).toMatch(/^release-[0-9a-f]{10}$/);
});
