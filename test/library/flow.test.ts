import { App } from 'cdk8s';
import type { Threewall } from '../../library';
import { expectFirewalls } from '../../library/jest';
import { refusedBy, site } from './site';

// the sample site is not compiled: its content does not matter here
jest.mock('../../bundle/programs', () => ({
  programs: {
    site: { 'server.mjs': '// server', 'libraries.mjs': '// libraries', static: { 'app.css': '/* style */' } },
  },
}));

describe('flow()', () => {
  test('opens one more connection, which firewalls and proof know of', () => {
    const shop = site();
    const before = shop.toJson();
    shop.app.flow({ to: { namespace: 'caches', podLabels: { app: 'redis' } }, ports: [6379], reason: 'sessions' });
    shop.web.flow({ from: { namespace: 'edge' }, reason: 'a proxy of the company' });
    expect(shop.config.firewall.extraEgress).toHaveLength(1);
    expectFirewalls(shop.toJson(), shop.config);
    expect(() => expectFirewalls(before, shop.config)).toThrow(/TCP 8443 closed/);
  });

  test('joins two sites at both ends', () => {
    const app = new App();
    const [shop, blog] = [site({}, app), site({}, app, 'blog')];
    shop.app.flow({ to: blog.app, ports: [8080], reason: 'news of the blog' });
    blog.web.flow({ from: shop.web, reason: 'pictures of the blog' });
    const all = [...shop.toJson(), ...blog.toJson()];
    expectFirewalls(all, blog.config);
    expect(shop.config.firewall.extraEgress.map(({ from, ports }) => [from, ...ports])).toEqual([
      ['app', 8080],
      ['web', 8443],
    ]);
  });

  test.each<[string, object | undefined]>([
    ['neither', {}],
    ['neither', undefined],
    ['both', { to: { namespace: 'a' }, from: { namespace: 'b' }, ports: [1], reason: 'one of the two' }],
  ])('needs one end: refuses %s of both', (got, way) => {
    expect(refusedBy(() => site().app.flow(way as never))).toEqual([`flow: must have one of to and from, got ${got}`]);
  });

  test.each<[string, (shop: Threewall, blog: Threewall) => unknown, RegExp]>([
    [
      'a tier that takes no other site',
      (shop, blog) => shop.app.flow({ to: blog.database, ports: [3310], reason: 'rows of the blog' }),
      /extraIngress\[0\]\.to: must be .*, got "database"/,
    ],
    [
      'the same from the other side',
      (shop, blog) => blog.database.flow({ from: shop.app, reason: 'rows of the blog' }),
      /extraIngress\[0\]\.to: must be .*, got "database"/,
    ],
    [
      'a tier without its ports',
      (shop, blog) => shop.app.flow({ to: blog.app, reason: 'news of the blog' } as never),
      /extraEgress\[0\]\.ports: is required: a list/,
    ],
    [
      'a site in place of its tier',
      (shop, blog) => shop.app.flow({ to: blog as never, ports: [8080], reason: 'news of the blog' }),
      /^flow: must name a tier, like `.app` of the other site, got the construct blog$/,
    ],
    [
      'a tier that opens nothing',
      (shop, blog) => blog.app.flow({ from: shop.monitoring, reason: 'metrics of the blog' }),
      /extraEgress\[0\]\.from: must be .*, got "monitoring"/,
    ],
    [
      'a port that the other site does not open',
      (shop, blog) => shop.app.flow({ to: blog.app, ports: [8080, 9999], reason: 'news of the blog' }),
      /^ports: must be of those that blog opens to other sites: 8080, got 9999$/,
    ],
    [
      'a tier of the same site',
      (shop) => shop.web.flow({ to: shop.app, ports: [8080], reason: 'within one site' }),
      /must not be a namespace of the site itself/,
    ],
  ])('leaves both ends closed for %s', (_, open, fault) => {
    const app = new App();
    const [shop, blog] = [site({}, app), site({}, app, 'blog')];
    const before = [shop.toJson(), blog.toJson()];
    expect(refusedBy(() => open(shop, blog)).join('\n')).toMatch(fault);
    expect([shop.toJson(), blog.toJson()]).toEqual(before);
  });

  test('refuses what the configuration refuses, and opens nothing then', () => {
    const shop = site();
    const before = shop.toJson();
    expect(refusedBy(() => shop.app.flow({ to: 'nowhere', ports: [0], reason: 'short' }))).toHaveLength(3);
    expect(refusedBy(() => shop.monitoring.flow({ to: 'internet', ports: [443], reason: 'elsewhere' }))).toEqual([
      expect.stringMatching('must be "load-balancer", "web", "app", "worker" or "database", got "monitoring"'),
    ]);
    expect(shop.toJson()).toEqual(before);
  });
});
