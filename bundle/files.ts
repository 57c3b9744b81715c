import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Every file below a folder by its path from there, in the order of the paths; links are left out. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
