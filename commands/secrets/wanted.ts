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
  /** What it holds, for people who supply it. */
  readonly holds: string;
  /** Host names that its certificate has to bear. @default - it holds no certificate */
  readonly hosts?: readonly string[];
  /** Another tool of the cluster makes it, maybe later: it is neither made nor missed. @default false */
  readonly madeByOthers?: boolean;
  /** It is there only to make these; where they all are, it is neither made nor missed. @default - needed for itself */
  readonly onlyFor?: readonly Wanted['id'][];
  /** Keys that may be added to the Secret that is there: each is made once, when it is first wanted. @default false */
  readonly grows?: boolean;
  /** Makes its values, given those of the Secrets before it. Absent: only people can know them. */
  readonly make?: (found: ReadonlyMap<string, Found>) => Promise<Found> | Found;
}

/** False for what another tool makes, and for what is there only to make others that are already there. */
export const isNeeded = ({ madeByOthers, onlyFor }: Wanted, found: ReadonlyMap<string, Found>): boolean =>
  !madeByOthers && !onlyFor?.every((id) => found.has(id));

/** Keys that a Secret does not have. */
export const absentKeys = ({ keys, emptyAllowed = [] }: Wanted, values: Found): string[] =>
  keys.filter((key) => values[key] === undefined || (values[key] === '' && !emptyAllowed.includes(key)));
