/** A table as its source describes it. */
export interface Table {
  readonly name: string;
  /** @default - the server's */
  readonly engine?: string;
  /** Whether it has a primary key. */
  readonly key: boolean;
}

/** What decides whether MySQL 9.7 takes a database, and what becomes of it: from a dump or from a running server. */
export interface Facts {
  /** Databases that a dump creates or selects; the one that is copied from a server. */
  readonly databases: readonly string[];
  readonly tables: readonly Table[];
  /** Names of collations and character sets. */
  readonly collations: readonly string[];
  readonly charsets: readonly string[];
  /** Accounts as `user@host`. */
  readonly definers: readonly string[];
  readonly events: readonly string[];
  /** SQL modes that routines, triggers and events were made with. */
  readonly modes: readonly string[];
  /** Tables with a date of zeros, as a default or as a value. */
  readonly zeroDates: readonly string[];
  /** Tables of a dump that has values of generated columns. */
  readonly generated: readonly string[];
  /** Tables of a server with a FLOAT. */
  readonly floats: readonly string[];
  /** What MySQL 9.7 does not know, like `table t: column u has the type uuid`. */
  readonly unknown: readonly string[];
  /** Kinds of statements that are left out. */
  readonly leftOut: readonly string[];
  /** Statements about accounts. */
  readonly accounts: number;
  /** Keys are added after the rows, as phpMyAdmin writes it. */
  readonly keysAfterRows: boolean;
  /** Length of the longest statement in bytes, 0 when unknown. */
  readonly longest: number;
}

/** Facts under construction. */
export class FactsBuilder {
  readonly databases = new Set<string>();
  readonly tables = new Map<string, Table>();
  readonly collations = new Set<string>();
  readonly charsets = new Set<string>();
  readonly definers = new Set<string>();
  readonly events = new Set<string>();
  readonly modes = new Set<string>();
  readonly zeroDates = new Set<string>();
  readonly generated = new Set<string>();
  readonly floats = new Set<string>();
  readonly unknown = new Set<string>();
  readonly leftOut = new Set<string>();
  accounts = 0;
  keysAfterRows = false;
  longest = 0;

  /** The facts so far. */
  get(): Facts {
    const { accounts, keysAfterRows, longest } = this;
    return {
      ...{ accounts, keysAfterRows, longest },
      databases: [...this.databases],
      tables: [...this.tables.values()],
      collations: [...this.collations],
      charsets: [...this.charsets],
      definers: [...this.definers],
      events: [...this.events],
      modes: [...this.modes],
      zeroDates: [...this.zeroDates],
      generated: [...this.generated],
      floats: [...this.floats],
      unknown: [...this.unknown],
      leftOut: [...this.leftOut],
    };
  }
}

/** Facts of a running server, from the lines of facts.sql. @param database what is copied */
export function factsOfServer(lines: readonly string[], database: string): Facts {
  const facts = new FactsBuilder();
  facts.databases.add(database);
  for (const line of lines) {
    const [kind, name = '', first = '', second = '', third = '', extra = ''] = line.split('\t');
    if (kind === 'collation') facts.collations.add(name);
    if (kind === 'definer') facts.definers.add(name);
    if (kind === 'event') facts.events.add(name);
    if (kind === 'float') facts.floats.add(name);
    if (kind === 'mode') for (const mode of name.split(',')) facts.modes.add(mode);
    if (kind === 'table') {
      facts.tables.set(name, { name, engine: first || undefined, key: second === '1' });
      if (third !== 'BASE TABLE') facts.unknown.add(`${name}: ${third.toLowerCase()}`);
    }
    if (kind !== 'column') continue;
    if (/^'?0000-00-00/.test(third)) facts.zeroDates.add(name);
    else facts.unknown.add(`table ${name}: column ${first} ${second}${third && ` default ${third}`} ${extra}`.trim());
  }
  return facts.get();
}
