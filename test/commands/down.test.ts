import { deletable } from '../../commands/down/down';
import { everySetting } from '../support/firewalls';
import { synthesize } from '../support/manifests';

const [behind = [], firewalls = []] = deletable(synthesize(everySetting.config) as never).map((step) =>
  step.map(({ kind }) => kind),
);

test('nothing that holds data is deleted', () => {
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'uploads' } };
  expect(deletable([claim])).toEqual([[], []]);
  for (const kept of ['Namespace', 'Secret', 'PersistentVolumeClaim']) {
    expect([...behind, ...firewalls]).not.toContain(kept);
  }
});

test('firewalls stand until everything behind them is gone', () => {
  expect(new Set(firewalls)).toEqual(new Set(['NetworkPolicy']));
  expect(behind).not.toContain('NetworkPolicy');
  expect(behind).toEqual(expect.arrayContaining(['Deployment', 'StatefulSet', 'DaemonSet', 'Service']));
});

test('what was applied last goes first', () => {
  expect(behind.indexOf('DaemonSet')).toBeLessThan(behind.lastIndexOf('StatefulSet'));
});

test('what belongs to the whole cluster is deleted as well', () => {
  expect(behind).toEqual(expect.arrayContaining(['ClusterRole', 'ClusterRoleBinding']));
});
