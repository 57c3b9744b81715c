import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of what earlier releases deployed: `dist/development` of each as `<version>.tgz`. */
const RELEASES = 'test/releases';
/** The site's name in them. */
const NAME = 'foobar';

/** The newest earlier release. */
export function previousRelease(): string {
  const versions = readdirSync(RELEASES).flatMap((file) => /^(\d+\.\d+\.\d+)\.tgz$/.exec(file)?.[1] ?? []);
  const newest = versions.sort(new Intl.Collator('en', { numeric: true }).compare).at(-1);
  if (newest === undefined) throw new Error(`${RELEASES}: holds no <version>.tgz`);
  return newest;
}

/**
 * Writes the manifests of a release for a site of another name.
 * @returns their folder, inside `folder`
 */
export function unpackRelease(version: string, site: string, folder: string): string {
  const out = join(folder, 'earlier');
  mkdirSync(out);
  execFileSync('tar', ['-xzf', join(RELEASES, `${version}.tgz`), '-C', out, '--strip-components=2']);
  for (const file of readdirSync(out)) {
    const path = join(out, file);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(NAME, site));
  }
  return out;
}
