import { drawingOf } from '../../commands/whiteboard/layout';
import { toMermaid } from '../../commands/whiteboard/mermaid';
import { whiteboardOf } from '../../commands/whiteboard/model';
import type { Area } from '../../commands/whiteboard/shapes';
import { toSvg } from '../../commands/whiteboard/svg';
import type { Manifest } from '../../reachability/manifest';
import { configOf, configs } from '../support/configs';
import { everySetting, ownApp } from '../support/firewalls';
import { synthesize } from '../support/manifests';

const config = configOf({ monitoring: { services: [{ type: 'sumologic' }] } });
const manifests = synthesize(config);

const arrows = (objects: readonly Manifest[]): string[] =>
  whiteboardOf(objects).arrows.map(({ from, to, ports, reason }) => `${from} → ${to}: ${ports} (${reason})`);

/** The texts of a drawing, one for each line of text. */
const texts = (objects: readonly Manifest[]): string[] =>
  drawingOf(whiteboardOf(objects), 'test').shapes.flatMap((shape) =>
    shape.kind === 'text' ? [shape.runs.map(({ text }) => text).join('')] : [],
  );

/** The manifests with one object changed. */
function changed(name: string, change: (spec: Manifest['spec']) => void): Manifest[] {
  const copy = structuredClone(manifests) as Manifest[];
  change(copy.find(({ metadata }) => metadata.name === name)?.spec);
  return copy;
}

const labels = (component: string, name: string) => ({
  'app.kubernetes.io/component': component,
  'app.kubernetes.io/instance': 'foobar',
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/part-of': 'foobar',
});

const policy = (name: string, component: string, reason: string, spec: object): Manifest => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'foobar', ...{ annotations: { 'threewall.dev/flows': reason } } },
  spec: { podSelector: { matchLabels: { 'app.kubernetes.io/component': component } }, ...spec },
});

/** The manifests with a backup of the database, as another version might synthesize it. */
const withBackup = (): Manifest[] => {
  const peer = (component: string) => [{ podSelector: { matchLabels: { 'app.kubernetes.io/component': component } } }];
  const reason = 'backup to database: dump and restore drill';
  const template = { metadata: { labels: labels('backup', 'mysql-shell') }, spec: { containers: [] } };
  return [
    ...manifests,
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'backup', namespace: 'foobar' },
      spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template } } },
    },
    policy('database-firewall-backup', 'backup', reason, {
      policyTypes: ['Egress'],
      egress: [{ to: peer('database'), ports: [{ port: 3306 }] }],
    }),
    policy('database-firewall-backup-in', 'database', reason, {
      ingress: [{ from: peer('backup'), ports: [{ port: 3306 }] }],
    }),
  ];
};

const drawings: [string, readonly Manifest[]][] = [
  ...configs().map((c): [string, readonly Manifest[]] => [c.name, synthesize(c.config)]),
  [everySetting.name, synthesize(everySetting.config)],
  [ownApp.name, synthesize(ownApp.config)],
  ['an environment with a backup', withBackup()],
];

describe('what the drawing tells', () => {
  test('the chain runs from the load balancer to the database, each behind its firewall', () => {
    const { chain, beside } = whiteboardOf(manifests);
    expect(chain.map(({ name, program, count, firewall }) => [name, program, count, firewall])).toEqual([
      ['load-balancer', 'HAProxy', '×2', 'internal'],
      ['web', 'Nginx', '×2', 'web'],
      ['app', 'Node.js', '×2', 'internal'],
      ['database', 'MySQL', '×2', 'database'],
    ]);
    expect(beside.map(({ name, count }) => [name, count])).toEqual([['monitoring', 'on every node']]);
  });

  test('visitors see the ports of the Service in front of those of the container', () => {
    expect(arrows(manifests)).toContainEqual(expect.stringMatching(/^internet → load-balancer: 80 → 8080, 443 → 8443/));
  });

  test('a database shows which is the primary', () => {
    expect(texts(manifests)).toEqual(expect.arrayContaining(['primary', 'replica']));
  });

  test.each([...configs(), everySetting])('all flows of $name have a reason, as the policies tell them', (c) => {
    expect(arrows(synthesize(c.config)).filter((arrow) => arrow.includes('(undefined)'))).toEqual([]);
  });
});

describe('the drawing follows the manifests', () => {
  test('another number of replicas', () => {
    const more = changed('web', (spec) => Object.assign(spec, { replicas: 7 }));
    expect(texts(more)).toContainEqual('web · Nginx ×7');
  });

  test('the monitoring service is there only where it runs', () => {
    const names = (objects: readonly Manifest[]) => whiteboardOf(objects).beside.map(({ name }) => name);
    expect(names(synthesize(configOf()))).toEqual(['monitoring', 'monitoring-service']);
    expect(names(manifests)).toEqual(['monitoring']);
  });

  test('an exception of the firewall is a place of its own, with its reason', () => {
    const extraEgress = [{ from: 'app', to: '203.0.113.7/32', ports: [443], reason: 'payment provider' }];
    const board = synthesize(configOf({ firewall: { extraEgress } }));
    expect(arrows(board)).toContain('app → external:203.0.113.7/32: 443 (payment provider)');
    expect(texts(board)).toEqual(expect.arrayContaining(['203.0.113.7/32', '443 payment provider']));
  });

  test('pods of other namespaces and DNS at an address are places of their own, with their reasons', () => {
    const redis = { namespace: 'caches', podLabels: { app: 'redis' } };
    const board = synthesize(
      configOf({
        firewall: {
          extraEgress: [{ from: 'app', to: redis, ports: [6379], reason: 'sessions of visitors' }],
          extraIngress: [{ from: { namespace: 'partners' }, to: 'app', reason: 'imports of orders' }],
        },
        cluster: { dns: { port: 5353, addresses: ['169.254.20.10'] } },
      }),
    );
    expect(arrows(board)).toEqual(
      expect.arrayContaining([
        'app → pods:caches/app=redis: 6379 (sessions of visitors)',
        'namespace:partners → app: 8080 (imports of orders)',
        'app → cluster-dns: 5353 TCP and UDP (look-up of names)',
        'app → dns-address: 53 TCP and UDP (look-up of names)',
      ]),
    );
    expect(texts(board).join(' ')).toContain('caches/app=redis');
  });

  test('workers, schedules and release steps are one tier, which no other tier reaches', () => {
    const board = synthesize(ownApp.config);
    expect(arrows(board).filter((arrow) => /→ worker/.test(arrow))).toEqual([]);
    expect(arrows(board)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^worker → database: 3310, 3320, 8008 /),
        'worker → external:203.0.113.0/28: 587 (mail to customers)',
      ]),
    );
    expect(whiteboardOf(board).beside.map(({ name }) => name)).toContain('worker');
    expect(texts(board)).toContainEqual(expect.stringMatching(/^worker/));
    expect(texts(manifests)).not.toContainEqual(expect.stringMatching(/^worker/));
  });

  test('a namespace that may read Prometheus is noted in its box, with the reason', () => {
    const services = [{ type: 'prometheus', readers: ['custom-metrics'] }];
    const board = synthesize(configOf({ monitoring: { services } }));
    const reason = 'queries of its metrics';
    expect(arrows(board)).toContain(`namespace:custom-metrics → monitoring-service: 9090 (${reason})`);
    expect(texts(board).join(' ')).toMatch(`from namespace custom-metrics 9090 ${reason}`);
  });

  test('a peer that is less than the namespace of a flow is a place without a reason', () => {
    const services = [{ type: 'prometheus', readers: ['custom-metrics'] }];
    const board = structuredClone(synthesize(configOf({ monitoring: { services } }))) as Manifest[];
    const [, peers] =
      board.find(({ metadata }) => metadata.name === 'internal-firewall-monitoring-service')?.spec.ingress ?? [];
    peers.from[0].podSelector = { matchLabels: { app: 'adapter' } };
    expect(arrows(board)).toContain('custom-metrics: app=adapter → monitoring-service: 9090 (undefined)');
  });

  test('a hole in a wall is drawn, and moves no server', () => {
    const hole = [
      ...manifests,
      policy('hole-out', 'web', '', { policyTypes: ['Egress'], egress: [{ ports: [{ port: 3306 }] }] }),
      policy('hole-in', 'database', '', { ingress: [{}] }),
    ];
    expect(texts(hole)).toContain('from web 3306 no reason given');
    expect(texts(hole)).toContain('to internet 3306 no reason given');
    expect(whiteboardOf(hole).chain.map(({ name }) => name)).toEqual(['load-balancer', 'web', 'app', 'database']);
  });

  test('a way that one of the two ends forbids is not drawn', () => {
    const deaf = changed('web-firewall-web', (spec) => spec.ingress.shift());
    expect(arrows(deaf).filter((arrow) => arrow.startsWith('load-balancer → web'))).toEqual([]);
  });

  test('pods that no policy isolates may do everything', () => {
    const open = manifests.filter(({ kind }) => kind !== 'NetworkPolicy' && kind !== 'CiliumNetworkPolicy');
    expect(arrows(open)).toContain('web → internet: every port (undefined)');
    expect(arrows(open)).toContain('internet → database: every port (undefined)');
  });

  test('a backup is drawn beside the database that it dumps', () => {
    expect(arrows(withBackup())).toContain('backup → database: 3306 (dump and restore drill)');
    const shown = texts(withBackup()).join(' ');
    expect(shown).toMatch('backup Mysql-shell on the schedule 0 3 * * * 3306 dump and restore drill');
  });
});

describe.each(drawings)('the drawing of %s', (name, objects) => {
  const drawing = drawingOf(whiteboardOf(objects), name);
  const written = drawing.shapes.flatMap((shape) => (shape.kind === 'text' ? [shape.area] : []));

  test('no text lies on another', () => {
    const overlap = (a: Area, b: Area) =>
      a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
    const pairs = written.flatMap((a, i) => written.slice(i + 1).flatMap((b) => (overlap(a, b) ? [[a, b]] : [])));
    expect(pairs).toEqual([]);
  });

  test('no line runs through a text', () => {
    const crossings = drawing.shapes.flatMap((shape) =>
      shape.kind === 'line' && !/^(wall|joint|brick)/.test(shape.look)
        ? shape.points.slice(1).flatMap(([x2, y2], i) => {
            const [x1 = 0, y1 = 0] = shape.points[i] ?? [];
            return written.filter(
              ({ x, y, width, height }) =>
                Math.max(x1, x2) > x &&
                Math.min(x1, x2) < x + width &&
                Math.max(y1, y2) > y &&
                Math.min(y1, y2) < y + height,
            );
          })
        : [],
    );
    expect(crossings).toEqual([]);
  });

  test('everything is on the paper', () => {
    const beyond = written.filter(
      ({ x, y, width, height }) => x < 0 || y < 0 || x + width > drawing.width || y + height > drawing.height,
    );
    expect(beyond).toEqual([]);
  });
});

test('names and reasons cannot break out of SVG or Mermaid', () => {
  const copy = structuredClone(manifests) as Manifest[];
  for (const { metadata } of copy as { metadata: { annotations?: Record<string, string> } }[]) {
    const flows = metadata.annotations?.['threewall.dev/flows'];
    if (flows)
      Object.assign(metadata.annotations ?? {}, { 'threewall.dev/flows': flows.replaceAll('dynamic', '<"&#') });
  }
  const board = whiteboardOf(copy);
  expect(toSvg(drawingOf(board, 'test'))).toContain('&lt;&quot;&amp;# content');
  expect(toMermaid(board, 'origin')).toContain('#60;#34;#38;#35; content');
});
