import { ApiObject, Chart, DependencyGraph } from 'cdk8s';
import { ConfigMap } from 'cdk8s-plus-28/lib/config-map.js';
import type { Construct } from 'constructs';
import type { Config } from '../config/schema';
import type { Manifest } from '../reachability/manifest';
import { type Content, type Item, keyedFiles } from './config-map';
import { CLUSTER_WIDE, gitOpsAnnotations } from './gitops';
import { namespaceOf } from './names';
import { metadataOf } from './pod';
import type { TierName } from './topology';

/**
 * Order in which the parts are applied: number in the file name (`kubectl apply -f` reads files in this order).
 * Firewalls come before anything that runs behind them.
 */
export type Wave = '00' | '10' | '20' | '25' | '27' | '30' | '40' | '50' | '60';

/** The last wave: the second number is used when something must finish before the app starts. */
const [LAST_SHARED, AFTER_GATES] = [20, 30];

/** A file of manifests: its name is `<wave>-<name>.yaml`, its objects live in one namespace unless they say otherwise. */
export class ThreewallChart extends Chart {
  constructor(scope: Construct, wave: Wave, name: string, namespace: string) {
    super(scope, `${wave}-${name}`, { namespace, disableResourceNameHashes: true });
    this.wave = Number(wave);
  }
  /** The number in its name. */
  readonly wave: number;
  private readonly amendments: ((object: Manifest) => Manifest)[] = [];

  /** Changes each object of the file before it is written. */
  amend(change: (object: Manifest) => Manifest): void {
    this.amendments.push(change);
  }

  /**
   * The objects as they are written. cdk8s prepares and validates the whole app for each chart, so the cost of an app would grow
   * with the square of its sites; `synth()` of the app has done both.
   * @throws Error where a construct of this chart is not valid
   */
  override toJson(): unknown[] {
    const wave = this.syncWave();
    return this.objects()
      .map((object) => withAnnotations(object, gitOpsAnnotations(object, wave)))
      .map(withoutNamespaceIfClusterWide)
      .map((object) => this.amendments.reduce((changed, change) => change(changed), object));
  }

  private objects(): Manifest[] {
    const faults = this.node.findAll().flatMap(({ node }) => node.validate().map((fault) => `[${node.path}] ${fault}`));
    if (faults.length > 0) throw new Error(`Validation failed with the following errors:\n  ${faults.join('\n  ')}`);
    return new DependencyGraph(this.node)
      .topology()
      .filter((found) => ApiObject.isApiObject(found) && Chart.of(found) === this)
      .map((object) => (object as ApiObject).toJson());
  }

  /**
   * Argo CD waits between waves until all objects are healthy: one wave for everything that runs, more only where
   * something must finish before the app starts (docs/decisions/app-contract.md).
   */
  private syncWave(): number {
    const waves = this.node.scope?.node.children.filter(Chart.isChart).map((chart) => (chart as ThreewallChart).wave);
    const isGated = waves?.some((wave) => wave > LAST_SHARED && wave < AFTER_GATES) ?? false;
    return Math.min(this.wave, isGated ? AFTER_GATES : LAST_SHARED);
  }
}

/** The object with more annotations, its keys in the order in which cdk8s sorts them. */
function withAnnotations(object: Manifest, more: Readonly<Record<string, string>>): Manifest {
  const annotations = sorted({ ...object.metadata.annotations, ...more });
  return { ...object, metadata: sorted({ ...object.metadata, annotations }) };
}

const sorted = <T extends object>(map: T): T =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))) as T;

/** cdk8s writes the chart's namespace into every object, cluster-scoped kinds included. */
function withoutNamespaceIfClusterWide(object: Manifest): Manifest {
  if (!CLUSTER_WIDE.includes(object.kind)) return object;
  const { namespace: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** A ConfigMap of files. */
export interface Files {
  /** Name with the hash of the content: new content is a new name, so pods that mount it roll. */
  readonly name: string;
  /** The key of each path. */
  readonly items: readonly Item[];
}

/**
 * Files for the pods of a tier as an immutable ConfigMap named after its content.
 * @param contents by their paths; a path that is a name is its own key
 * @param instead what to use where they are too large, for the message
 * @throws ConfigError when no `kubectl apply` takes them
 * @see https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-immutable
 */
export function files(
  scope: Chart,
  tier: TierName,
  config: Config,
  name: string,
  contents: Readonly<Record<string, Content>>,
  instead?: string,
): Files {
  const { data, binaryData, items, hash } = keyedFiles(name, contents, instead);
  const hashed = `${name}-${hash}`;
  const metadata = { ...metadataOf(tier, config, hashed), namespace: namespaceOf(tier, config) };
  new ConfigMap(scope, name, { metadata, immutable: true, data, binaryData });
  return { name: hashed, items };
}
