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
  ])('refuses %s, and changes nothing', (_, extension, fault) => {
    const shop = site();
    const before = shop.toJson();
    expect(refusedBy(() => shop.web.extend(extension)).join('\n')).toMatch(fault);
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
