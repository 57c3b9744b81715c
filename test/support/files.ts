import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../../bundle/files';

/** Every file below a folder by its path from there. */
export const textsBelow = (folder: string): Record<string, string> =>
  Object.fromEntries(filesBelow(folder).map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
