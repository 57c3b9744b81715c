import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of package.json: one up, in the checkout and in the package. */
export const packageRoot = join(import.meta.dirname, '..');

/** This version, as package.json says. */
export const version = (): string => JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')).version;
