import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Site } from '../charts/code';
import type { Programs } from '../charts/programs';
import { filesBelow } from './files';

const FOLDER = join(import.meta.dirname, 'programs');
const STATIC = join(FOLDER, 'static');
const text = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

let site: Site | undefined;

/** The programs that the package was built with; stands in its place for `bundle/programs.ts`. */
export const programs: Programs = {
  get site() {
    site ??= { 'server.mjs': text('server.mjs'), 'libraries.mjs': text('libraries.mjs'), static: statics() };
    return site;
  },
};

const statics = (): Record<string, Buffer> =>
  Object.fromEntries(filesBelow(STATIC).map((path) => [path, readFileSync(join(STATIC, path))]));
