import { Construct } from 'constructs';
import { doors } from '../charts/flows';
import { namespaceOf, selectorOf } from '../charts/names';
import { portsOf, type TierName } from '../charts/topology';
import { type Config, ConfigError } from '../config';
import type { Manifest } from '../reachability/manifest';
import type { Extension } from './extension';
import type { ThreewallProps } from './props';

type Firewall = NonNullable<ThreewallProps['firewall']>;
type Egress = NonNullable<Firewall['extraEgress']>[number];
type Ingress = NonNullable<Firewall['extraIngress']>[number];

/** An entry of `firewall.extraEgress` or `firewall.extraIngress`. */
export type Exception = Egress | Ingress;

/** A connection that a tier opens. */
export interface WayOut extends Omit<Egress, 'from' | 'to'> {
  /** As in `firewall.extraEgress`, or a tier of another site: that one lets the connection in, at all its own ports. */
  readonly to: Egress['to'] | Tier<string>;
}

/** A connection that a tier takes, at its own ports. */
export interface WayIn extends Omit<Ingress, 'to' | 'from'> {
  /** As in `firewall.extraIngress`, or a tier of another site: that one opens the connection. */
  readonly from: Ingress['from'] | Tier<string>;
}

/** What a tier needs of its site. */
export interface Site {
  readonly config: Config;
  toJson(): Manifest[];
  /** Checks a connection. @returns what opens it @internal */
  opening(kind: 'extraEgress' | 'extraIngress', exception: Exception): () => void;
  /** @internal */
  extend(tier: TierName, extension: Extension): void;
}

/** A Service, as others use it. */
export interface ServiceInfo {
  readonly name: string;
  /** Full name in the cluster's DNS. */
  readonly host: string;
  /** Ports of the Service by their names. */
  readonly ports: Readonly<Record<string, number>>;
}

/** A tier of a site: what others need to know of it, and what may be changed about it. */
export class Tier<ServiceKey extends string> {
  /** @internal */
  constructor(
    private readonly site: Site,
    /** Name in the flow table and in the label `app.kubernetes.io/component`. */
    readonly name: TierName,
    private readonly names: Readonly<Record<ServiceKey, string>>,
  ) {}

  /** Namespace of its pods. */
  get namespace(): string {
    return namespaceOf(this.name, this.site.config);
  }

  /** Labels that select its pods, and no others. */
  get labels(): Readonly<Record<string, string>> {
    return selectorOf(this.name, this.site.config);
  }

  /** Ports of its containers by name: what policies see. */
  get ports(): Readonly<Record<string, number>> {
    return portsOf(this.name, this.site.config);
  }

  /** Its Services by what they are for. */
  get services(): Readonly<Record<ServiceKey, ServiceInfo>> {
    const { cluster } = this.site.config;
    const objects = this.site.toJson().filter(({ kind }) => kind === 'Service');
    const entries = Object.entries<string>(this.names).map(([key, name]) => {
      const found = objects.find(({ metadata: m }) => m.name === name && m.namespace === this.namespace);
      if (!found) throw new Error(`${this.name}: no Service ${name}`);
      const listed: readonly { name: string; port: number }[] = found.spec.ports;
      const ports = Object.fromEntries(listed.map((port) => [port.name, port.port]));
      return [key, { name, host: `${name}.${this.namespace}.svc.${cluster.domain}`, ports }];
    });
    return Object.fromEntries(entries) as Record<ServiceKey, ServiceInfo>;
  }

  /**
   * Opens one more connection, in the flow table that firewalls, proof and documentation derive from.
   * @throws ConfigError as for an entry of `firewall.extraEgress` or `firewall.extraIngress`, of either site; neither end is
   *   open then
   */
  flow(way: WayOut | WayIn): this {
    const given = typeof way === 'object' && way !== null ? ['to', 'from'].filter((end) => end in way) : [];
    if (given.length !== 1) {
      const got = given.length === 0 ? 'neither' : 'both';
      throw new ConfigError(`${this.site.config.name}/${this.name}`, [
        `flow: must have one of to and from, got ${got}`,
      ]);
    }
    const other: unknown = 'to' in way ? way.to : way.from;
    if (Construct.isConstruct(other)) {
      throw new ConfigError(`${this.site.config.name}/${this.name}`, [
        `flow: must name a tier, like \`.app\` of the other site, got the construct ${other.node.path}`,
      ]);
    }
    const ends = 'to' in way ? this.wayOut(way) : this.wayIn(way);
    for (const open of ends) open();
    return this;
  }

  /**
   * Adds to its pods what no setting of the configuration says: containers, volumes, variables, labels, fields of the pod.
   * @throws ConfigError when the pods then break a policy rule that they kept before; nothing is changed then
   */
  extend(extension: Extension): this {
    this.site.extend(this.name, extension);
    return this;
  }

  private wayOut({ to, ...rest }: WayOut): (() => void)[] {
    const out = (target: Egress['to']) =>
      this.site.opening('extraEgress', { ...rest, from: this.name, to: target } as Egress);
    if (!(to instanceof Tier)) return [out(to)];
    const inside = to.site.opening('extraIngress', { from: this.pods, to: to.name, reason: rest.reason } as Ingress);
    const outside = out(to.pods);
    const closed = rest.ports.filter((port) => !to.doors.includes(port));
    if (closed.length > 0) {
      const allowed = `of those that ${to.site.config.name} opens to other sites: ${to.doors.join(', ')}`;
      throw new ConfigError(`${this.site.config.name}/${this.name}`, [
        `ports: must be ${allowed}, got ${closed.join(', ')}`,
      ]);
    }
    return [inside, outside];
  }

  private wayIn({ from, ...rest }: WayIn): (() => void)[] {
    if (from instanceof Tier) return from.wayOut({ ...rest, to: this, ports: this.doors });
    return [this.site.opening('extraIngress', { ...rest, from, to: this.name } as Ingress)];
  }

  private get pods() {
    return { namespace: this.namespace, podLabels: { ...this.labels } };
  }

  /** Ports at which pods of other namespaces may ask: none of most tiers. */
  private get doors(): number[] {
    const names: readonly string[] = this.name in doors ? doors[this.name as keyof typeof doors] : [];
    return names.flatMap((name) => this.ports[name] ?? []);
  }
}
