import { setTimeout as sleep } from 'node:timers/promises';
import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import type { Database } from './database';
import { DatabaseTrouble, explain } from './errors';
import type { Found, Identity, Message, MessageStore, Selection } from './messages';

/** A read is retried at the other side only within this many milliseconds after its first attempt. */
const READ_BUDGET_MS = 3500;
/** The same for more attempts of a plain read, at both sides in turn: a replica and a primary that restart after each other. */
const READ_AGAIN_MS = 1500;
const READ_PAUSE_MS = 100;
/** A lost reader is retried after this many milliseconds, so that not every read waits for its timeout. */
const READER_REST_MS = 2000;

const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS messages (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  text VARCHAR(1000) CHARACTER SET utf8mb4 NOT NULL,
  created_at DATETIME(6) NOT NULL)`;
const WHO = 'SELECT @@hostname AS host, @@global.read_only AS read_only';

/** The messages in MySQL: writes go to `writer`, reads to `reader`, and to `writer` while `reader` is lost. */
export class MysqlStore implements MessageStore {
  #readerRestsUntil = 0;

  /**
   * @param onFallback called for every read that `writer` serves in place of a lost `reader`
   * @param onLoss called with the reason whenever `reader` is found lost, at most once in 2 s for a lasting loss
   */
  constructor(
    readonly writer: Database,
    readonly reader: Database,
    readonly onFallback: () => void,
    readonly onLoss: (error: DatabaseTrouble) => void,
  ) {}

  /** Creates the table if it is missing. Checks first, because a statement without effect would still be replicated. */
  async prepare(): Promise<void> {
    try {
      await rows(this.writer, 'SELECT 1 FROM messages LIMIT 0');
    } catch (error) {
      if (!(error instanceof DatabaseTrouble) || error.trouble !== 'not-ready') throw error;
      await this.writer.run((connection) => connection.query(CREATE_TABLE));
    }
  }

  async add(text: string): Promise<Message> {
    // The time comes from this process, not from the server: one round trip is enough.
    const createdAt = new Date().toISOString();
    const sql = 'INSERT INTO messages (text, created_at) VALUES (?, ?)';
    const result = (await this.writer.run((connection) =>
      // A prepared statement: the text never becomes part of the SQL.
      connection.execute(sql, [text, createdAt.slice(0, -1).replace('T', ' ')]),
    )) as ResultSetHeader;
    return { id: result.insertId, text, createdAt };
  }

  async find(selection: Selection): Promise<Found> {
    const { writer, reader } = this;
    const started = performance.now();
    const [first, second] = selection.consistent
      ? [writer, writer]
      : started < this.#readerRestsUntil
        ? [writer, reader]
        : [reader, writer];
    for (let attempt = 1; ; attempt++) {
      const side = attempt % 2 === 1 ? first : second;
      try {
        const found = await this.#findAt(side, selection);
        if (found.from === 'writer' && !selection.consistent) this.onFallback();
        return found;
      } catch (error) {
        if (!(error instanceof DatabaseTrouble) || error.trouble === 'busy') throw error;
        const most = attempt === 1 ? READ_BUDGET_MS : READ_AGAIN_MS;
        if ((selection.consistent && attempt > 1) || performance.now() - started > most) throw error;
        if (side === reader) this.#loseReader(error);
        if (attempt > 1) await sleep(READ_PAUSE_MS);
      }
    }
  }

  async identify(): Promise<{ writer: Identity; reader: Identity }> {
    const [writer, reader] = await Promise.all([identify(this.writer), identify(this.reader)]);
    return { writer, reader };
  }

  async ping(): Promise<void> {
    await Promise.any([rows(this.writer, 'SELECT 1'), rows(this.reader, 'SELECT 1')]);
  }

  #loseReader(error: DatabaseTrouble): void {
    const now = performance.now();
    // Concurrent reads all notice the loss.
    if (now >= this.#readerRestsUntil) this.onLoss(error);
    this.#readerRestsUntil = now + READER_REST_MS;
  }

  async #findAt(side: Database, selection: Selection): Promise<Found> {
    const from = side === this.writer ? 'writer' : 'reader';
    const found = await rows(side, statementFor(selection));
    const readOnly = Number(found[0]?.read_only) !== 0;
    // A demoted primary still answers on old connections but lacks the newest writes.
    if (selection.consistent && readOnly) {
      side.renew();
      throw new DatabaseTrouble('read-only', new Error('a consistent read met a read-only server'));
    }
    return { from, messages: found.filter((row) => row.id !== null).map(toMessage) };
  }
}

/** The left join returns `read_only` even without messages: one row with a null id. */
function statementFor({ after, limit, last }: Selection): string {
  const newest = `SELECT id, text, created_at FROM messages ORDER BY id DESC LIMIT ${limit}`;
  const following = `SELECT id, text, created_at FROM messages WHERE id > ${after} ORDER BY id LIMIT ${limit}`;
  return `SELECT r.read_only, m.id, m.text, m.created_at FROM (SELECT @@global.read_only AS read_only) r
    LEFT JOIN (${last ? newest : following}) m ON TRUE ORDER BY m.id`;
}

function toMessage(row: RowDataPacket): Message {
  return {
    id: Number(row.id),
    text: String(row.text),
    createdAt: `${String(row.created_at).slice(0, 23).replace(' ', 'T')}Z`,
  };
}

async function identify(side: Database): Promise<Identity> {
  try {
    const [row] = await rows(side, WHO);
    return { host: String(row?.host), read_only: Number(row?.read_only) };
  } catch (error) {
    return { error: explain(error instanceof DatabaseTrouble ? error.trouble : 'unreachable') };
  }
}

async function rows(side: Database, sql: string): Promise<RowDataPacket[]> {
  return (await side.run((connection) => connection.query(sql))) as RowDataPacket[];
}
