import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { Decrypter, Encrypter } from 'age-encryption';

/** What went through a stream. */
export interface Tally {
  bytes: number;
  sha256: string;
}

/** Counts and hashes what passes; the tally is complete when the stream has ended. */
export function counted(data: AsyncIterable<Uint8Array>): {
  readonly data: AsyncIterable<Uint8Array>;
  readonly tally: Tally;
} {
  const tally: Tally = { bytes: 0, sha256: '' };
  async function* pass() {
    const hash = createHash('sha256');
    for await (const chunk of data) {
      tally.bytes += chunk.length;
      hash.update(chunk);
      yield chunk;
    }
    tally.sha256 = hash.digest('hex');
  }
  return { data: pass(), tally };
}

/**
 * Compresses (gzip) and encrypts (age, X25519) for a recipient, so that whoever makes backups cannot read them.
 * @see https://age-encryption.org/v1
 */
export async function* seal(data: AsyncIterable<Uint8Array>, recipient: string): AsyncGenerator<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const packed = Readable.from(data).compose(createGzip({ level: 4 })) as unknown as Readable;
  const sealed = await encrypter.encrypt(Readable.toWeb(packed) as ReadableStream<Uint8Array>);
  for await (const chunk of sealed as unknown as AsyncIterable<Uint8Array>) yield chunk;
}

/** The reverse. @throws Error when the key is another one, or when a byte was changed or is missing */
export async function* unseal(data: ReadableStream<Uint8Array>, identity: string): AsyncGenerator<Uint8Array> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  let opened: ReadableStream<Uint8Array>;
  try {
    opened = await decrypter.decrypt(data);
  } catch (error) {
    throw new Error(`cannot be opened with the key of the Secret: ${(error as Error).message}`);
  }
  const plain = Readable.fromWeb(opened as never).compose(createGunzip()) as unknown as Readable;
  for await (const chunk of plain) yield chunk as Uint8Array;
}

/** All of it as text. */
export async function textOf(data: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of data) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Text as a stream. */
export async function* ofText(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
