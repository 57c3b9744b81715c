import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ConfigError } from '.';

/** Extension of an environment's file. */
const EXTENSION = '.yaml';

/**
 * Names of the environments of a project: the files of config/ without `.yaml`, in their order. Hidden files are none: editors
 * lock a file with one beside it.
 * @throws ConfigError when there is no folder, or for a name that no construct can have
 */
export function environmentNames(root: string): string[] {
  const folder = join(root, 'config');
  let names: string[];
  try {
    names = readdirSync(folder)
      .filter((file) => file.endsWith(EXTENSION) && !file.startsWith('.'))
      .map((file) => basename(file, EXTENSION));
  } catch (error) {
    throw new ConfigError(folder, [`must be a folder of environments: ${(error as Error).message}`]);
  }
  const [odd] = names.filter((name) => name in {});
  // a construct of such a name cannot be made
  if (odd) throw new ConfigError(environmentPath(odd), [`must have another name, got "${odd}", a word of JavaScript`]);
  return names;
}

/** Path of an environment's file, from the project's folder. */
export const environmentPath = (name: string): string => join('config', `${name}${EXTENSION}`);

/** Text of an environment's file. @throws ConfigError when it cannot be read */
export function environmentText(root: string, name: string): string {
  const path = environmentPath(name);
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigError(path, [`must be a file that can be read: ${code === 'EISDIR' ? 'it is a folder' : message}`]);
  }
}
