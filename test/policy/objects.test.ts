import { tiersOf } from '../../charts/topology';
import { clusterOf } from '../../reachability/cluster';
import { environments } from '../support/manifests';
import { silentTypes } from '../support/policy-form';
import { deadEnds, differences } from '../support/proof';
import { tierFinder } from '../support/proof-places';
import { gitOpsRules } from './rules/gitops';
import { objectRules } from './rules/objects';
import { referenceRules } from './rules/references';
import { testRules } from './rules/rule';

const all = environments();

testRules([...objectRules, ...gitOpsRules, ...referenceRules], all);

describe.each(all)('the pods of $name', ({ config, manifests }) => {
  const cluster = clusterOf(manifests);

  test('reach each other as the flow table declares, and nothing else', () => {
    expect([...differences(cluster, cluster.pods, config)]).toEqual([]);
  });

  test('are of every tier, and of no other', () => {
    const found = cluster.pods.map(tierFinder(config));
    expect([...new Set(found)].sort()).toEqual([...tiersOf(config)].sort());
  });

  test('open every port that a flow leads to', () => {
    expect(deadEnds(cluster.pods, config)).toEqual([]);
  });

  test('are guarded by policies that say which directions they rule', () => {
    expect(silentTypes(manifests)).toEqual([]);
  });
});
