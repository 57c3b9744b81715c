import { createHash, randomBytes } from 'node:crypto';
import type { AppTrial } from './trial';

/** A file of random bytes, as visitors upload it. */
export interface Upload {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** Bytes of an upload that no program takes for anything else, behind a head that tells its kind. */
export const upload = (name: string, mimeType: string, head: Buffer, bytes = 20_000_000): Upload => ({
  name,
  mimeType,
  buffer: Buffer.concat([head, randomBytes(bytes - head.length)]),
});

/** SHA-256 of some bytes, in hex. */
export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** SHA-256 of a file as each pod of the tiers sees it, by the pod's name. */
export async function hashesOf(
  trial: AppTrial,
  paths: Readonly<Partial<Record<'app' | 'web' | 'worker', string>>>,
): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const [tier, path] of Object.entries(paths)) {
    for (const pod of await trial.pods(tier as 'app')) {
      all[pod.metadata.name] = (await trial.inPod(pod, `sha256sum '${path}'`)).split(' ')[0] ?? '';
    }
  }
  return all;
}
