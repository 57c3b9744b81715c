import { Construct, type IConstruct } from 'constructs';
import { programs } from '../bundle/programs';
import { threewall } from '../charts';
import type { ThreewallChart } from '../charts/chart';
import type { FirewallChart } from '../charts/firewall';
import { type TierName, tiersOf } from '../charts/topology';
import { type Config, ConfigError, configOf } from '../config';
import { noticesOf } from '../config/app-facts';
import { readAppFiles } from '../config/app-files';
import { namespacesOf } from '../config/namespaces';
import type { Added } from '../policy/rule';
import type { Manifest } from '../reachability/manifest';
import { addedBy, type Extension, extended, faultsOf } from './extension';
import { shapeFaults } from './extension-shape';
import type { ThreewallProps } from './props';
import { type Exception, type Site, Tier } from './tier';

/** Where props come from. */
export interface Origin {
  /** Named in messages. @default - the construct's path */
  readonly file?: string;
  /** Folder that paths of `app.files` are seen from. @default - the folder that the process runs in */
  readonly folder?: string;
}

const SITE = Symbol.for('threewall.dev/site');
const SITES = Symbol.for('threewall.dev/sites');

/** Paths of an app's sites by their name. They are kept at its root, where another copy of the package finds them too. */
function sitesOf(root: IConstruct): Map<string, string> {
  const holder: IConstruct & { [SITES]?: Map<string, string> } = root;
  holder[SITES] ??= new Map();
  return holder[SITES];
}

/** Whether settings are a group of them; of anything else configOf says what it is. */
const isGroup = (props: unknown): boolean => typeof props === 'object' && props !== null && !Array.isArray(props);

/**
 * A site behind three firewalls: load balancers, web servers, app, databases, monitoring and backups, as charts below this
 * construct. Several may stand in one app and in one cluster, each with a `name` of its own.
 */
export class Threewall extends Construct implements Site {
  /** Entry of visitors. */
  readonly loadBalancer: Tier<'visitors'>;
  /** Nginx: TLS ends here. */
  readonly web: Tier<'pods'>;
  /** The app's servers. */
  readonly app: Tier<'any' | 'pods'>;
  /** Queue workers, schedules and release steps; undefined where the app has none. */
  readonly worker: Tier<never> | undefined;
  /** MySQL. Connections need the Secrets that `config.secrets` names. */
  readonly database: Tier<'pods' | 'primary' | 'replica'>;
  /** The collector on each node. */
  readonly monitoring: Tier<never>;
  /** Dumps, binary logs and drills; undefined without `backup`. */
  readonly backup: Tier<never> | undefined;
  /** What is allowed and yet worth a thought, one sentence each. */
  readonly notices: readonly string[];
  /** The site's namespace, and that of its monitoring. */
  readonly namespaces: { readonly site: string; readonly monitoring: string };

  /** Tells sites from other constructs, those of another copy of the package too: `instanceof` holds for any two constructs. */
  protected readonly [SITE] = true;
  private readonly charts: readonly ThreewallChart[];
  private readonly firewalls: readonly FirewallChart[];
  private current: Config;
  private props: ThreewallProps;
  private foreign: Required<Added> = { images: [], secrets: [] };
  private readonly extensions: { readonly tier: TierName; readonly extension: Extension }[] = [];

  /**
   * @param scope an app, or a construct in one
   * @param id also the site's name where `props.name` is left out
   * @param props the settings of config/*.yaml, with the same defaults and bounds
   * @throws ConfigError naming every fault at once
   */
  constructor(
    scope: Construct,
    id: string,
    props: ThreewallProps,
    private readonly origin: Origin = {},
  ) {
    super(scope, id);
    this.props = props;
    // a file of config/ says by itself what its site is called
    if (origin.file === undefined && isGroup(props)) this.props = { name: id, ...props };
    this.current = configOf(this.props, this.file);
    this.refuseTwins();
    const { app } = this.current;
    const files = readAppFiles(app, origin.folder ?? process.cwd(), this.file);
    this.firewalls = threewall(this, this.current, programs, files);
    this.charts = this.node.children as ThreewallChart[];
    for (const chart of this.charts) chart.amend((object) => this.withExtensions(object));

    const [site, monitoring] = namespacesOf(this.current);
    this.namespaces = { site, monitoring };
    this.notices = noticesOf(app);
    this.loadBalancer = new Tier(this, 'load-balancer', { visitors: 'load-balancer' });
    this.web = new Tier(this, 'web', { pods: 'web' });
    this.app = new Tier(this, 'app', { any: 'app', pods: 'app-pods' });
    this.database = new Tier(this, 'database', {
      pods: 'database',
      primary: 'database-primary',
      replica: 'database-replica',
    });
    this.monitoring = new Tier(this, 'monitoring', {});
    const has = (tier: TierName) => tiersOf(this.current).includes(tier);
    this.worker = has('worker') ? new Tier(this, 'worker', {}) : undefined;
    this.backup = has('backup') ? new Tier(this, 'backup', {}) : undefined;
  }

  /** True for a site, one of another copy of the package too. */
  static isThreewall(this: void, construct: unknown): construct is Threewall {
    return typeof construct === 'object' && construct !== null && SITE in construct;
  }

  /** The validated configuration with every default filled in, connections that `flow()` opened among them. */
  get config(): Config {
    return this.current;
  }

  /** Images and Secrets that `extend()` added: what `expectPolicies` has to know of. */
  get added(): Required<Added> {
    return this.foreign;
  }

  /** Every object of the site as it will be written. */
  toJson(): Manifest[] {
    return this.charts.flatMap((chart) => chart.toJson() as Manifest[]);
  }

  /** @internal */
  opening(kind: 'extraEgress' | 'extraIngress', exception: Exception): () => void {
    const { firewall = {} } = this.props;
    const open = [...(firewall[kind] ?? []), exception];
    const props = { ...this.props, firewall: { ...firewall, [kind]: open } } as ThreewallProps;
    const config = configOf(props, this.file);
    return () => {
      this.props = props;
      this.current = config;
      for (const chart of this.firewalls) chart.render(config);
    };
  }

  /** @internal */
  extend(tier: TierName, extension: Extension): void {
    const shape = shapeFaults(tier, extension);
    if (shape.length > 0) throw new ConfigError(this.file, shape);
    const before = this.toJson();
    const after = before.map((object) => extended(object, tier, extension, this.current));
    const fresh = addedBy(before, after, this.current);
    const added = {
      images: [...this.foreign.images, ...(fresh.images ?? [])],
      secrets: [...this.foreign.secrets, ...(fresh.secrets ?? [])],
    };
    const faults = faultsOf(tier, before, after, this.current, added);
    if (faults.length > 0) throw new ConfigError(this.file, faults);
    this.extensions.push({ tier, extension });
    this.foreign = added;
  }

  private get file(): string {
    return this.origin.file ?? this.node.path;
  }

  private withExtensions(object: Manifest): Manifest {
    return this.extensions.reduce((o, { tier, extension }) => extended(o, tier, extension, this.current), object);
  }

  /** Two sites of one name would apply over each other. */
  private refuseTwins(): void {
    const { name } = this.current;
    const sites = sitesOf(this.node.root);
    const twin = sites.get(name);
    if (twin) {
      throw new ConfigError(this.file, [`name: must differ from that of ${twin} in the same app, got "${name}"`]);
    }
    sites.set(name, this.node.path);
  }
}
