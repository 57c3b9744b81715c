import type { Needed } from '../../charts/secrets/needed';

/** Values of a Secret by key. */
export type Found = Readonly<Record<string, string>>;

/** A Secret that an environment refers to, with what generates its values. */
export interface Wanted extends Needed {
  /** Generates its values, given the values of earlier Secrets. Absent: only people can supply them. */
  readonly make?: (found: ReadonlyMap<string, Found>) => Promise<Found> | Found;
}

/** False for a Secret of another tool, and for a source whose derived Secrets all exist. */
export const isNeeded = ({ madeByOthers, onlyFor }: Wanted, found: ReadonlyMap<string, Found>): boolean =>
  !madeByOthers && !onlyFor?.every((id) => found.has(id));

/** Keys that a Secret lacks. */
export const absentKeys = ({ keys, emptyAllowed = [] }: Wanted, values: Found): string[] =>
  keys.filter((key) => values[key] === undefined || (values[key] === '' && !emptyAllowed.includes(key)));
