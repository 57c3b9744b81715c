import { type Dirent, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What lies below a folder and is no folder, with its path from there, in the order of the paths. Links are not followed. */
export const entriesBelow = (folder: string): { readonly path: string; readonly entry: Dirent }[] =>
  walk(folder)
    .map((entry) => ({ entry, path: relative(folder, join(entry.parentPath, entry.name)) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));

// `recursive` follows links from Node 22 on: https://github.com/nodejs/node/pull/55714
const walk = (folder: string): Dirent[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? walk(join(folder, entry.name)) : [entry],
  );

/** Every file below a folder by its path from there, in the order of the paths; links are left out. */
export const filesBelow = (folder: string): string[] =>
  entriesBelow(folder)
    .filter(({ entry }) => entry.isFile())
    .map(({ path }) => path);
