import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of manifests cannot be written. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
}

/**
 * Makes the manifests of `fresh` those of `out`. Folders stay, as each may be a mount or a link and neither can be
 * renamed; files are replaced in one step each, and none before all are written: a full disk leaves the old ones.
 * @throws OutputError when a file cannot be written
 */
export function replaceManifests(out: string, fresh: string): void {
  const names = readdirSync(fresh, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  const begun: string[] = [];
  try {
    for (const name of names) {
      const path = join(out, name);
      if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${path} is a folder`);
      mkdirSync(dirname(path), { recursive: true });
      begun.push(path);
      writeFileSync(`${path}.new`, readFileSync(join(fresh, name)));
    }
  } catch (error) {
    for (const path of begun) rmSync(`${path}.new`, { force: true });
    throw new OutputError(`${(error as Error).message}\n${out}: cannot be written; its manifests are as they were`);
  }
  for (const path of begun) renameSync(`${path}.new`, path);
  removeEarlier(out, new Set(names));
}

/** Files of charts and of environments that are no more. What else lies in `out` is not the generator's to remove. */
function removeEarlier(out: string, names: ReadonlySet<string>): void {
  const environments = new Set([...names].map(dirname));
  for (const folder of readdirSync(out).filter((name) => statSync(join(out, name)).isDirectory())) {
    const ours = environments.has(folder) ? /\.yaml(\.new)?$/ : /^\d\d-.+\.yaml(\.new)?$/;
    const earlier = readdirSync(join(out, folder)).filter((file) => ours.test(file) && !names.has(join(folder, file)));
    for (const file of earlier) rmSync(join(out, folder, file));
    if (earlier.length > 0 && readdirSync(join(out, folder)).length === 0) rmdirSync(join(out, folder));
  }
}
