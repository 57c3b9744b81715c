import { readFileSync } from 'node:fs';
import mysql, { type Pool, type PoolConnection, type QueryResult, type RowDataPacket } from 'mysql2/promise';
import { DatabaseTrouble, toTrouble } from './errors';

/** How to reach one side of the database. */
export interface DatabaseOptions {
  /** DNS name; the server's certificate must hold it. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
  /** Schema. */
  readonly database: string;
  /** MySQL account. */
  readonly user: string;
  /** File with the password. */
  readonly passwordFile: string;
  /** PEM file with the trusted CAs. */
  readonly caFile: string;
  /** Most connections, 2 or more. */
  readonly connections: number;
  /**
   * The intended server: a connection for a replica that reached the primary, because there was no replica, is soon
   * closed.
   */
  readonly role: 'primary' | 'replica';
}

/** Current connections of one side. */
export interface DatabaseUse {
  /** Executing a statement. */
  readonly inUse: number;
  /** Open and waiting for work. */
  readonly idle: number;
  /** Maximum of open connections. */
  readonly limit: number;
}

/** Runs work on a connection; returns rows or the result of a write in the driver's form. */
export type Statement = (connection: PoolConnection) => Promise<[QueryResult, unknown]>;

/** Milliseconds to open a connection, TLS and login included. */
export const CONNECT_TIMEOUT_MS = 2000;
/** Milliseconds a request waits for a new or freed connection. */
export const ACQUIRE_TIMEOUT_MS = 2500;
/** Milliseconds a statement may take. */
export const STATEMENT_TIMEOUT_MS = 3000;
// A busy connection never gets idle: without a maximum age it would stay at its server after another has recovered.
const LIFETIME_MS = 120_000;
/** The same for reads at the primary: a recovered replica should take them over. */
const STOPGAP_MS = 10_000;
const IDLE_MS = 30_000;

// Server-side limits as well, so that a statement given up here does not continue there.
const SESSION = `SET SESSION time_zone = '+00:00', max_execution_time = ${STATEMENT_TIMEOUT_MS},
  lock_wait_timeout = ${STATEMENT_TIMEOUT_MS / 1000}, innodb_lock_wait_timeout = ${STATEMENT_TIMEOUT_MS / 1000}`;

/** One side of the database, writer or reader: a bounded pool of verified TLS connections that never retries by itself. */
export class Database {
  readonly #options: DatabaseOptions;
  #pool: Pool;
  #secrets: Secrets;
  #inUse = 0;
  /** When a prepared connection must be closed, in milliseconds of `performance.now()`, by the driver's connection. */
  readonly #endOfLife = new WeakMap<object, number>();

  /** Opens nothing yet; the first statement does. Reads both files, so it throws when one is missing. */
  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#secrets = readSecrets(options);
    this.#pool = openPool(options, this.#secrets);
  }

  /**
   * Executes one statement on one connection.
   *
   * @throws DatabaseTrouble when the database cannot answer now; `unknown` means that it may have been executed
   */
  async run(statement: Statement): Promise<QueryResult> {
    const connection = await this.#acquire();
    this.#inUse += 1;
    let healthy = false;
    try {
      // Not the driver's timeout, which does not cover preparing a statement.
      const [result] = await within(STATEMENT_TIMEOUT_MS, statement(connection), 'no answer');
      healthy = true;
      return result;
    } catch (error) {
      const classed = toTrouble(error, true);
      const trouble = classed instanceof DatabaseTrouble ? classed.trouble : undefined;
      // Other connections reach the same demoted server, whatever the Service says now.
      if (trouble === 'read-only') this.renew();
      healthy = trouble === undefined || trouble === 'busy' || trouble === 'not-ready';
      throw classed;
    } finally {
      this.#inUse -= 1;
      if (healthy) connection.release();
      else connection.destroy();
    }
  }

  /** Closes all connections after their statement; the next statement opens a new one. */
  renew(): void {
    const old = this.#pool;
    this.#secrets = readSecrets(this.#options);
    this.#pool = openPool(this.#options, this.#secrets);
    old.end().catch(() => {});
  }

  /** Current use of the pool. */
  get use(): DatabaseUse {
    // The driver has no public property for this number.
    const { _freeConnections: free } = this.#pool.pool as unknown as { _freeConnections: { length: number } };
    return { inUse: this.#inUse, idle: free.length, limit: this.#options.connections };
  }

  /** Closes all connections after their statement. Never throws. */
  async close(): Promise<void> {
    await this.#pool.end().catch(() => {});
  }

  async #acquire(): Promise<PoolConnection> {
    const opening = this.#open();
    try {
      return await within(ACQUIRE_TIMEOUT_MS, opening, 'no connection');
    } catch (error) {
      // A late connection returns to the pool.
      opening.then((connection) => connection.release()).catch(() => {});
      if (this.#inUse >= this.#options.connections) throw new DatabaseTrouble('busy', error);
      if (!this.#secretsChanged()) throw toTrouble(error, false);
      // A rotated password or CA shows as a refused connection, before anything was sent.
      this.renew();
      return await this.#acquire();
    }
  }

  async #open(): Promise<PoolConnection> {
    const connection = await this.#pool.getConnection();
    const endOfLife = this.#endOfLife.get(connection.connection);
    if (endOfLife !== undefined) {
      if (performance.now() < endOfLife) return connection;
      connection.destroy();
      return await this.#open();
    }
    try {
      await within(CONNECT_TIMEOUT_MS, connection.query(SESSION), 'no answer');
      const life = (await this.#isStopgap(connection)) ? STOPGAP_MS : LIFETIME_MS;
      this.#endOfLife.set(connection.connection, performance.now() + life * (0.75 + Math.random() / 4));
    } catch (error) {
      connection.destroy();
      throw error;
    }
    return connection;
  }

  async #isStopgap(connection: PoolConnection): Promise<boolean> {
    if (this.#options.role === 'primary') return false;
    const asked = connection.query<RowDataPacket[]>('SELECT @@global.read_only AS read_only');
    const [[server]] = await within(CONNECT_TIMEOUT_MS, asked, 'no answer');
    return server?.read_only === 0;
  }

  #secretsChanged(): boolean {
    try {
      const now = readSecrets(this.#options);
      return now.password !== this.#secrets.password || now.ca !== this.#secrets.ca;
    } catch {
      return false;
    }
  }
}

interface Secrets {
  readonly password: string;
  readonly ca: string;
}

function readSecrets({ passwordFile, caFile }: DatabaseOptions): Secrets {
  return { password: readFileSync(passwordFile, 'utf8').replace(/\r?\n$/, ''), ca: readFileSync(caFile, 'utf8') };
}

function openPool(options: DatabaseOptions, { password, ca }: Secrets): Pool {
  const { host, port, database, user, connections } = options;
  return mysql.createPool({
    host,
    port,
    database,
    user,
    password,
    ssl: { ca, rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' },
    connectTimeout: CONNECT_TIMEOUT_MS,
    connectionLimit: connections,
    queueLimit: connections * 20,
    // The driver closes idle connections only when fewer may idle than may be open.
    maxIdle: connections - 1,
    idleTimeout: IDLE_MS,
    enableKeepAlive: true,
    keepAliveInitialDelay: 10_000,
    // Strings as stored, without conversion to a local time zone.
    dateStrings: true,
    disableEval: true,
  });
}

/** Waits at most so many milliseconds; a later result is ignored. */
async function within<T>(milliseconds: number, work: Promise<T>, otherwise: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${otherwise} within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
