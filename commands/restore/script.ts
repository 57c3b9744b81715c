import { SCHEMA } from '../../charts/database/layout';
import { type Code, inSchema, namesOf, quoted, triggersIn } from './code';

/** A schema as a swap sees it. */
export interface Contents {
  readonly tables: readonly string[];
  readonly code: Code;
}

/** What changes places: the site's schema as it is, and as it shall be. */
export interface Swap {
  /** Schema that holds the restored tables, with their triggers. */
  readonly restored: string;
  /** Schema that the present tables go to. */
  readonly kept: string;
  readonly present: Contents;
  readonly fresh: Contents;
}

const inAll = (schema: string, names: readonly string[]): string[] =>
  names.map((n) => `${quoted(schema)}.${quoted(n)}`);

/** Longer than a transaction of a site may take, in seconds; a swap that does not get its locks has changed nothing. */
const PATIENCE = 'SET SESSION lock_wait_timeout = 60;\n';

/**
 * Two scripts for one session. `moves` ends with the statement that swaps all tables or none; the locks last until the
 * triggers are there, so that no write meets a table without its own. `rest` makes the code, and can be run again.
 * A table with triggers cannot be renamed into another schema, hence they go first. Neither views nor routines nor events
 * can be made under locks: they follow in the same breath.
 * @see https://dev.mysql.com/doc/refman/9.7/en/rename-table.html
 */
export function swapScript({ restored, kept, present, fresh }: Swap): {
  readonly moves: string;
  readonly rest: string;
} {
  const all = [...inAll(SCHEMA, present.tables), ...inAll(restored, fresh.tables)];
  const move = (from: string, to: string) => (table: string) =>
    `${quoted(from)}.${quoted(table)} TO ${quoted(to)}.${quoted(table)}`;
  const renames = [...present.tables.map(move(SCHEMA, kept)), ...fresh.tables.map(move(restored, SCHEMA))];
  const triggers = [
    ...inAll(SCHEMA, namesOf(present.code, 'TRIGGER')),
    ...inAll(restored, namesOf(fresh.code, 'TRIGGER')),
  ];
  // a view in the place of a restored table
  const inTheWay = namesOf(present.code, 'VIEW', 'BROKEN VIEW').filter((name) => fresh.tables.includes(name));
  const moves = [
    PATIENCE,
    ...inAll(SCHEMA, inTheWay).map((view) => `DROP VIEW ${view};\n`),
    ...(all.length > 0 ? [`LOCK TABLES ${all.map((table) => `${table} WRITE`).join(', ')};\n`] : []),
    ...triggers.map((trigger) => `DROP TRIGGER ${trigger};\n`),
    ...(renames.length > 0 ? [`RENAME TABLE ${renames.join(', ')};\n`] : []),
  ];
  const rest = [
    triggersIn(SCHEMA, fresh.code),
    triggersIn(kept, present.code),
    'UNLOCK TABLES;\n',
    ...dropAll(present.code),
    inSchema(SCHEMA, fresh.code.routines),
    inSchema(SCHEMA, fresh.code.views),
    inSchema(SCHEMA, fresh.code.events),
    inSchema(kept, present.code.views),
    `DROP DATABASE IF EXISTS ${quoted(restored)};\n`,
  ];
  return { moves: moves.join(''), rest: rest.join('') };
}

function dropAll(code: Code): string[] {
  const drop = (what: string, names: string[]) => inAll(SCHEMA, names).map((n) => `DROP ${what} IF EXISTS ${n};\n`);
  return [
    ...drop('VIEW', namesOf(code, 'VIEW', 'BROKEN VIEW')),
    ...drop('FUNCTION', namesOf(code, 'FUNCTION')),
    ...drop('PROCEDURE', namesOf(code, 'PROCEDURE')),
    ...drop('EVENT', namesOf(code, 'EVENT')),
  ];
}

/** Takes back what `moves` did when it did not get as far as its last statement. */
export function undoScript({ restored, kept, present }: Swap): string {
  const locks = inAll(SCHEMA, present.tables).map((table) => `${table} WRITE`);
  return [
    PATIENCE,
    ...(locks.length > 0 ? [`LOCK TABLES ${locks.join(', ')};\n`] : []),
    triggersIn(SCHEMA, present.code),
    'UNLOCK TABLES;\n',
    inSchema(SCHEMA, present.code.views),
    dropSchemas(restored, kept),
  ].join('');
}

/** Removes schemas that a restore made. */
export const dropSchemas = (...schemas: readonly string[]): string =>
  schemas.map((schema) => `DROP DATABASE IF EXISTS ${quoted(schema)};\n`).join('');

/**
 * Statements that let events run as they did. A server that follows another disables what it is told to run, and the dump
 * is one of such a server: then an event does what the present one of its name does, and runs where there is none.
 * @param dumped statuses in the restored server
 * @param before statuses in the site before the swap
 * @param now names in the site: an event that was due once, in the past, is gone
 * @see https://dev.mysql.com/doc/refman/9.7/en/replication-features-invoked.html
 */
export function eventScript(
  dumped: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): string {
  return [...dumped]
    .filter(([name, status]) => now.has(name) && status !== 'ENABLED' && status !== 'DISABLED')
    .map(([name]) => {
      const status = before.get(name) === 'DISABLED' ? 'DISABLE' : 'ENABLE';
      return `ALTER EVENT ${quoted(SCHEMA)}.${quoted(name)} ${status};\n`;
    })
    .join('');
}
