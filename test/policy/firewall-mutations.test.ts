import { deadEnds, differences, differencesAfter, podsOfTopology } from '../../proof/differences';
import { clusterOf } from '../../reachability/cluster';
import type { Manifest } from '../../reachability/manifest';
import { type Policy, policiesIn } from '../../reachability/policy';
import { configs } from '../support/configs';
import { everySetting, hostNames, synthesizeFirewalls } from '../support/firewalls';
import { mutantsOf } from '../support/mutations';
import { silentTypes } from '../support/policy-form';

/**
 * Faults that change nothing, each with the reason why no proof can tell them from the original. Empty: a policy that
 * left `policyTypes` to its default would be one, as every pod is isolated already; `silentTypes` forbids that.
 */
const EQUIVALENT: Readonly<Record<string, string>> = {};

describe.each([...configs(), everySetting, hostNames])('the proof of $name', ({ name, config }) => {
  const manifests = synthesizeFirewalls(config);
  const cluster = clusterOf(manifests);
  const pods = podsOfTopology(config);
  const differencesOf = differencesAfter(cluster.policies, pods, config);
  const policies = manifests.filter(({ kind }) => kind.endsWith('NetworkPolicy'));

  /** The part of the proof that fails, undefined if the fault is not detected. */
  function noticedBy(original: Policy | undefined, policy: Manifest | undefined): string | undefined {
    if (policy && silentTypes([policy]).length > 0) return 'policyTypes';
    let read: Policy[];
    try {
      read = policy ? policiesIn([policy]) : [];
    } catch {
      return 'invalid';
    }
    const others = cluster.policies.filter((p) => p.name !== original?.name || p.namespace !== original?.namespace);
    const faulty = { policies: [...others, ...read], namespaces: cluster.namespaces };
    return differencesOf(faulty).next().done ? undefined : 'reachability';
  }

  test('fails on every single fault of every policy', () => {
    const mutants = policies.flatMap((policy) => {
      const [original] = policiesIn([policy]);
      return mutantsOf(policy).map((mutant) => ({ ...mutant, by: noticedBy(original, mutant.policy) }));
    });
    const survivors = mutants.filter(({ by, what }) => !by && !(what in EQUIVALENT)).map(({ what }) => what);
    const count = (part: string) => mutants.filter(({ by }) => by === part).length;
    const score = (100 * (mutants.length - survivors.length)) / mutants.length;
    process.stdout.write(
      `mutation score of ${name}: ${score.toFixed(1)} % of ${mutants.length} faults in ${policies.length} policies ` +
        `(seen as reachability ${count('reachability')}, as silent policyTypes ${count('policyTypes')}, as invalid ${count('invalid')})\n`,
    );
    expect(survivors).toEqual([]);
    expect(mutants.length).toBeGreaterThan(20 * policies.length);
  });

  test('fails on a hole that a policy of another name opens', () => {
    const hole: Manifest = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'hole', namespace: config.name },
      spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 22 }] }] },
    };
    const holed = clusterOf([...manifests, hole]);
    expect(differences(holed, pods, config).next().value).toMatch('TCP 22 opened');
  });

  test('fails on a pod whose labels have changed', () => {
    const relabelled = pods.map((pod) =>
      pod.name.endsWith('/app')
        ? { ...pod, labels: { ...pod.labels, 'app.kubernetes.io/component': 'application' } }
        : pod,
    );
    expect([...new Set(deadEnds(relabelled, config))]).toEqual([
      'app: no pod opens TCP 8080',
      'app: no pod opens TCP 9464',
    ]);
  });
});
