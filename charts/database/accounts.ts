import type { Config } from '../../config/schema';
import { RESERVED_CONNECTIONS, sizesOf } from '../../config/sizes';

/** Every account, by the key of the Secret that holds its password. */
export const ACCOUNT_NAMES = ['root', 'app', 'replication', 'monitoring', 'backup'] as const;

/** One account and all its privileges. */
interface Account {
  readonly name: (typeof ACCOUNT_NAMES)[number];
  /** `localhost` means the socket only, because names are not resolved. */
  readonly host: '%' | 'localhost';
  /** Privileges and what they are for: `SELECT ON db.*`. */
  readonly grants: readonly string[];
  /** @default - as many connections as the server has */
  readonly connections?: number;
}

/** The schema's name in a grant, where an unescaped `_` matches any character. */
export const pattern = ({ database }: Config): string => database.name.replaceAll('_', '\\_');

const accounts = (config: Config): readonly Account[] => [
  {
    name: 'app',
    host: '%',
    grants: [`ALL ON \`${pattern(config)}\`.*`],
    connections: sizesOf(config.database).connections - RESERVED_CONNECTIONS,
  },
  // BACKUP_ADMIN is what a clone's donor asks for; EVENT shows the status of events to the other servers (events.sh)
  { name: 'replication', host: '%', grants: ['REPLICATION SLAVE, BACKUP_ADMIN, EVENT ON *.*'] },
  {
    name: 'monitoring',
    host: '%',
    grants: ['PROCESS, REPLICATION CLIENT ON *.*', 'SELECT ON `performance_schema`.*'],
    connections: 12,
  },
  // a donor's part in a clone, the binary logs that follow it, and the sums of all tables that a restored copy is compared with
  {
    name: 'backup',
    host: '%',
    grants: ['SELECT, PROCESS, REPLICATION CLIENT, REPLICATION SLAVE, BACKUP_ADMIN, FLUSH_TABLES, LOCK TABLES ON *.*'],
    connections: 8,
  },
  // created by `mysqld --initialize` with all privileges; last, because changing the others needs its old password
  { name: 'root', host: 'localhost', grants: [] },
];

/** Statements of `mysqld --initialize`, which has neither accounts nor GTIDs yet. */
export const schemaSql = ({ database: { name, collation } }: Config): string =>
  `CREATE DATABASE \`${name}\` COLLATE ${collation};\n`;

/**
 * Every account, for `--init-file`: run at each start before the server accepts clients, so passwords follow the Secret
 * and privileges follow this table. Not in the binary log: each server creates its own, and a replica holds no
 * transaction that its primary lacks. `{{name}}` is replaced by a password, escaped for single quotes.
 * The server continues after a failed statement, so the role comes last: without it there are no writes.
 */
export const accountsSql = (config: Config): string =>
  [
    'SET SESSION sql_log_bin = 0;',
    'SET GLOBAL super_read_only = OFF;',
    ...accounts(config).flatMap(({ name, host, grants, connections }) => {
      const account = `'${name}'@'${host}'`;
      const limits = `REQUIRE ${host === '%' ? 'SSL' : 'NONE'} WITH MAX_USER_CONNECTIONS ${connections ?? 0}`;
      return [
        `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY '{{${name}}}' ${limits};`,
        `ALTER USER ${account} IDENTIFIED BY '{{${name}}}' ${limits};`,
        ...(grants.length > 0 ? [`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${account};`] : []),
        ...grants.map((grant) => `GRANT ${grant} TO ${account};`),
      ];
    }),
    '',
  ].join('\n');
