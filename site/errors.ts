/**
 * Why the database did not execute a statement:
 * `unreachable` no connection, or lost before anything was sent; `read-only` it refuses writes (it is not the primary);
 * `busy` no free connection, or gave way to another transaction; `not-ready` schema or table is missing, or the account
 * is refused; `unknown` sent but not answered: it may have been executed.
 */
export type Trouble = 'unreachable' | 'read-only' | 'busy' | 'not-ready' | 'unknown';

/** The database cannot answer now; a retry can help. Any other error of MySQL is a bug of this code. */
export class DatabaseTrouble extends Error {
  override readonly name = 'DatabaseTrouble';
  /**
   * @param trouble what went wrong
   * @param cause the driver's error, for the log only: it may hold host names and SQL
   */
  constructor(
    readonly trouble: Trouble,
    override readonly cause: unknown,
  ) {
    super(`database: ${trouble}`);
  }
}

/** A response other than success, with a message for the client. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  /**
   * @param status HTTP status, 400 to 599
   * @param message one sentence for the client, without internals
   * @param headers further headers of the answer, such as `Allow`
   */
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

const SENTENCES: Readonly<Record<Trouble, string>> = {
  unreachable: 'the database cannot be reached, try again in a moment',
  'read-only': 'the database takes no writes at the moment, try again in a moment',
  busy: 'the database is busy, try again in a moment',
  'not-ready': 'the database is not ready yet, try again in a moment',
  unknown: 'the database did not confirm in time: read the messages before you try again, it may have been stored',
};

/** Message for clients about a trouble of the database: one sentence without host names or SQL. */
export function explain(trouble: Trouble): string {
  return SENTENCES[trouble];
}

/**
 * The response for a thrown error: an HttpError itself, 503 with `Retry-After: 1` for the database, otherwise a silent
 * 500.
 */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof DatabaseTrouble) return new HttpError(503, explain(error.trouble), { 'Retry-After': '1' });
  return new HttpError(500, 'the server made a mistake');
}

// Numbers, because the bundle leaves the driver's table of names out (bundle.ts).
// https://dev.mysql.com/doc/mysql-errors/9.7/en/server-error-reference.html
const TROUBLE_OF_NUMBER: ReadonlyMap<number, Trouble> = new Map([
  [1040, 'busy'], // ER_CON_COUNT_ERROR
  [1203, 'busy'], // ER_TOO_MANY_USER_CONNECTIONS
  [1205, 'busy'], // ER_LOCK_WAIT_TIMEOUT
  [1213, 'busy'], // ER_LOCK_DEADLOCK
  [1226, 'busy'], // ER_USER_LIMIT_REACHED
  [3024, 'busy'], // ER_QUERY_TIMEOUT
  [1044, 'not-ready'], // ER_DBACCESS_DENIED_ERROR
  [1045, 'not-ready'], // ER_ACCESS_DENIED_ERROR
  [1049, 'not-ready'], // ER_BAD_DB_ERROR
  [1142, 'not-ready'], // ER_TABLEACCESS_DENIED_ERROR
  [1146, 'not-ready'], // ER_NO_SUCH_TABLE
  [1130, 'not-ready'], // ER_HOST_NOT_PRIVILEGED
  [3118, 'not-ready'], // ER_ACCOUNT_HAS_BEEN_LOCKED
  [3159, 'not-ready'], // ER_SECURE_TRANSPORT_REQUIRED
  [3168, 'not-ready'], // ER_SERVER_ISNT_AVAILABLE
  [1290, 'read-only'], // ER_OPTION_PREVENTS_STATEMENT: read_only, super_read_only
  [1792, 'read-only'], // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
  [1836, 'read-only'], // ER_READ_ONLY_MODE
  [3100, 'read-only'], // ER_RUN_HOOK_ERROR: the group refused the commit, it is rolled back
  [3101, 'read-only'], // ER_TRANSACTION_ROLLBACK_DURING_COMMIT
  [1053, 'unknown'], // ER_SERVER_SHUTDOWN
  [1152, 'unknown'], // ER_ABORTING_CONNECTION
  [1927, 'unknown'], // ER_CONNECTION_KILLED
  [1317, 'unreachable'], // ER_QUERY_INTERRUPTED: killed, for example because the server stops; it had no effect
  [4031, 'unreachable'], // ER_CLIENT_INTERACTION_TIMEOUT: closed while idle
]);

/**
 * Classifies an error of the driver, or returns it unchanged if a retry cannot help.
 *
 * @param error what the driver threw
 * @param sent true when the statement may have left this process
 */
export function toTrouble(error: unknown, sent: boolean): unknown {
  if (error instanceof DatabaseTrouble || !(error instanceof Error) || error instanceof TypeError) return error;
  const { errno } = error as { errno?: unknown };
  // System errors of the socket carry a negative number, answers of the server a positive one.
  if (typeof errno === 'number' && errno > 0) {
    const trouble = TROUBLE_OF_NUMBER.get(errno);
    return trouble ? new DatabaseTrouble(sent || trouble !== 'unknown' ? trouble : 'unreachable', error) : error;
  }
  return new DatabaseTrouble(sent ? 'unknown' : 'unreachable', error);
}
