import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../command';
import { environment, objectsOf } from '../environment';
import { documentsOf, type Source } from './documents';

/** Draws the whiteboard of an environment into a folder. @throws UsageError naming the policy that cannot be judged */
export function draw(name: string | undefined, folder: string): void {
  const chosen = environment(name);
  const documents = judged({ ...chosen, manifests: objectsOf(chosen) }, folder);
  for (const [path, text] of Object.entries(documents)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    console.log(path);
  }
}

/** A policy that cannot be judged cannot be drawn: it is wrong input, and the message names it. */
function judged(source: Source, folder: string): Record<string, string> {
  try {
    return documentsOf(source, folder);
  } catch (error) {
    throw new UsageError(`dist/${source.name}: ${(error as Error).message}`);
  }
}
