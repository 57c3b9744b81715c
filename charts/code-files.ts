import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { ConfigError } from '../config';

/** Content of a file of the code volume: text or bytes. */
export type Content = string | Buffer;

/** A file of the code volume and its path. */
export interface CodeFile {
  readonly path: string;
  readonly content: Content;
}

/** Files as a ConfigMap's data, and the path of each key. */
export interface KeyedFiles {
  readonly data: Record<string, string>;
  readonly binaryData: Record<string, string>;
  readonly items: readonly { readonly key: string; readonly path: string }[];
}

/**
 * Most bytes of a ConfigMap's JSON: `kubectl apply` repeats it in an annotation of 256 KiB.
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/#kubectl-kubernetes-io-last-applied-configuration
 */
const MOST_BYTES = 256 * 1024 - 2048;

/**
 * Files of a folder as data of a ConfigMap: text unchanged, anything else in base64.
 * @param name of the ConfigMap, for messages
 * @throws ConfigError when they are too large for one, with the largest of them
 */
export function keyedFiles(name: string, files: readonly CodeFile[]): KeyedFiles {
  const data: Record<string, string> = {};
  const binaryData: Record<string, string> = {};
  for (const { path, content } of files) {
    if (typeof content !== 'string' && !isText(content)) binaryData[keyOf(path)] = content.toString('base64');
    else data[keyOf(path)] = content.toString();
  }
  const sizes = files.map(({ path }) => {
    const key = keyOf(path);
    return { path, size: Buffer.byteLength(JSON.stringify(data[key] ?? binaryData[key])) };
  });
  refuseTooLarge(name, sizes);
  return { data, binaryData, items: files.map(({ path }) => ({ key: keyOf(path), path })) };
}

/** Whether YAML and JSON return the bytes unchanged; otherwise they belong in `binaryData`. */
export const isText = (bytes: Buffer): boolean =>
  isUtf8(bytes) && !/[^\P{Cc}\n\t]|\uFEFF/u.test(bytes.toString('utf8'));

/**
 * A ConfigMap's key for a path: `/` becomes `.`; where that is ambiguous or a character is not allowed, a hash keeps
 * keys distinct.
 */
function keyOf(path: string): string {
  const key = path.replace('static/', 'static.');
  if (/^[-._A-Za-z0-9]{1,253}$/.test(key)) return key;
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 10);
  return `${key.replaceAll(/[^-._A-Za-z0-9]/g, '.').slice(0, 200)}-${hash}`;
}

function refuseTooLarge(name: string, sizes: readonly { readonly path: string; readonly size: number }[]): void {
  const all = sizes.reduce((sum, { size }) => sum + size, 0);
  if (all <= MOST_BYTES) return;
  const largest = [...sizes]
    .sort((one, other) => other.size - one.size)
    .slice(0, 3)
    .map(({ path, size }) => `${path} ${size}`);
  throw new ConfigError(`ConfigMap ${name}`, [
    `must have at most ${MOST_BYTES} bytes, got ${all} (largest: ${largest.join(', ')}); large files fit into an image or a claim: app.code.source`,
  ]);
}
