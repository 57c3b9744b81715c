import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { podsOfTopology } from '../../proof/differences';
import { type Change, changesBetween } from '../../reachability/changes';
import type { Manifest } from '../../reachability/manifest';
import { configOf } from '../support/configs';
import { synthesizeFirewalls } from '../support/firewalls';

const scratch = mkdtempSync(join(tmpdir(), 'firewall-diff-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Firewalls and bare pods of a site. */
function site(settings: object = {}): Manifest[] {
  const config = configOf({ monitoring: { services: [{ type: 'sumologic' }] }, ...settings });
  const pods = podsOfTopology(config).map(
    ({ name, namespace, labels, ports }): Manifest => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: name.split('/')[1] ?? '', namespace, labels },
      spec: { containers: [{ ports }] },
    }),
  );
  return [...synthesizeFirewalls(config), ...pods];
}

/** A copy in which one policy is other. */
const edited = (manifests: readonly Manifest[], name: string, edit: (spec: Manifest['spec']) => void): Manifest[] => {
  const copy = structuredClone(manifests) as Manifest[];
  edit(copy.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === name)?.spec);
  return copy;
};

const lines = (changes: readonly Change[]) =>
  changes.map(({ change, from, to, ports }) => `${change} ${from} → ${to} ${ports}`);
const exception = { from: 'app', to: '203.0.113.0/28', ports: [443], reason: 'payment provider' };

describe('changes between two versions', () => {
  const before = site();

  test('are none where nothing changed', () => {
    expect(changesBetween(before, site())).toEqual([]);
  });

  test('are a way out that an exception opens, and closes again when it goes', () => {
    const after = site({ firewall: { extraEgress: [exception] } });
    const row = 'foobar/app → internet: 203.0.113.0–203.0.113.15 TCP 443';
    expect(lines(changesBetween(before, after))).toEqual([`opened ${row}`]);
    expect(lines(changesBetween(after, before))).toEqual([`closed ${row}`]);
  });

  test('are those that both ends permit, not what a policy alone says', () => {
    const half = edited(before, 'database-firewall-database', (spec) => {
      spec.ingress.push({
        from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/component': 'web' } } }],
        ports: [{ port: 3306 }],
      });
    });
    expect(changesBetween(before, half)).toEqual([]);
    const whole = edited(half, 'internal-firewall-web', (spec) => {
      spec.egress.push({ to: [{ podSelector: { matchLabels: { 'app.kubernetes.io/component': 'database' } } }] });
    });
    expect(lines(changesBetween(half, whole))).toEqual(['opened foobar/web → foobar/database TCP 3306']);
  });

  test('are openings to pods that are not deployed', () => {
    const after = edited(before, 'internal-firewall-app', (spec) => delete spec.ingress[0].from);
    expect(lines(changesBetween(before, after))).toContain(
      'opened any other namespace, any other pod → foobar/app TCP 8080',
    );
    expect(lines(changesBetween(before, after))).toContain('opened internet: every address → foobar/app TCP 8080');
  });

  test('are all the connections of a pod that is new', () => {
    const without = before.filter(({ kind, metadata }) => kind !== 'Pod' || metadata.name !== 'app');
    expect(lines(changesBetween(without, before))).toEqual([
      'opened foobar/web → foobar/app TCP 8080',
      'opened foobar-monitoring/monitoring → foobar/app TCP 8080, TCP 9464',
      'opened foobar/app → foobar/database TCP 3310, TCP 3320, TCP 8008',
      'opened foobar/app → kube-system, pods with k8s-app=kube-dns TCP 53, UDP 53',
    ]);
  });

  test("are ways to the cluster's hosts under Cilium", () => {
    const after = site({ cluster: { networkPolicies: 'cilium', apiServerPort: 443 } });
    expect(lines(changesBetween(site({ cluster: { networkPolicies: 'cilium' } }), after))).toEqual([
      'opened foobar-monitoring/monitoring → Kubernetes API TCP 443',
      'closed foobar-monitoring/monitoring → Kubernetes API TCP 6443',
    ]);
  });
});

describe('npm run firewall:diff', () => {
  const write = (folder: string, manifests: readonly Manifest[]) => {
    mkdirSync(join(scratch, folder), { recursive: true });
    writeFileSync(join(scratch, folder, '10-firewall.yaml'), manifests.map((m) => JSON.stringify(m)).join('\n---\n'));
  };
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(process.cwd(), 'bundle/run.mjs'), 'commands/firewall-diff.ts', ...args], {
      cwd: scratch,
      encoding: 'utf8',
    });

  beforeAll(() => {
    symlinkSync(join(process.cwd(), 'node_modules'), join(scratch, 'node_modules'));
    write('old/production', site());
    write('new/production', site({ firewall: { extraEgress: [exception] } }));
    write('dist/production', site());
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: scratch });
    git('init', '-q');
    git('add', 'dist');
    git('commit', '-qm', 'first');
    write('dist/production', site({ firewall: { extraEgress: [exception] } }));
  });

  test('prints a table and ends with 1 when something opened', () => {
    const { status, stdout } = run('old', 'new');
    expect(status).toBe(1);
    expect(stdout).toBe(
      [
        '| environment | change | from       | to                                 | ports   |',
        '| ----------- | ------ | ---------- | ---------------------------------- | ------- |',
        '| production  | OPENED | foobar/app | internet: 203.0.113.0–203.0.113.15 | TCP 443 |',
        '',
      ].join('\n'),
    );
  });

  test('ends with 0 when connections only closed', () => {
    const { status, stdout } = run('new', 'old');
    expect(stdout).toMatch('CLOSED');
    expect(status).toBe(0);
  });

  test('compares a git revision with the tree', () => {
    expect(run('HEAD')).toMatchObject({ status: 1, stdout: expect.stringMatching('OPENED') });
    expect(run('HEAD', 'HEAD')).toMatchObject({ status: 0, stdout: 'no connection opens or closes\n' });
  });

  test.each([
    ['without an argument', [], 'usage: npm run firewall:diff'],
    ['on what is neither folder nor revision', ['nowhere'], 'nowhere: must be a folder of manifests or a git revision'],
    ['on a folder without manifests', ['empty'], 'empty: holds no .yaml file'],
    ['on broken YAML', ['broken'], 'broken: x.yaml: not YAML'],
    ['on a policy that it cannot judge', ['odd'], 'NetworkPolicy shop/odd: '],
  ])('fails with 2 %s', (_, args, message) => {
    mkdirSync(join(scratch, 'empty'), { recursive: true });
    write('odd', [
      { apiVersion: 'v1', kind: 'NetworkPolicy', metadata: { name: 'odd', namespace: 'shop' }, spec: { priority: 1 } },
    ]);
    mkdirSync(join(scratch, 'broken'), { recursive: true });
    writeFileSync(join(scratch, 'broken', 'x.yaml'), 'a: [');
    const { status, stderr, stdout } = run(...args);
    expect(stderr).toMatch(message);
    expect([status, stdout]).toEqual([2, '']);
  });
});
