import { HttpError } from './errors';

/** A stored message, as clients see it. */
export interface Message {
  /** Ascending, with gaps; a whole number below 2^53. */
  readonly id: number;
  /** 1 to 1000 characters, plain text: never trusted as HTML. */
  readonly text: string;
  /** ISO 8601 in UTC with milliseconds. */
  readonly createdAt: string;
}

/** Query for messages: either everything after an id, or the newest. */
export interface Selection {
  /** Only messages with a higher id, 0 or more. Ignored if `last` is set. */
  readonly after: number;
  /** At most this many, 1 to 1000. */
  readonly limit: number;
  /** The newest `limit` messages instead of those after an id. */
  readonly last: boolean;
  /** Read at the primary, so that clients see their own writes. */
  readonly consistent: boolean;
}

/** Messages and the side of the database that returned them. */
export interface Found {
  /** Ascending by id. */
  readonly messages: readonly Message[];
  /** `writer` for a plain read means that the reader was lost. */
  readonly from: 'writer' | 'reader';
}

/** One database server: its identity, or why none answered. */
export type Identity = { readonly host: string; readonly read_only: number } | { readonly error: string };

/** The site's interface to a database; tests have another implementation. Every method throws DatabaseTrouble. */
export interface MessageStore {
  /** Stores a text; resolves only after the commit. */
  add(text: string): Promise<Message>;
  /** Finds messages, ascending by id. */
  find(selection: Selection): Promise<Found>;
  /** Reads the identity of both sides. Never throws. */
  identify(): Promise<{ readonly writer: Identity; readonly reader: Identity }>;
  /** Resolves when either side answers. */
  ping(): Promise<void>;
}

/** Most characters (Unicode code points) of a message: the width of the table's column. */
export const TEXT_LIMIT = 1000;
/** Most messages in one response. */
const PAGE_LIMIT = 1000;
const PAGE_DEFAULT = 100;

/**
 * Reads the query of `GET /messages`: `after`, `limit`, `consistent`, and `last=N` for the newest N.
 * Unknown names are ignored.
 *
 * @throws HttpError 400 naming every fault
 */
export function readSelection(query: URLSearchParams): Selection {
  const faults: string[] = [];
  const integer = (name: string, fallback: number, least: number, most: number): number => {
    const given = query.getAll(name);
    if (given.length === 0) return fallback;
    const number = given.length === 1 && /^\d{1,16}$/.test(given[0] ?? '') ? Number(given[0]) : Number.NaN;
    if (number >= least && number <= most) return number;
    faults.push(`${name}: must be a whole number from ${least} to ${most}, got ${quote(given.join(', '))}`);
    return fallback;
  };
  const last = query.has('last');
  const selection = {
    after: integer('after', 0, 0, Number.MAX_SAFE_INTEGER),
    limit: last ? integer('last', PAGE_DEFAULT, 1, PAGE_LIMIT) : integer('limit', PAGE_DEFAULT, 1, PAGE_LIMIT),
    last,
    consistent: integer('consistent', 0, 0, 1) === 1,
  };
  if (last && (query.has('after') || query.has('limit'))) {
    faults.push('last: must stand without after and limit');
  }
  if (faults.length > 0) throw new HttpError(400, faults.join('; '));
  return selection;
}

/**
 * Reads the body of `POST /messages`, `{"text": "…"}`, and trims the text. Other keys are ignored.
 *
 * @throws HttpError 400 with what is wrong
 */
export function readText(body: unknown): string {
  const given = typeof body === 'object' && body !== null ? (body as { text?: unknown }).text : undefined;
  if (typeof given !== 'string') throw new HttpError(400, 'body: must be a JSON object with a string "text"');
  const text = given.trim();
  const length = [...text].length;
  if (length < 1 || length > TEXT_LIMIT) {
    throw new HttpError(400, `text: must have 1 to ${TEXT_LIMIT} characters after trimming, got ${length}`);
  }
  // Half a surrogate pair cannot be stored as UTF-8.
  if (/[^\P{Cc}\n\t]|\p{Cs}/u.test(text)) {
    throw new HttpError(400, 'text: must not hold control characters other than newline and tab');
  }
  return text;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
