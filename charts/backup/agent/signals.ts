import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The containers of a pod tell each other by files in the folder that they share; this one that the work is in vain. */
export const FAILED = 'failed';

/** Says something to the other container. */
export const tell = (work: string, name: string, text = ''): void => writeFileSync(join(work, name), text);

/** Waits until the other container has said something. @throws Error when it failed, or at the deadline */
export async function hear(work: string, name: string, seconds: number): Promise<string> {
  const path = join(work, name);
  const deadline = Date.now() + seconds * 1000;
  while (!existsSync(path)) {
    if (existsSync(join(work, FAILED))) throw new Error('the other container failed; see its log');
    if (Date.now() > deadline)
      throw new Error(`the other container did not get as far as "${name}" within ${seconds} s`);
    await sleep(100);
  }
  return path;
}
