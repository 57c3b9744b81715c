import { lookup, Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { connect, isIP, type Socket } from 'node:net';
import mysql, { type RowDataPacket } from 'mysql2';
import type { Connection } from 'mysql2/promise';
import type { Moment, Places } from './journal';

/** Where the databases are. */
export const places = JSON.parse(process.env.PLACES ?? '{}') as Places;
const CONNECT_TIMEOUT_MS = 1000;

/** The client's clock. */
export const now = (): Moment => performance.timeOrigin + performance.now();
/** Waits. @param ms milliseconds */
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const resolver = new Resolver({ timeout: 300, tries: 3 });
const known = new Map<string, string>();

/** Address of a Service, looked up as an app does: inside an app pod it is that of the router beside it. */
const addressOfService = async (host: string): Promise<string> => (await lookup(host, { family: 4 })).address;

/** Address of a pod: a new one after each start, so it is asked anew, the last answer being good enough where there is none. */
async function addressOfPod(host: string): Promise<string> {
  const last = known.get(host);
  const [address] = await resolver.resolve4(host).catch(() => (last ? [last] : []));
  if (!address || !isIP(address)) throw Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' });
  known.set(host, address);
  return address;
}

/** One connection, to the server that it met. */
export class Session {
  private ended = false;

  private constructor(
    private readonly connection: Connection,
    /** Pod at the other end. */
    readonly server: string,
  ) {}

  /** Connects over verified TLS, within a second. */
  static async open(host: string, user: 'app' | 'monitoring' = 'app'): Promise<Session> {
    let socket: Socket | undefined;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        socket?.destroy();
        reject(Object.assign(new Error('no connection'), { code: 'CONNECT_TIMEOUT' }));
      }, CONNECT_TIMEOUT_MS);
    });
    const opening = (async () => {
      const isService = host === places.primary || host === places.replica;
      const address = await (isService ? addressOfService : addressOfPod)(host);
      socket = connect({ host: address, port: places.port, noDelay: true });
      socket.on('error', () => undefined);
      const raw = mysql.createConnection({
        host,
        stream: socket,
        user,
        password: readFileSync(places.passwordFiles[user], 'utf8'),
        ssl: { ca: readFileSync(places.caFile, 'utf8'), rejectUnauthorized: true, verifyIdentity: true },
        connectTimeout: CONNECT_TIMEOUT_MS,
        disableEval: true,
      });
      // a connection that breaks while it is made says so more than once
      raw.on('error', () => undefined);
      await new Promise<void>((done, fail) => raw.connect((error) => (error ? fail(error) : done())));
      const connection = raw.promise();
      const [rows] = await connection.query<RowDataPacket[]>('SELECT @@hostname AS server');
      const session = new Session(connection, String(rows[0]?.server));
      for (const event of ['end', 'error']) raw.on(event, () => session.end());
      return session;
    })();
    try {
      return await Promise.race([opening, late]);
    } catch (error) {
      // one that comes too late is not left open
      opening.then((session) => session.close()).catch(() => undefined);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** False once the other side has ended it. A pool of connections asks the same before it lends one. */
  get open(): boolean {
    return !this.ended;
  }

  private end(): void {
    this.ended = true;
  }

  /** Rows of a statement; no answer within `ms` ends the connection. */
  async query<T = Record<string, unknown>>(sql: string, values: unknown[] = [], ms = 2500): Promise<T[]> {
    const [rows] = await this.connection.query<RowDataPacket[]>({ sql, values, timeout: ms });
    return rows as T[];
  }

  close(): void {
    this.connection.destroy();
  }
}

/** What went wrong, in one word. */
export const reasonOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
};

/** A server that refuses to write because it is no primary, and not because it is broken. */
export const isReadOnly = (error: unknown): boolean =>
  [1290, 1836, 3100].includes((error as { errno?: number }).errno ?? 0);
