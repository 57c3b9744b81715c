import { createHash, randomBytes } from 'node:crypto';
import type { ServerState } from './journal';
import { now, places, reasonOf, Session, sleep } from './session';
import { TABLE } from './traffic';

const BULK = `\`${places.schema}\`.\`database_trial_bulk\``;
const LONG_MS = 120_000;

/** Runs `work` over a connection of its own. */
export async function over<T>(host: string, work: (session: Session) => Promise<T>, user?: 'monitoring'): Promise<T> {
  const session = await Session.open(host, user);
  try {
    return await work(session);
  } finally {
    session.close();
  }
}

/** The same for work between trials: retried for half a minute. */
async function patiently(work: (session: Session) => Promise<unknown>, host = places.primary): Promise<void> {
  for (const end = now() + 30_000; ; await sleep(500)) {
    try {
      await over(host, work);
      return;
    } catch (error) {
      if (now() > end) throw error;
    }
  }
}

/** Recreates the table of a trial on every server. */
export async function prepare(): Promise<void> {
  await patiently(async (session) => {
    await session.query(`DROP TABLE IF EXISTS ${TABLE}`, [], LONG_MS);
    await session.query(`CREATE TABLE ${TABLE} (id BIGINT PRIMARY KEY, sent DOUBLE NOT NULL, KEY (sent))`, [], LONG_MS);
  });
  for (const server of Object.values(places.servers)) {
    await patiently(async (session) => {
      const [row] = await session.query<{ held: number }>(`SELECT COUNT(*) AS held FROM ${TABLE}`);
      if (row?.held !== 0) throw new Error(`${server} has the rows of before`);
    }, server);
  }
}

/** Deletes the tables. */
export const clear = (): Promise<void> =>
  patiently((session) => session.query(`DROP TABLE IF EXISTS ${TABLE}, ${BULK}`, [], LONG_MS));

const STATE = `SELECT @@global.read_only = 0 AS writable,
  (SELECT VARIABLE_VALUE + 0 FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Uptime') AS uptime,
  (SELECT COUNT(*) FROM performance_schema.replication_group_members WHERE MEMBER_STATE = 'ONLINE') AS online,
  (SELECT GROUP_CONCAT(SERVICE_STATE) FROM performance_schema.replication_connection_status
    WHERE CHANNEL_NAME NOT LIKE 'group%') AS receiver`;

/** Every server's own answer about itself. */
export const states = (): Promise<ServerState[]> =>
  Promise.all(
    Object.entries(places.servers).map(async ([server, host]) => {
      try {
        const [row] = await over(host, (session) => session.query<Record<string, unknown>>(STATE), 'monitoring');
        return { server, ...row, writable: row?.writable === 1 } as ServerState;
      } catch (error) {
        return { server, error: reasonOf(error) };
      }
    }),
  );

/** Ids of acknowledged rows that a server does not hold. */
export const missing = (server: string, acknowledged: readonly number[]): Promise<number[]> =>
  over(places.servers[server] ?? server, async (session) => {
    const rows = await session.query<{ id: number }>(`SELECT id FROM ${TABLE}`, [], LONG_MS);
    const held = new Set(rows.map(({ id }) => id));
    return acknowledged.filter((id) => !held.has(id));
  });

/** Checksum of the bulk table of a server. */
export const bulkChecksum = (server: string): Promise<string> =>
  over(places.servers[server] ?? server, async (session) => {
    const rows = await session.query(
      `SELECT COUNT(*) AS n, SUM(LENGTH(data)) AS bytes, BIT_XOR(CRC32(data)) AS crc FROM ${BULK}`,
      [],
      LONG_MS,
    );
    return createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 12) + JSON.stringify(rows[0]);
  });

/** Rows of a mebibyte each, which nothing compresses. */
export async function fill(mebibytes: number): Promise<void> {
  await over(places.primary, (session) =>
    session.query(
      `CREATE TABLE IF NOT EXISTS ${BULK} (id INT AUTO_INCREMENT PRIMARY KEY, data LONGBLOB NOT NULL)`,
      [],
      LONG_MS,
    ),
  );
  let left = mebibytes;
  // over one connection: a new one for each row is not always made within its second while the volumes are this busy
  const worker = () =>
    over(places.primary, async (session) => {
      while (left-- > 0) await session.query(`INSERT INTO ${BULK} (data) VALUES (?)`, [randomBytes(2 ** 20)], LONG_MS);
    });
  await Promise.all([worker(), worker()]);
}

/** Result of many concurrent connections. */
export interface Crowd {
  readonly opened: number;
  readonly queries: number;
  /** Errors and how often. */
  readonly failed: Record<string, number>;
}

/** Opens `count` connections through the Service of the primary, then lets all of them sort and write for `seconds`. */
export async function crowd(count: number, seconds: number): Promise<Crowd> {
  const failed: Record<string, number> = {};
  const fails = (error: unknown): void => {
    const reason = `${reasonOf(error)}: ${(error as Error).message}`;
    failed[reason] = (failed[reason] ?? 0) + 1;
  };
  const sessions: Session[] = [];
  // ten handshakes at a time: a TLS handshake costs a millisecond of CPU on each side
  let left = count;
  const opener = async (): Promise<void> => {
    while (left-- > 0) await Session.open(places.primary).then((session) => sessions.push(session), fails);
  };
  await Promise.all(Array.from({ length: 10 }, opener));
  let queries = 0;
  const end = now() + seconds * 1000;
  await Promise.all(
    sessions.map(async (session, n) => {
      for (let i = 0; now() < end; i++) {
        const work =
          i % 4 === 0
            ? session.query(`INSERT INTO ${TABLE} (id, sent) VALUES (?, ?)`, [7e15 + n * 1e6 + i, now()], 30_000)
            : session.query(
                // sorted by the server, and not sent: the client has less memory than that
                `SELECT SUM(LENGTH(fat)) FROM (SELECT REPEAT('x', 1024) AS fat FROM ${TABLE} ORDER BY RAND() LIMIT 200) AS sorted`,
                [],
                30_000,
              );
        await work.then(() => queries++, fails);
        await sleep(20);
      }
      session.close();
    }),
  );
  return { opened: sessions.length, queries, failed };
}
