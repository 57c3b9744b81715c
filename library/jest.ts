/**
 * What a test asks of manifests. Each `expect…` throws an Error that lists every fault, so that any test runner takes it.
 * @packageDocumentation
 */
import { App } from 'cdk8s';
import { dump } from 'js-yaml';
import { environment, objectsOf } from '../commands/environment';
import type { Config } from '../config';
import { excepted } from '../policy/exceptions';
import { gitOpsRules } from '../policy/gitops';
import { objectRules } from '../policy/objects';
import { podRules } from '../policy/pods';
import { referenceRules } from '../policy/references';
import { type Added, templatesOf } from '../policy/rule';
import { secretRules } from '../policy/secrets';
import { deadEnds, differences } from '../proof/differences';
import { whiteboardFaults } from '../proof/whiteboard';
import { clusterOf } from '../reachability/cluster';
import { type Manifest, manifestsIn } from '../reachability/manifest';
import { type Build, environmentFiles } from './environments';
import { Threewall } from './threewall';

/** An environment as it was synthesized. */
export interface SynthesizedEnvironment {
  /** Name of its file in config/ and of its folder in dist/. */
  readonly name: string;
  /** With the connections that `flow()` opened. */
  readonly config: Config;
  /** Every object, in the order in which they are applied. */
  readonly manifests: readonly Manifest[];
  /** Images and Secrets that `extend()` added. */
  readonly added: Required<Added>;
}

/**
 * Reads config/<name>.yaml and dist/<name>/.
 * @param build what `synthesize` was given; its first site says which connections and images were added in code. @default -
 *   nothing was added
 * @param root the project's folder. @default - the folder that the process runs in
 * @throws Error when one of them is missing or wrong
 */
export function readEnvironment(name: string, build?: Build, root = process.cwd()): SynthesizedEnvironment {
  const found = environment(name, root);
  const site = build && siteBuilt(name, build, root);
  const { config, added } = site ?? { config: found.config, added: { images: [], secrets: [] } };
  return { name, config, manifests: objectsOf(found), added };
}

function siteBuilt(name: string, build: Build, root: string): Threewall {
  const app = new App();
  const file = environmentFiles(root).find((one) => one.name === name);
  if (file) build(app, file);
  const site = app.node.findAll().find(Threewall.isThreewall);
  if (!site) throw new Error(`${name}: the app that is built for it holds no site`);
  return site;
}

/**
 * Proves the three firewalls from manifests alone, for every pod, every stranger and every address.
 * @param config what the site was synthesized from: each connection is then compared with its flow table. @default - the
 *   connections between tiers are compared with those of the whiteboard; those to addresses and other namespaces are not
 * @throws Error with one line for each connection that is open and should not be, or the reverse
 */
export function expectFirewalls(manifests: readonly Manifest[], config?: Config): void {
  const cluster = clusterOf(manifests);
  const faults = config
    ? [...differences(cluster, cluster.pods, config), ...deadEnds(cluster.pods, config)]
    : whiteboardFaults(cluster);
  refuse('the firewalls', faults);
}

/**
 * Asks the rules of Threewall about every object: Pod Security, users, probes, limits, Secrets, references, labels.
 * @param added what `extend()` added: `site.added`, or as `readEnvironment` returns it
 * @throws Error with one line for each rule that an object breaks
 */
export function expectPolicies(objects: readonly Manifest[], config: Config, added: Added = {}): void {
  const manifests = manifestsIn(objects);
  const rules = [...objectRules, ...podRules, ...secretRules, ...referenceRules, ...gitOpsRules];
  const faults = rules.flatMap((rule) =>
    rule
      .faults({ config, manifests, added })
      .filter((fault) => !excepted(rule.says, fault))
      .map((fault) => `${rule.says}: ${fault}`),
  );
  refuse('the policies', templatesOf(manifests).length > 0 ? faults : ['no pod among the manifests', ...faults]);
}

function refuse(what: string, faults: readonly string[]): void {
  if (faults.length === 0) return;
  const lines = faults.map((fault) => `  ${fault}`).join('\n');
  throw new Error(`${what}: ${faults.length} fault${faults.length === 1 ? '' : 's'}\n${lines}`);
}

const isManifest = (value: unknown): value is Manifest =>
  typeof value === 'object' && value !== null && 'kind' in value && 'apiVersion' in value && 'metadata' in value;

/** For `expect.addSnapshotSerializer`: objects stand in snapshots as the YAML that is applied. */
export const manifestSerializer = {
  /** True for an object of Kubernetes, or a list of them. */
  test: (value: unknown): boolean =>
    isManifest(value) || (Array.isArray(value) && value.length > 0 && value.every(isManifest)),
  /** The object as YAML, objects of a list separated by `---`. */
  serialize: (value: Manifest | readonly Manifest[]): string =>
    [value]
      .flat()
      .map((object) => dump(object, { lineWidth: -1, noRefs: true }))
      .join('---\n'),
};
