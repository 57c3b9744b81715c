import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { ConfigError } from '../config';

/** Content of a file: text or bytes. */
export type Content = string | Uint8Array;

/** Which key of a ConfigMap holds a file, and the file's path. */
export interface Item {
  readonly key: string;
  readonly path: string;
}

/** Files as a ConfigMap takes them, and the path of each key. */
export interface KeyedFiles {
  readonly data: Record<string, string>;
  readonly binaryData: Record<string, string>;
  readonly items: readonly Item[];
  /** Differs where a key or a byte does. */
  readonly hash: string;
}

/**
 * Most bytes of a ConfigMap's JSON: `kubectl apply` repeats it in an annotation of 256 KiB.
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/#kubectl-kubernetes-io-last-applied-configuration
 */
const MOST_BYTES = 256 * 1024 - 2048;

/** Of files that several sites of a process have in common. */
const known = new WeakMap<object, KeyedFiles>();

/**
 * Files as data of a ConfigMap, whose keys have no folders and take few characters: text unchanged, anything else in base64.
 * @param name of the ConfigMap, for messages
 * @param instead what to use where they are too large, for the message
 * @throws ConfigError when they are too large for one, with the largest of them
 */
export function keyedFiles(name: string, files: Readonly<Record<string, Content>>, instead?: string): KeyedFiles {
  const keyed = known.get(files) ?? keyedAnew(name, files, instead);
  known.set(files, keyed);
  return keyed;
}

function keyedAnew(name: string, files: Readonly<Record<string, Content>>, instead?: string): KeyedFiles {
  const data: Record<string, string> = {};
  const binaryData: Record<string, string> = {};
  const items = Object.keys(files).map((path) => ({ key: keyOf(path), path }));
  for (const { key, path } of items) {
    const content = files[path] ?? '';
    if (typeof content === 'string') data[key] = content.toWellFormed();
    else if (isText(content)) data[key] = Buffer.from(content).toString();
    else binaryData[key] = Buffer.from(content).toString('base64');
  }
  const texts = items.map(({ key, path }) => ({ key, path, json: JSON.stringify(data[key] ?? binaryData[key]) }));
  refuseTooLarge(name, texts, instead);
  return { data, binaryData, items, hash: hashOf(texts) };
}

function hashOf(texts: readonly { readonly key: string; readonly json: string }[]): string {
  const sorted = [...texts].sort((one, other) => (one.key < other.key ? -1 : 1));
  const pairs = sorted.map(({ key, json }) => `["${key}",${json}]`);
  return createHash('sha256').update(`[${pairs}]`).digest('hex').slice(0, 10);
}

/** Whether YAML and JSON return the bytes unchanged; otherwise they belong in `binaryData`. */
const isText = (bytes: Uint8Array): boolean =>
  isUtf8(bytes) && !/[^\P{Cc}\n\t]|\uFEFF/u.test(Buffer.from(bytes).toString());

/**
 * A ConfigMap's key for a path: `/` becomes `.`; where that is ambiguous or a character is not allowed, a hash keeps keys distinct.
 * No key begins with two dots.
 */
function keyOf(path: string): string {
  const key = path.replace('static/', 'static.');
  if (/^(?!\.\.)[-._A-Za-z0-9]{1,253}$/.test(key)) return key;
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 10);
  const readable = key
    .replaceAll(/[^-._A-Za-z0-9]/g, '.')
    .slice(-200)
    .replace(/^\.+/, '');
  return `${readable}-${hash}`;
}

function refuseTooLarge(
  name: string,
  texts: readonly { readonly path: string; readonly json: string }[],
  instead?: string,
): void {
  const sizes = texts.map(({ path, json }) => ({ path, size: Buffer.byteLength(json) }));
  const all = sizes.reduce((sum, { size }) => sum + size, 0);
  if (all <= MOST_BYTES) return;
  const largest = [...sizes]
    .sort((one, other) => other.size - one.size)
    .slice(0, 3)
    .map(({ path, size }) => `${path} ${size}`);
  throw new ConfigError(`ConfigMap ${name}`, [
    `must have at most ${MOST_BYTES} bytes, got ${all} (largest: ${largest.join(', ')})${instead ? `; ${instead}` : ''}`,
  ]);
}
