import type { Facts } from './facts';

/** What the databases take. */
export interface Target {
  readonly database: string;
  readonly collations: ReadonlySet<string>;
  readonly charsets: ReadonlySet<string>;
  /** `max_allowed_packet` in bytes. */
  readonly packet: number;
  readonly group: boolean;
}

/** What will trouble an import, a line each. */
export interface Troubles {
  /** These end it before it begins. */
  readonly stops: readonly string[];
  /** These change something, or want to be known. */
  readonly notes: readonly string[];
}

/** Engines whose tables rules.sed makes tables of InnoDB. */
const BECOMES_INNODB = ['myisam', 'aria', 'memory', 'heap', 'archive', 'csv', 'rocksdb', 'tokudb'];
/** Collations that rules.sed replaces. */
const REPLACED =
  /^utf8mb4_uca1400_(nopad_)?(ai_ci|as_ci|as_cs)$|^utf8mb3_uca1400_(nopad_)?ai_ci$|^(utf8mb[34]|latin1|ascii)(_\w+)?_nopad_(ci|bin)$/;
/** Modes that rules.sed leaves out. */
const FORMER_MODES =
  /^(NO_AUTO_CREATE_USER|DB2|MAXDB|MSSQL|MYSQL323|MYSQL40|POSTGRESQL|NO_(FIELD|KEY|TABLE)_OPTIONS|IGNORE_BAD_TABLE_OPTIONS|EMPTY_STRING_IS_NULL|SIMULTANEOUS_ASSIGNMENT|TIME_ROUND_FRACTIONAL)$/;

const MOST = 8;
/** The first names of a list. */
export const some = (names: readonly string[]): string =>
  names.length > MOST ? `${names.slice(0, MOST).join(', ')} and ${names.length - MOST} more` : names.join(', ');
const when = (names: readonly string[], line: (names: string) => string): string[] =>
  names.length > 0 ? [line(some(names))] : [];

/** Compares a database with what the databases here take. */
export function troublesOf(facts: Facts, target: Target): Troubles {
  const { tables } = facts;
  const collations = facts.collations.filter((name) => !target.collations.has(name.toLowerCase()));
  const charsets = facts.charsets.filter((name) => !target.charsets.has(name.toLowerCase()));
  const engines = tables.filter(({ engine }) => engine && engine.toLowerCase() !== 'innodb');
  const becomes = engines.filter(({ engine = '' }) => BECOMES_INNODB.includes(engine.toLowerCase()));
  const called = (list: typeof tables): string[] => list.map(({ name, engine }) => `${name} (${engine})`);
  const keyless = tables.filter(({ key }) => !key).map(({ name }) => name);
  const others = facts.databases.filter((name) => name !== target.database);
  const stops = [
    ...(facts.databases.length > 1
      ? [`holds ${facts.databases.length} databases (${some(facts.databases)}): dump one of them, mysqldump NAME`]
      : []),
    ...(tables.length === 0 ? ['holds no table'] : []),
    ...when(facts.unknown, (names) => `MySQL 9.7 has no: ${names}`),
    ...when(
      collations.filter((name) => !REPLACED.test(name)),
      (names) => `collations that MySQL 9.7 does not know: ${names}`,
    ),
    ...when(
      facts.generated,
      (names) =>
        `holds values of generated columns, which MySQL refuses (mariadb-dump writes them): import from the server, --from, or dump it with mysqldump: ${names}`,
    ),
    ...when(charsets, (names) => `character sets that MySQL 9.7 does not know: ${names}`),
    ...when(
      called(engines.filter((one) => !becomes.includes(one))),
      (names) => `engines that MySQL 9.7 here does not have: ${names}`,
    ),
    ...(facts.modes.includes('ORACLE') ? ['routines in the SQL mode ORACLE: MySQL reads no PL/SQL'] : []),
    ...(facts.accounts > 0
      ? [`${facts.accounts} statements about accounts: only a database is imported, dump it without its accounts`]
      : []),
    ...(facts.longest > target.packet
      ? [
          `a statement of ${Math.ceil(facts.longest / 2 ** 20)} MiB, more than database.settings.max_allowed_packet (${target.packet / 2 ** 20} MiB): raise that and run up`,
        ]
      : []),
    ...(target.group && facts.keysAfterRows
      ? ['adds primary keys after the rows: a group takes no row of a table without one; make the dump with mysqldump']
      : []),
  ];
  const notes = [
    ...(facts.databases.length === 1 ? when(others, (names) => `database ${names} becomes ${target.database}`) : []),
    ...when(facts.definers, (names) => `definers become the app's account: ${names}`),
    ...when(
      collations.filter((name) => REPLACED.test(name)),
      (names) => `collations of MariaDB become those of MySQL that are nearest: ${names}`,
    ),
    ...when(called(becomes), (names) => `tables become InnoDB: ${names}`),
    ...when(keyless, (names) =>
      target.group
        ? `tables without a primary key get an invisible one, my_row_id: ${names}`
        : `tables without a primary key, whose changes replicas apply slowly: ${names}`,
    ),
    ...when(
      facts.zeroDates,
      (names) => `dates of zeros, which load but which strict SQL modes refuse afterwards: ${names}`,
    ),
    ...when(facts.floats, (names) => `a FLOAT comes with six digits, as mysqldump writes it: ${names}`),
    ...when(
      facts.events,
      (names) => `events run on the primary as soon as they are there (with --follow: from the switch): ${names}`,
    ),
    ...when(
      facts.modes.filter((mode) => FORMER_MODES.test(mode)),
      (names) => `SQL modes of earlier versions are left out: ${names}`,
    ),
    ...when(facts.leftOut, (names) => `statements are left out: ${names}`),
  ];
  return { stops, notes };
}

/** The one list of an import. */
export const listOf = ({ stops, notes }: Troubles): string =>
  [...stops.map((line) => `  STOPS  ${line}`), ...notes.map((line) => `  note   ${line}`)].join('\n');
