import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The files of a folder, by name, for a ConfigMap. Subfolders are left out.
 * @param folder path from the repository's root, like `charts/database/scripts`
 */
export const scriptFiles = (folder: string): Record<string, string> => {
  const path = join(import.meta.dirname, '..', folder);
  return Object.fromEntries(
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort()
      .map((name) => [name, readFileSync(join(path, name), 'utf8')]),
  );
};

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
