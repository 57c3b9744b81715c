// Runs a program of this project: `node bundle/run.mjs main.ts`. The program is bundled into one module, which is kept until one
// of its files changes: a loader such as tsx asks its hooks about each of 250 files, in each run.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..');
const [name] = process.argv.splice(2, 1);
const kept = join(root, 'node_modules/.cache/threewall', `${name.replaceAll('/', '-')}.mjs`);

const hashOf = (path) =>
  createHash('sha256')
    .update(readFileSync(join(root, path)))
    .digest('base64url');
/** The module holds the folders of its sources: in a copy of the project it would read those of the original. */
const factsOf = (paths) => ({ root, inputs: Object.fromEntries(paths.map((path) => [path, hashOf(path)])) });

/** True when every file that the module was made of is as it was. */
function isFresh() {
  try {
    const before = JSON.parse(readFileSync(`${kept}.json`, 'utf8'));
    return JSON.stringify(before) === JSON.stringify(factsOf(Object.keys(before.inputs)));
  } catch {
    return false;
  }
}

async function build() {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [name],
    bundle: true,
    // a file for each of 900 modules costs more than what is in them; esbuild itself is asked for when a source has changed
    external: ['esbuild'],
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minifyWhitespace: true,
    minifySyntax: true,
    write: false,
    metafile: true,
    // modules that were CommonJS ask for Node's own: https://github.com/evanw/esbuild/issues/1921
    banner: { js: "import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);" },
    logLevel: 'error',
    plugins: [ownFolders],
  });
  const own = Object.keys(metafile.inputs).filter((path) => !path.startsWith('node_modules/'));
  return keep(outputFiles[0].text, [...own, 'node_modules/.package-lock.json', 'bundle/run.mjs']);
}

/** Keeps the module, or makes it for this run alone where nothing can be written beside the packages. @returns its path */
function keep(text, inputs) {
  try {
    mkdirSync(dirname(kept), { recursive: true });
    // facts last: a run that is killed in between leaves none, and the next one builds
    rmSync(`${kept}.json`, { force: true });
    write(kept, text);
    write(`${kept}.json`, JSON.stringify(factsOf(inputs)));
    return kept;
  } catch {
    const folder = mkdtempSync(join(tmpdir(), 'threewall-run-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'main.mjs'), text);
    return join(folder, 'main.mjs');
  }
}

/** Whole or not at all, should two runs write at a time. */
function write(path, text) {
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
}

/** A module asks for the folder of its source, not for that of the bundle. */
const ownFolders = {
  name: 'own-folders',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = path.includes('node_modules') ? '' : readFileSync(path, 'utf8');
      if (!text.includes('import.meta.dirname')) return undefined;
      return { loader: 'ts', contents: text.replaceAll('import.meta.dirname', JSON.stringify(dirname(path))) };
    });
  },
};

await import(pathToFileURL(isFresh() ? kept : await build()).href);
