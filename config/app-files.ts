import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '.';
import { type AppConfig, filesOf } from './app-facts';
import { unknownReferences } from './variables';

/**
 * Reads `app.files` from the repository.
 * @param folder base of relative paths: the configuration's folder
 * @param source name of the configuration for messages
 * @throws ConfigError for a file that is missing and for an unknown $(…) in one
 */
export function readAppFiles(app: AppConfig, folder: string, source: string): ReadonlyMap<string, Uint8Array> {
  const contents = new Map<string, Uint8Array>();
  const faults: string[] = [];
  for (const { path, file, expand } of filesOf(app)) {
    const place = `app.files["${path}"]`;
    try {
      const content = readFileSync(resolve(folder, file));
      contents.set(path, content);
      if (expand) faults.push(...unknownReferences(`${place}: ${file}`, content.toString(), app));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why = code === 'ENOENT' ? 'there is none' : code === 'EISDIR' ? 'it is a folder' : (error as Error).message;
      faults.push(`${place}: must be a file, its path seen from ${folder}, got "${file}": ${why}`);
    }
  }
  if (faults.length > 0) throw new ConfigError(source, faults);
  return contents;
}
