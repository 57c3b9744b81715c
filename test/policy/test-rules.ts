import { EXCEPTIONS, excepted } from '../../policy/exceptions';
import type { Rule } from '../../policy/rule';
import type { Manifest } from '../../reachability/manifest';
import type { Environment } from '../support/manifests';

/** One test for each rule in every environment, and one that shows that the rule can fail. */
export function testRules(rules: readonly Rule[], environments: readonly Environment[]): void {
  describe.each(environments)('in $name', (environment) => {
    test.each(rules)('$says', (rule) => {
      expect(rule.faults(environment).filter((fault) => !excepted(rule.says, fault))).toEqual([]);
    });
  });

  describe('fails where it is not so', () => {
    const [environment] = environments as [Environment];
    test.each(rules)('$says', (rule) => {
      const manifests = structuredClone(environment.manifests) as Manifest[];
      rule.spoil(manifests);
      const faults = rule.faults({ ...environment, manifests }).filter((fault) => !excepted(rule.says, fault));
      expect(faults).not.toEqual([]);
    });
  });

  test('every exception is needed and has its reason', () => {
    const ours = EXCEPTIONS.filter((exception) => rules.some(({ says }) => says === exception.rule));
    const used = new Set(
      environments.flatMap((environment) =>
        rules.flatMap((rule) => rule.faults(environment).map((fault) => excepted(rule.says, fault))),
      ),
    );
    expect(ours.filter((exception) => !used.has(exception) || exception.reason.length < 20)).toEqual([]);
  });
}
