/** Values of a Secret by key. */
export type Found = Readonly<Record<string, string>>;

/** A Secret that an environment refers to. */
export interface Wanted {
  readonly id:
    | 'site'
    | 'internalCa'
    | 'appTls'
    | 'webClientTls'
    | 'database'
    | 'users'
    | 'backup'
    | 'databaseMonitoring'
    | 'monitoringService'
    | 'appRandom'
    | 'appSupplied'
    | `app:${string}`;
  readonly namespace: string;
  readonly name: string;
  readonly type: 'kubernetes.io/tls' | 'Opaque';
  readonly keys: readonly string[];
  /** Keys whose value may be empty. @default - none */
  readonly emptyAllowed?: readonly string[];
  /** Description of its content, for people who supply it. */
  readonly holds: string;
  /** Host names that its certificate must contain. @default - it holds no certificate */
  readonly hosts?: readonly string[];
  /** Another tool of the cluster creates it, maybe later: it is neither created nor required. @default false */
  readonly madeByOthers?: boolean;
  /**
   * It only serves to create these Secrets; if all of them exist, it is neither created nor required. @default - needed
   * for itself
   */
  readonly onlyFor?: readonly Wanted['id'][];
  /** Keys may be added to the existing Secret: each is generated once, when it is first needed. @default false */
  readonly grows?: boolean;
  /** Generates its values, given the values of earlier Secrets. Absent: only people can supply them. */
  readonly make?: (found: ReadonlyMap<string, Found>) => Promise<Found> | Found;
}

/** False for a Secret of another tool, and for a source whose derived Secrets all exist. */
export const isNeeded = ({ madeByOthers, onlyFor }: Wanted, found: ReadonlyMap<string, Found>): boolean =>
  !madeByOthers && !onlyFor?.every((id) => found.has(id));

/** Keys that a Secret lacks. */
export const absentKeys = ({ keys, emptyAllowed = [] }: Wanted, values: Found): string[] =>
  keys.filter((key) => values[key] === undefined || (values[key] === '' && !emptyAllowed.includes(key)));
