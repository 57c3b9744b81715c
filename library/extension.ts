import { createHash } from 'node:crypto';
import { selectorOf } from '../charts/names';
import { type ContainerProps, hardened } from '../charts/pod';
import type { TierName } from '../charts/topology';
import type { Config } from '../config';
import * as k8s from '../imports/k8s';
import { excepted } from '../policy/exceptions';
import { gitOpsRules } from '../policy/gitops';
import { podRules } from '../policy/pods';
import { podReferenceRules } from '../policy/references';
import { type Added, templatesOf } from '../policy/rule';
import { reachOf, secretRules } from '../policy/secrets';
import { templateOf } from '../reachability/cluster';
import type { Manifest } from '../reachability/manifest';

/** What is added to the pods of a tier, in Kubernetes' own words. */
export interface Extension {
  /** Beside the tier's own. Security context and pull policy are those of every container here. @default - none */
  readonly containers?: readonly ContainerProps[];
  /** Before the tier's own containers, after its init containers. @default - none */
  readonly initContainers?: readonly ContainerProps[];
  /** For what is added; an emptyDir needs a `sizeLimit`. @default - none */
  readonly volumes?: readonly k8s.Volume[];
  /** Mounts of the tier's main container. @default - none */
  readonly volumeMounts?: readonly k8s.VolumeMount[];
  /** Variables of the tier's main container; one that it has already is replaced. @default - none */
  readonly env?: Readonly<Record<string, string>>;
  /** Labels of the pods. Those by which firewalls and workloads find pods cannot be changed. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Annotations of the pods. @default - none */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Fields of the pod in place of the tier's own, each as a whole; an empty one takes that of the tier away. @default - none */
  readonly podSpec?: Omit<k8s.PodSpec, 'containers' | 'initContainers' | 'volumes'>;
}

/** An object as YAML has it. */
// biome-ignore lint/suspicious/noExplicitAny: its form depends on the kind
type Node = any;

/** The object with what is added where it makes pods of the tier; any other as it is. */
export function extended(object: Manifest, tier: TierName, extension: Extension, config: Config): Manifest {
  if (!isOf(object, tier, config)) return object;
  const copy: Node = structuredClone(object);
  const template: Node = templateOf(copy);
  const { metadata, spec } = template;
  metadata.labels = { ...metadata.labels, ...extension.labels };
  if (extension.annotations) metadata.annotations = { ...metadata.annotations, ...extension.annotations };
  Object.assign(spec, defined(k8s.toJson_PodSpec({ ...extension.podSpec, containers: [] }), ['containers']));
  // the API server stores no empty field, and would differ from the manifest for as long as it holds one
  for (const field of Object.keys(spec)) if (isEmpty(spec[field])) delete spec[field];
  const json = (container: ContainerProps) => defined(k8s.toJson_Container(hardened(container, config)));
  spec.containers.push(...(extension.containers ?? []).map(json));
  if (extension.initContainers) {
    spec.initContainers = [...(spec.initContainers ?? []), ...extension.initContainers.map(json)];
  }
  const volumes = (extension.volumes ?? []).map((volume) => defined(k8s.toJson_Volume(volume)));
  if (volumes.length > 0) spec.volumes = [...(spec.volumes ?? []), ...volumes];
  change(spec.containers[0], extension);
  // a Job that ran cannot change: another pod is another Job, as charts/worker/release.ts names it
  if (object.kind === 'Job') copy.metadata.name = object.metadata.name.replace(/[0-9a-f]{10}$/, hashOf(template));
  return copy;
}

const isEmpty = (value: unknown): boolean => typeof value === 'object' && Object.keys(value ?? {}).length === 0;

const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 10);

/** The tier's main container is the first. */
function change(main: Node, { env = {}, volumeMounts = [] }: Extension): void {
  const added = Object.entries(env).map(([name, value]) => ({ name, value }));
  if (added.length > 0)
    main.env = [...(main.env ?? []).filter(({ name }: Node) => !Object.hasOwn(env, name)), ...added];
  const mounts = volumeMounts.map((mount) => defined(k8s.toJson_VolumeMount(mount)));
  if (mounts.length > 0) main.volumeMounts = [...(main.volumeMounts ?? []), ...mounts];
}

function isOf(object: Manifest, tier: TierName, config: Config): boolean {
  const labels = templateOf(object)?.metadata.labels ?? {};
  return Object.entries(selectorOf(tier, config)).every(([key, value]) => labels[key] === value);
}

/** Without what is undefined, which YAML cannot say, and without some names. */
function defined(object: Node, without: readonly string[] = []): Node {
  const entries = Object.entries(JSON.parse(JSON.stringify(object ?? {})));
  return Object.fromEntries(entries.filter(([name]) => !without.includes(name)));
}

/** What a pod alone can break. Whether Secrets and claims made elsewhere exist is not known here. */
const RULES = [...podRules, ...secretRules, ...podReferenceRules, ...gitOpsRules];

/** Images and Secrets that the pods of a tier refer to after an extension and not before. */
export function addedBy(before: readonly Manifest[], after: readonly Manifest[], config: Config): Added {
  const [earlier, later] = [referred(before), referred(after)];
  const own: readonly unknown[] = Object.values(config.secrets);
  return {
    images: later.images.filter((image) => !earlier.images.includes(image)),
    secrets: later.secrets.filter((name) => !earlier.secrets.includes(name) && !own.includes(name)),
  };
}

function referred(manifests: readonly Manifest[]): Required<Added> {
  const templates = templatesOf(manifests);
  return {
    images: templates.flatMap(({ containers }) => containers.map(({ image }) => image)),
    secrets: templates.flatMap(reachOf).map(({ secret }) => secret),
  };
}

/** Policy rules that hold before and not after, one line each. */
export function faultsOf(
  tier: TierName,
  before: readonly Manifest[],
  after: readonly Manifest[],
  config: Config,
  added: Added,
): string[] {
  const ours = after.filter((object) => isOf(object, tier, config));
  if (ours.length === 0) return [`${tier}: has no pods to extend in this site`];
  const broken = RULES.flatMap((rule) => {
    const known = new Set(rule.faults({ config, manifests: before, added }));
    return rule
      .faults({ config, manifests: after, added })
      .filter((fault) => !known.has(fault) && !excepted(rule.says, fault))
      .map((fault) => `${tier}: breaks the rule "${rule.says}": ${fault}`);
  });
  return broken;
}
