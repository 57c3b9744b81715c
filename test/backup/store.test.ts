import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { fileStore } from '../../charts/backup/agent/file-store';
import { counted, ofText, seal, textOf, unseal } from '../../charts/backup/agent/seal';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'backup-'));
});
afterEach(() => rm(root, { recursive: true }));

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half of');
  throw new Error('the dump broke off');
}

const keys = async () => {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
};

/** Text that does not compress to nothing: more than one chunk of age's 64 KiB. */
const LONG = Array.from({ length: 60_000 }, (_, i) => `row ${(i * 7919) % 60_013}\n`).join('');

describe('a store', () => {
  test('gives back what was put, and lists it in order', async () => {
    const store = fileStore(root);
    await store.put('b/2', ofText('two'));
    expect(await store.put('a/1', ofText('one!'))).toBe(4);
    expect((await store.list('')).map(({ key, size }) => [key, size])).toEqual([
      ['a/1', 4],
      ['b/2', 3],
    ]);
    expect((await store.list('b/')).map(({ key }) => key)).toEqual(['b/2']);
    expect(await textOf((await store.get('b/2')) as unknown as AsyncIterable<Uint8Array>)).toBe('two');
  });

  test('fails to write what breaks off, and nothing of it appears', async () => {
    const store = fileStore(root);
    await expect(store.put('a/1', broken())).rejects.toThrow('the dump broke off');
    expect(await store.list('')).toEqual([]);
    expect(await readdir(join(root, 'a'))).toEqual([]);
  });

  test('takes no part of a writer that died for an object, and removes it when it is old', async () => {
    const store = fileStore(root);
    await writeFile(join(root, 'x.1.2.part'), 'half');
    expect(await store.list('')).toEqual([]);
    await store.tidy(Date.now() - 60_000);
    expect(await readdir(root)).toHaveLength(1);
    await utimes(join(root, 'x.1.2.part'), 0, 0);
    await store.tidy(Date.now() - 60_000);
    expect(await readdir(root)).toEqual([]);
  });

  test('fails to get what is not there', async () => {
    await expect(fileStore(root).get('a')).rejects.toThrow('ENOENT');
  });
});

describe('a sealed object', () => {
  const sealed = async (text: string, recipient: string): Promise<Buffer> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of seal(ofText(text), recipient)) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  const opened = (bytes: Buffer, identity: string) =>
    textOf(unseal(new Blob([new Uint8Array(bytes)]).stream() as ReadableStream<Uint8Array>, identity));

  test('is smaller, unreadable, and opens with its key alone', async () => {
    const [mine, other] = [await keys(), await keys()];
    const bytes = await sealed(LONG, mine.recipient);
    expect(bytes.length).toBeLessThan(LONG.length / 2);
    expect(bytes.subarray(0, 21).toString()).toBe('age-encryption.org/v1');
    expect(await opened(bytes, mine.identity)).toBe(LONG);
    await expect(opened(bytes, other.identity)).rejects.toThrow('cannot be opened with the key of the Secret');
  });

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 100)],
    ['cut at the end of a chunk', (bytes: Buffer) => bytes.subarray(0, 200 + 65_552)],
    [
      'changed in one byte',
      (bytes: Buffer) => {
        const changed = Buffer.from(bytes);
        changed[bytes.length - 50] = (changed[bytes.length - 50] ?? 0) ^ 1;
        return changed;
      },
    ],
  ])('fails to open when it was %s', async (_, spoil) => {
    const { identity, recipient } = await keys();
    await expect(opened(spoil(await sealed(LONG, recipient)), identity)).rejects.toThrow();
  });

  test('is counted and hashed as it passes', async () => {
    const { data, tally } = counted(ofText('abc'));
    expect(await textOf(data)).toBe('abc');
    expect(tally).toEqual({
      bytes: 3,
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    });
  });
});
