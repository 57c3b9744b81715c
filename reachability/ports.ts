/** Transport protocols that policies distinguish. */
export const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;

/** Transport protocol, as Kubernetes writes it. */
export type Protocol = (typeof PROTOCOLS)[number];

const LAST_PORT = 65535;

// one number line for all: port 0 does not exist, so the ranges of two protocols never touch
const place = (protocol: Protocol, port: number): number => PROTOCOLS.indexOf(protocol) * (LAST_PORT + 1) + port;

/** A set of ports of every protocol, as disjoint ascending ranges: two sets are equal exactly when their texts are. */
export class PortSet {
  /** No port. */
  static readonly none = new PortSet([]);
  /** Every port of every protocol. */
  static readonly all = new PortSet(PROTOCOLS.map((p) => [place(p, 1), place(p, LAST_PORT)]));

  private constructor(private readonly ranges: readonly (readonly [first: number, last: number])[]) {}

  /** The ports `first` to `last` of a protocol, both 1 to 65535. @default - `last` is `first` */
  static of(protocol: Protocol, first = 1, last = first): PortSet {
    return new PortSet([[place(protocol, first), place(protocol, last)]]);
  }

  /** Every port of one protocol. */
  static allOf(protocol: Protocol): PortSet {
    return PortSet.of(protocol, 1, LAST_PORT);
  }

  /** The ports of any of the sets. */
  static union(sets: readonly PortSet[]): PortSet {
    const [only = PortSet.none] = sets;
    if (sets.length < 2) return only;
    const merged: [number, number][] = [];
    for (const [first, last] of sets.flatMap((set) => set.ranges).sort((a, b) => a[0] - b[0])) {
      const before = merged.at(-1);
      if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
      else merged.push([first, last]);
    }
    return new PortSet(merged);
  }

  /** The ports of both sets. */
  intersect(other: PortSet): PortSet {
    return new PortSet(
      this.ranges
        .flatMap(([a, b]) => other.ranges.map(([c, d]): [number, number] => [Math.max(a, c), Math.min(b, d)]))
        .filter(([first, last]) => first <= last),
    );
  }

  /** The ports of this set that are not in `other`. */
  minus(other: PortSet): PortSet {
    let left = [...this.ranges];
    for (const [c, d] of other.ranges) {
      left = left.flatMap(([a, b]): [number, number][] => [
        ...(a < c ? [[a, Math.min(b, c - 1)] as [number, number]] : []),
        ...(b > d ? [[Math.max(a, d + 1), b] as [number, number]] : []),
      ]);
    }
    return new PortSet(left);
  }

  /** True when both hold the same ports. */
  equals({ ranges }: PortSet): boolean {
    return (
      ranges === this.ranges ||
      (ranges.length === this.ranges.length &&
        ranges.every(([first, last], i) => this.ranges[i]?.[0] === first && this.ranges[i][1] === last))
    );
  }

  /** True when there is no port in it. */
  get isEmpty(): boolean {
    return this.ranges.length === 0;
  }

  /** True when the port is in it. */
  has(protocol: Protocol, port: number): boolean {
    const at = place(protocol, port);
    return this.ranges.some(([first, last]) => first <= at && at <= last);
  }

  /** Like `TCP 3306, TCP 33060-33062, UDP 53`; `all` and `none` for the two extremes. */
  toString(): string {
    if (this.isEmpty) return 'none';
    if (this.ranges.length === PROTOCOLS.length && PortSet.all.minus(this).isEmpty) return 'all';
    return this.ranges
      .map(([first, last]) => {
        const protocol = PROTOCOLS[Math.floor(first / (LAST_PORT + 1))];
        const [a, b] = [first % (LAST_PORT + 1), last % (LAST_PORT + 1)];
        if (a === b) return `${protocol} ${a}`;
        return a === 1 && b === LAST_PORT ? `${protocol} all` : `${protocol} ${a}-${b}`;
      })
      .join(', ');
  }
}
