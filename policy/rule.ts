import type { Config } from '../config';
import { templateOf } from '../reachability/cluster';
import type { Manifest } from '../reachability/manifest';

/** Any part of an object. */
// biome-ignore lint/suspicious/noExplicitAny: objects of every kind, as the plain YAML that they are
export type Node = any;

/** Names that pods refer to and the configuration does not hold, because they were added in code. */
export interface Added {
  /** Images of containers. @default - none */
  readonly images?: readonly string[];
  /** Secrets made elsewhere, whose keys are their owner's to give. @default - none */
  readonly secrets?: readonly string[];
}

/** A site that rules are asked about: its configuration, and everything that is synthesized from it. */
export interface Subject {
  readonly config: Config;
  readonly manifests: readonly Manifest[];
  /** What was added to it in code. @default - nothing */
  readonly added?: Added;
}

/** A rule for every object of every environment. */
export interface Rule {
  /** The requirement, as a sentence. */
  readonly says: string;
  /** Violations, one line `<kind> <namespace>/<name>: <what>` each; empty if it holds. */
  readonly faults: (subject: Subject) => string[];
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
  check: (object: Manifest, subject: Subject) => Faults,
  spoil: Rule['spoil'],
): Rule => ({
  says,
  faults: (subject) => subject.manifests.flatMap((object) => listed(nameOf(object), check(object, subject))),
  spoil,
});

/** A rule for every pod. */
export const everyPod = (
  says: string,
  check: (template: Template, subject: Subject) => Faults,
  spoil: (spec: Node, template: Node) => void,
): Rule => ({
  says,
  faults: (subject) =>
    templatesOf(subject.manifests).flatMap((template) => listed(template.name, check(template, subject))),
  spoil: (manifests) => {
    const template: Node = manifests.map(templateOf).find(Boolean);
    spoil(template.spec, template);
  },
});

/** A rule for every container, init containers included. */
export const everyContainer = (
  says: string,
  check: (container: Node, template: Template, subject: Subject) => Faults,
  spoil: (container: Node) => void,
): Rule =>
  everyPod(
    says,
    (template, subject) =>
      template.containers.flatMap((container) => listed(container.name, check(container, template, subject))),
    (spec) => spoil(spec.containers[0]),
  );
