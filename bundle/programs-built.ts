import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Programs } from '../charts/programs';

const FOLDER = join(import.meta.dirname, 'programs');
const text = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

/** The programs that the package was built with; stands in its place for `bundle/programs.ts`. */
export const programs: Programs = {
  get site() {
    return { 'server.mjs': text('server.mjs'), 'libraries.mjs': text('libraries.mjs'), static: filesOf('static') };
  },
};

/** Files below a folder by their path in it, in the order of the paths. */
function filesOf(folder: string): Record<string, Buffer> {
  const root = join(FOLDER, folder);
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path))]));
}
