import { resolve } from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';

/**
 * A program and all that it imports as one ES module for Node 20 or newer, without writing a file. The same source gives the same
 * bytes, on every machine and in every folder.
 *
 * @param dir folder of the program
 * @param entry its first file, from `dir`
 * @param options what else esbuild has to know. @default - nothing
 * @throws Error when the source does not compile
 */
export function bundle(dir: string, entry: string, options: BuildOptions = {}): string {
  const { outputFiles } = buildSync({
    absWorkingDir: resolve(dir),
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    tsconfigRaw: '{}',
    logLevel: 'silent',
    ...options,
    write: false,
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`${dir}/${entry}: esbuild gave no output`);
  return file.text;
}
