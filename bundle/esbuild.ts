import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import type { BuildOptions, buildSync } from 'esbuild';

/** Loaded for a build only: what is kept needs none, and it takes as long as Node itself. */
const esbuild = (): { readonly buildSync: typeof buildSync } =>
  createRequire(join(import.meta.dirname, 'esbuild.js'))('esbuild');

/** How every program of the pods is built: as ES modules for Node 20 or newer, without writing a file. */
const OPTIONS = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  tsconfigRaw: '{}',
  logLevel: 'silent',
  outdir: '/',
  outExtension: { '.js': '.mjs' },
  write: false,
} as const satisfies BuildOptions;

/**
 * Programs and all that they import as ES modules, by file name. The same source gives the same bytes, on every machine
 * and in every folder.
 *
 * @param dir folder of the programs
 * @param entries first file of each program, from `dir`
 * @param options further options of esbuild. @default - none
 * @throws Error when the source does not compile
 */
export function bundles(dir: string, entries: readonly string[], options: BuildOptions = {}): Record<string, string> {
  const { outputFiles } = esbuild().buildSync({
    ...OPTIONS,
    absWorkingDir: resolve(dir),
    entryPoints: [...entries],
    ...options,
    write: false,
  });
  return Object.fromEntries(outputFiles.map(({ path, text }) => [basename(path), text]));
}

/** A program as one ES module. @see bundles */
export function bundle(dir: string, entry: string, options: BuildOptions = {}): string {
  const [text] = Object.values(bundles(dir, [entry], options));
  if (text === undefined) throw new Error(`${dir}/${entry}: esbuild gave no output`);
  return text;
}
