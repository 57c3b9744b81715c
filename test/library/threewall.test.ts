import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { Threewall } from '../../library';
import { expectFirewalls, expectPolicies, manifestSerializer } from '../../library/jest';
import { refusedBy, site } from './site';

// the sample site is not compiled: its content does not matter here
jest.mock('../../bundle/programs', () => ({
  programs: {
    site: { 'server.mjs': '// server', 'libraries.mjs': '// libraries', static: { 'app.css': '/* style */' } },
  },
}));

describe('a site', () => {
  test('is called as its construct, unless its props say how', () => {
    expect(site().config.name).toBe('shop');
    expect(site({ name: 'store' }).namespaces).toEqual({ site: 'store', monitoring: 'store-monitoring' });
    expect(site({ name: 'store' }, new App(), 'My Shop').config.name).toBe('store');
    // a default would put any such site into the sample's namespace
    expect(refusedBy(() => site({}, new App(), 'My Shop'))).toEqual([
      'name: must be lower case letters, digits and "-", starting with a letter (max 63), got "My Shop"',
    ]);
  });

  test('is proved, and keeps every rule', () => {
    const { config, ...shop } = { config: site().config, manifests: site().toJson() };
    expectFirewalls(shop.manifests);
    expectFirewalls(shop.manifests, config);
    expectPolicies(shop.manifests, config);
  });

  test('is refused with every fault at once', () => {
    expect(refusedBy(() => site({ domain: 'not a name', web: { replicas: 1 }, databse: {} }))).toEqual([
      expect.stringMatching('^domain: '),
      'web.replicas: must be 2 to 50, got 1',
      'databse: unknown setting, did you mean "database"?',
    ]);
  });

  test.each([
    [null, '(top): must be a group of settings, got null'],
    [['www.example.org'], '(top): must be a group of settings, got ["www.example.org"]'],
    ['www.example.org', '(top): must be a group of settings, got "www.example.org"'],
    [{ domain: 'www.example.org', web: { onReady: () => 1 } }, 'web.onReady: unknown setting, known here: replicas'],
    [{ domain: 'www.example.org', web: { replicas: 3n } }, 'web.replicas: must be a whole number, 2 to 50, got 3'],
  ])('refuses props that are none: %p', (props, fault) => {
    const [first] = refusedBy(() => new Threewall(new App(), 'shop', props as never));
    expect(first).toContain(fault);
  });

  test('does not collide with others of its app, and two of one name are refused', () => {
    const app = new App();
    const sites = ['one', 'two', 'three'].map((id) => site({}, app, id));
    const names = sites.flatMap((one) =>
      one.toJson().map(({ kind, metadata }) => [kind, metadata.namespace, metadata.name].join(' ')),
    );
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    expectFirewalls(
      sites.flatMap((one) => one.toJson()),
      sites[0]?.config,
    );
    expect(refusedBy(() => site({ name: 'two' }, app, 'four'))).toEqual([
      'name: must differ from that of two in the same app, got "two"',
    ]);
    expect(site({}, app, 'five').config.name).toBe('five');
  });

  test('tells others its Services, ports, labels and namespaces', () => {
    const { database, app, loadBalancer, web, worker, backup } = site();
    expect(database.services.primary).toEqual({
      name: 'database-primary',
      host: 'database-primary.shop.svc.cluster.local',
      ports: { mysql: 3306 },
    });
    expect(app.services.any.ports).toEqual({ http: 8080 });
    expect(loadBalancer.services.visitors.ports).toEqual({ https: 443, http: 80 });
    expect(web.labels).toEqual({ 'app.kubernetes.io/instance': 'shop', 'app.kubernetes.io/component': 'web' });
    expect(web.ports.https).toBe(8443);
    expect([worker, backup]).toEqual([undefined, undefined]);
  });

  test('writes files named after its charts, without a hash where one is enough', () => {
    const out = mkdtempSync(join(tmpdir(), 'threewall-library-'));
    try {
      const app = new App({ outdir: out });
      site({}, app);
      app.synth();
      expect(readdirSync(out)).toContainEqual(expect.stringMatching(/^shop-10-web-firewall-\w+\.k8s\.yaml$/));
    } finally {
      rmSync(out, { recursive: true });
    }
  });
});

test('other constructs beside and below a site stay what they are', () => {
  const app = new App();
  const shop = site({}, app);
  const own = new Chart(app, 'own');
  expect(() => own.node.addDependency(shop)).not.toThrow();
  expect(app.charts.at(-1)).toBe(own);
});

test('a site is rendered without a look at the others of its app, which is validated as a whole when it is written', () => {
  const out = mkdtempSync(join(tmpdir(), 'threewall-library-'));
  try {
    const app = new App({ outdir: out });
    const shop = site({}, app, 'shop');
    const other = site({}, app, 'other');
    const faults: string[] = [];
    const validate = jest.fn(() => faults);
    other.node.addValidation({ validate });
    shop.toJson();
    expect(validate).not.toHaveBeenCalled();
    app.synth();
    expect(validate).toHaveBeenCalledTimes(1);
    faults.push('is not what it should be');
    expect(() => app.synth()).toThrow('[other] is not what it should be');
  } finally {
    rmSync(out, { recursive: true });
  }
});

test('objects stand in snapshots as YAML', () => {
  const [namespace] = site().toJson();
  expect(manifestSerializer.test([namespace])).toBe(true);
  expect(manifestSerializer.test([{ a: 1 }])).toBe(false);
  expect(manifestSerializer.serialize(namespace as never)).toMatch(/^apiVersion: v1\nkind: Namespace\n/);
});

test('firewalls are proved from manifests alone as well', () => {
  const manifests = site().toJson();
  const open = structuredClone(manifests).filter(({ metadata }) => metadata.name !== 'web-firewall-web');
  const closed = open.filter(({ metadata }) => metadata.name !== 'internal-firewall-deny-everything');
  expect(() => expectFirewalls(closed)).toThrow(/internet reaches shop\/web at/);
  expect(() => expectFirewalls([])).toThrow('no pod of Threewall');
  expect(() => expectPolicies([], site().config)).toThrow('no pod among the manifests');
});
