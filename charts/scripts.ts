import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const known = new Map<string, Readonly<Record<string, string>>>();

/**
 * The files of a folder, by name, for a ConfigMap. Subfolders are left out. Each is read once per process.
 * @param folder path from the repository's root, like `charts/database/scripts`
 */
export function scriptFiles(folder: string): Readonly<Record<string, string>> {
  const files = known.get(folder) ?? read(join(import.meta.dirname, '..', folder));
  known.set(folder, files);
  return files;
}

const read = (path: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort()
      .map((name) => [name, readFileSync(join(path, name), 'utf8')]),
  );

const quoted = (value: string | number): string => `'${String(value).replaceAll("'", "'\\''")}'`;

/** Tells shellcheck that other scripts use the variables. */
const HEAD = '# shellcheck shell=bash disable=SC2034 # for the scripts beside it\n';

/**
 * A settings.sh, which a script sources: a line `NAME='value'` each, or `NAME=('one' 'two')`, which takes bash.
 * @throws Error for a name that is no shell variable
 */
export const settingsSh = (settings: Record<string, string | number | readonly string[]>): string =>
  HEAD + Object.entries(settings).map(assignment).join('');

function assignment([name, value]: [string, string | number | readonly string[]]): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new Error(`"${name}": must be a name of the shell: letters, digits and "_"`);
  const list = typeof value === 'object';
  return `${name}=${list ? `(${value.map(quoted).join(' ')})` : quoted(value)}\n`;
}
