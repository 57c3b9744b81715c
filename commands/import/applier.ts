import { pattern } from '../../charts/database/accounts';
import type { Config } from '../../config';
import { asRoot, databasePods, primaryOf } from '../restore/databases';

/** Name of the account that applies what an old server writes, for as long as it is followed. */
export const APPLIER = 'import';

/** Seconds. */
export const DAY = 86_400;

/**
 * Statements that make the account. It may apply rows of a binary log, but only to the site's database: BINLOG asks for the rights on each table.
 * One that is left over expires some time after its Job.
 * @param password letters, digits, `-` and `_`
 * @param seconds how long the Job may take
 */
export const applierSql = (config: Config, password: string, seconds: number): string => `
DROP USER IF EXISTS '${APPLIER}'@'%';
CREATE USER '${APPLIER}'@'%' IDENTIFIED BY '${password}' REQUIRE SSL PASSWORD EXPIRE INTERVAL ${Math.ceil(seconds / DAY) + 1} DAY;
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES ON \`${pattern(config)}\`.* TO '${APPLIER}'@'%';
GRANT REPLICATION_APPLIER ON *.* TO '${APPLIER}'@'%';
`;

/** Makes the account, on all servers. @param pod of the primary */
export async function makeApplier(config: Config, pod: string, password: string, seconds: number): Promise<void> {
  await asRoot(config.name, pod, applierSql(config, password, seconds));
}

/** Removes the account, also one that an earlier import left. */
export async function dropApplier(config: Config): Promise<void> {
  const pod = await primaryOf(config.name, await databasePods(config));
  await asRoot(config.name, pod, `DROP USER IF EXISTS '${APPLIER}'@'%';`);
}
