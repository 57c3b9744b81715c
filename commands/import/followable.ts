import { DAY } from './applier';
import type { Facts } from './facts';
import { some, type Troubles } from './trouble';

/** What the log of the server must be like, and how to make it so. */
const SETTINGS = {
  log_bin: ['ON', 'its binary log is off: log_bin in its my.cnf, and a restart'],
  binlog_format: ['ROW', 'its log holds statements: SET GLOBAL binlog_format = ROW, and let the old site connect anew'],
  binlog_row_image: [
    'FULL',
    'its log holds parts of rows: SET GLOBAL binlog_row_image = FULL, and let the old site connect anew',
  ],
  binlog_row_value_options: [
    '',
    "its log holds parts of JSON: SET GLOBAL binlog_row_value_options = '', and let the old site connect anew",
  ],
} as const;

/** Why what a server writes after the copy cannot be followed. @param lines of facts.sql and run.sh @param facts of the database */
export function followTroubles(
  lines: readonly string[],
  { tables, floats }: Pick<Facts, 'tables' | 'floats'>,
): Troubles {
  const words = lines.map((line) => line.split('\t'));
  const values = (kind: string): string[] => words.filter(([one]) => one === kind).map(([, value = '']) => value);
  const [version = ''] = values('version');
  if (/mariadb/i.test(version)) {
    return {
      stops: ['--follow: MySQL reads no binary log of MariaDB: stop the old site, and import without --follow'],
      notes: [],
    };
  }
  const has = new Set(values('privilege'));
  const lacks = [
    ...(has.has('REPLICATION SLAVE') ? [] : ['REPLICATION SLAVE']),
    ...(has.has('REPLICATION CLIENT') || has.has('SUPER') ? [] : ['REPLICATION CLIENT']),
    ...(has.has('RELOAD') || has.has('FLUSH_TABLES') ? [] : ['RELOAD']),
  ];
  const others = tables.filter(({ engine }) => engine && engine.toLowerCase() !== 'innodb').map(({ name }) => name);
  const vague = tables.filter(({ name, key }) => !key && floats.includes(name)).map(({ name }) => name);
  const [, taken = '', left = ''] = words.find(([kind]) => kind === 'filter') ?? [];
  const stops = [
    ...Object.entries(SETTINGS).flatMap(([name, [wanted, mend]]) => {
      const [value = ''] = values(name);
      return value.toUpperCase() === wanted ? [] : [`--follow: ${name} is "${value}": ${mend}`];
    }),
    ...(taken || left ? ['--follow: its log leaves out databases (binlog-do-db, binlog-ignore-db)'] : []),
    ...(lacks.length > 0 ? [`--follow: its account needs also: GRANT ${lacks.join(', ')} ON *.* TO …`] : []),
    ...(others.length > 0
      ? [
          `--follow: a copy of tables that are not InnoDB is of no single moment: ALTER TABLE … ENGINE = InnoDB: ${some(others)}`,
        ]
      : []),
    ...(vague.length > 0
      ? [`--follow: a row with a FLOAT is not found again in a table without a primary key: ${some(vague)}`]
      : []),
  ];
  const keeps = Number(values('binlog_expire_logs_seconds')[0] ?? 0);
  const notes =
    keeps > 0 && keeps < DAY
      ? [`it keeps its logs for ${keeps} s (binlog_expire_logs_seconds): a copy that takes longer cannot be followed`]
      : [];
  return { stops, notes };
}
