/** An object of the store. */
export interface Stored {
  /** Name, with `/` between its parts. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** When it was written, in milliseconds. */
  readonly written: number;
}

/** Where backups lie. An object appears complete or not at all. */
export interface Store {
  /** Every object whose key begins with `prefix`, in the order of the keys. */
  list(prefix: string): Promise<Stored[]>;
  /** Writes or replaces an object. @returns its bytes */
  put(key: string, data: AsyncIterable<Uint8Array>): Promise<number>;
  /** The content of an object. @throws Error when there is none */
  get(key: string): Promise<ReadableStream<Uint8Array>>;
  /** Removes objects; one that is not there is no fault. */
  remove(keys: readonly string[]): Promise<void>;
  /** Removes what writers left that died before `before` (milliseconds). */
  tidy(before: number): Promise<void>;
}

/** Keys in the order of their bytes, which is that of their times and numbers. */
export const byKey = (a: Stored, b: Stored): number => (a.key < b.key ? -1 : 1);
