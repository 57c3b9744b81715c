import { tiersOf } from '../../charts/topology';
import { gitOpsRules } from '../../policy/gitops';
import { objectRules } from '../../policy/objects';
import { referenceRules } from '../../policy/references';
import { deadEnds, differences } from '../../proof/differences';
import { tierFinder } from '../../proof/places';
import { clusterOf } from '../../reachability/cluster';
import { environments } from '../support/manifests';
import { silentTypes } from '../support/policy-form';
import { testRules } from './test-rules';

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
