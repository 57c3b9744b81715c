import { spawn } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, Readable, Transform } from 'node:stream';
import { pipeline as piped } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ClusterError, kubectl } from '../cluster/kubectl';
import { UsageError } from '../command';
import { rate } from '../restore/rate';
import { DumpReader } from './dump';
import type { Facts } from './facts';
import { CONTAINER, WORK } from './objects';

/** A dump that was read. */
export interface Dump {
  readonly facts: Facts;
  /** Of its bytes as they are, packed or not. */
  readonly sha256: string;
  readonly size: number;
}

/** Reads a stream to its end, packed by gzip or not. @param pass what else gets its bytes @throws UsageError for what is no whole dump */
export async function readDump(source: Readable, pass?: (bytes: Buffer) => Promise<void>): Promise<Dump> {
  const hash: Hash = createHash('sha256');
  const reader = new DumpReader();
  let size = 0;
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await chunks.next();
  const taken = async function* (): AsyncGenerator<Buffer> {
    for (let next = first; !next.done; next = await chunks.next()) {
      hash.update(next.value);
      size += next.value.length;
      await pass?.(next.value);
      yield next.value;
    }
  };
  const packed = !first.done && first.value[0] === 0x1f && first.value[1] === 0x8b;
  const text = packed ? pipeline(Readable.from(taken()), createGunzip(), () => undefined) : taken();
  try {
    for await (const bytes of text) reader.feed(bytes as Buffer);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('Z_')) throw error;
    throw new UsageError(`the dump is cut or damaged: gzip says "${(error as Error).message}"; nothing was imported`);
  }
  return { facts: reader.end(), sha256: hash.digest('hex'), size };
}

/** Reads a file. @throws UsageError where there is none */
export async function readDumpFile(path: string): Promise<Dump> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new UsageError(`--file: there is no file ${path}`);
  return readDump(createReadStream(path, { highWaterMark: 2 ** 20 }));
}

/** The pod that takes a dump. */
export interface Receiver {
  readonly namespace: string;
  readonly pod: string;
}

const PART = `${WORK}/part`;
const inPod = ({ namespace, pod }: Receiver, script: string, seconds = 600): Promise<string> =>
  kubectl(['exec', pod, '-c', CONTAINER, '-n', namespace, '--', 'sh', '-c', script], { seconds });

/** What `kubectl exec` appends to the part. */
function appending({ namespace, pod }: Receiver) {
  const child = spawn('kubectl', [
    'exec',
    '-i',
    pod,
    '-c',
    CONTAINER,
    '-n',
    namespace,
    '--',
    'sh',
    '-c',
    `cat >>${PART}`,
  ]);
  let said = '';
  child.stderr.on('data', (data) => {
    said += data;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(said.trim() || `exit code ${code}`))));
  });
  ended.catch(() => undefined);
  // its end is reported by `ended`
  child.stdin.on('error', () => undefined);
  return { stdin: child.stdin, ended, kill: () => child.kill() };
}

/** Sends standard input, while it is read. */
export async function sendStream(receiver: Receiver, source: Readable): Promise<Dump> {
  await inPod(receiver, `: >${PART}`);
  const { stdin, ended, kill } = appending(receiver);
  try {
    const dump = await readDump(source, (bytes) =>
      Promise.race([
        new Promise<void>((resolve) => (stdin.write(bytes) ? resolve() : stdin.once('drain', resolve))),
        ended,
      ]),
    );
    stdin.end();
    await ended;
    return dump;
  } finally {
    // one that waits for more would keep this program
    kill();
  }
}

const TRIES = 5;

/** Sends a file, from where an earlier try or an earlier run ended. @throws ClusterError after some tries without a byte more */
export async function sendFile(
  receiver: Receiver,
  path: string,
  { size }: Dump,
  log: (line: string) => void,
): Promise<void> {
  let last = '';
  let best = -1;
  for (let failed = 0; failed < TRIES; failed++) {
    const have = await received(receiver, path, size);
    if (have === size) return;
    if (have > best) failed = 0;
    best = Math.max(best, have);
    if (have > 0) log(`goes on at ${(have / 2 ** 20).toFixed(0)} MiB`);
    const { stdin, ended, kill } = appending(receiver);
    let done = have;
    const progress = rate();
    const counted = new Transform({
      transform(bytes: Buffer, _, next) {
        done += bytes.length;
        const line = progress(done, size);
        if (line) log(`sent ${line}`);
        next(null, bytes);
      },
    });
    const file = createReadStream(path, { start: have, highWaterMark: 2 ** 20 });
    const [sent, end] = await Promise.allSettled([piped(file, counted, stdin), ended]);
    // kubectl knows why; the pipe, that it broke
    last =
      [end, sent].map((one) => (one.status === 'rejected' ? (one.reason as Error).message : '')).find(Boolean) ?? '';
    kill();
  }
  throw new ClusterError(`the dump does not arrive: ${last}; run the same command again, it goes on from there`);
}

/** Bytes that the pod holds of the file; others are thrown away. */
async function received(receiver: Receiver, path: string, size: number): Promise<number> {
  const have = Number((await inPod(receiver, `stat -c %s ${PART} 2>/dev/null || echo 0`)).trim());
  if (have === 0) return 0;
  const sum = (await inPod(receiver, `sha256sum <${PART}`, 3600)).split(' ')[0];
  if (have <= size && sum === (await sumOf(path, have))) return have;
  await inPod(receiver, `: >${PART}`);
  return 0;
}

async function sumOf(path: string, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { end: bytes - 1 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** The pod may load what it has. @throws ClusterError where that is not the dump */
export async function release(receiver: Receiver, { sha256 }: Dump): Promise<void> {
  const sum = (await inPod(receiver, `sha256sum <${PART}`, 3600)).split(' ')[0];
  if (sum !== sha256) throw new ClusterError('the dump did not arrive as it was sent; run the same command again');
  await inPod(receiver, `mv ${PART} ${WORK}/dump`);
}
