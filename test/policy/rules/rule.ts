import { templateOf } from '../../../reachability/cluster';
import type { Manifest } from '../../../reachability/manifest';
import type { Environment } from '../../support/manifests';
import { EXCEPTIONS } from './exceptions';

/** Any part of an object. */
// biome-ignore lint/suspicious/noExplicitAny: objects of every kind, as the plain YAML that they are
export type Node = any;

/** A rule for every object of every environment. */
export interface Rule {
  /** The requirement, as a sentence. */
  readonly says: string;
  /** Violations, one line `<kind> <namespace>/<name>: <what>` each; empty if it holds. */
  readonly faults: (environment: Environment) => string[];
  /** Breaks it in the given objects, to show that the rule detects it. */
  readonly spoil: (manifests: Node[]) => void;
}

/** Name of the object in messages and exceptions. */
export const nameOf = ({ kind, metadata }: Manifest): string =>
  metadata.namespace ? `${kind} ${metadata.namespace}/${metadata.name}` : `${kind} ${metadata.name}`;

/** A pod template and the workload that makes pods of it. */
export interface Template {
  readonly name: string;
  readonly workload: Manifest;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: Node;
  /** Containers and init containers. */
  readonly containers: readonly Node[];
}

/** Every pod template among objects. */
export const templatesOf = (manifests: readonly Manifest[]): Template[] =>
  manifests.flatMap((workload) => {
    const template = templateOf(workload);
    if (!template) return [];
    const spec: Node = template.spec;
    return [
      {
        name: nameOf(workload),
        workload,
        labels: template.metadata?.labels ?? {},
        spec,
        containers: [...(spec.initContainers ?? []), ...spec.containers],
      },
    ];
  });

type Faults = string | false | undefined | readonly (string | false | undefined)[];

const listed = (name: string, faults: Faults): string[] =>
  (Array.isArray(faults) ? faults : [faults]).flatMap((fault) => (fault ? [`${name}: ${fault}`] : []));

/** A rule for every object. */
export const everyObject = (
  says: string,
  check: (object: Manifest, environment: Environment) => Faults,
  spoil: Rule['spoil'],
): Rule => ({
  says,
  faults: (environment) =>
    environment.manifests.flatMap((object) => listed(nameOf(object), check(object, environment))),
  spoil,
});

/** A rule for every pod. */
export const everyPod = (
  says: string,
  check: (template: Template, environment: Environment) => Faults,
  spoil: (spec: Node, template: Node) => void,
): Rule => ({
  says,
  faults: (environment) =>
    templatesOf(environment.manifests).flatMap((template) => listed(template.name, check(template, environment))),
  spoil: (manifests) => {
    const template: Node = manifests.map(templateOf).find(Boolean);
    spoil(template.spec, template);
  },
});

/** A rule for every container, init containers included. */
export const everyContainer = (
  says: string,
  check: (container: Node, template: Template, environment: Environment) => Faults,
  spoil: (container: Node) => void,
): Rule =>
  everyPod(
    says,
    (template, environment) =>
      template.containers.flatMap((container) => listed(container.name, check(container, template, environment))),
    (spec) => spoil(spec.containers[0]),
  );

/** One test for each rule in every environment, and one that shows that the rule can fail. */
export function testRules(rules: readonly Rule[], environments: readonly Environment[]): void {
  const excepted = ({ says }: Rule, fault: string) => EXCEPTIONS.find((e) => e.rule === says && e.fault.test(fault));

  describe.each(environments)('in $name', (environment) => {
    test.each(rules)('$says', (rule) => {
      expect(rule.faults(environment).filter((fault) => !excepted(rule, fault))).toEqual([]);
    });
  });

  describe('fails where it is not so', () => {
    const [environment] = environments as [Environment];
    test.each(rules)('$says', (rule) => {
      const manifests = structuredClone(environment.manifests) as Manifest[];
      rule.spoil(manifests);
      const faults = rule.faults({ ...environment, manifests }).filter((fault) => !excepted(rule, fault));
      expect(faults).not.toEqual([]);
    });
  });

  test('every exception is needed and has its reason', () => {
    const ours = EXCEPTIONS.filter((exception) => rules.some(({ says }) => says === exception.rule));
    const used = new Set(
      environments.flatMap((environment) =>
        rules.flatMap((rule) => rule.faults(environment).map((fault) => excepted(rule, fault))),
      ),
    );
    expect(ours.filter((exception) => !used.has(exception) || exception.reason.length < 20)).toEqual([]);
  });
}
