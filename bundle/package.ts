import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build as esbuild, type Plugin } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { declarations } from './declarations';
import { programs } from './programs';

/** Entries of the package by their file in build/; `exports` and `bin` of package.json name the same. */
const LIBRARY = ['index', 'config', 'flows', 'reachability', 'jest'] as const;
const OUT = 'build';

/** The programs are in the package: nothing is compiled where it is installed. */
const builtPrograms: Plugin = {
  name: 'built-programs',
  setup(build) {
    build.onResolve({ filter: /\/bundle\/programs$/ }, ({ resolveDir }) => ({
      path: join(resolveDir, '..', 'bundle/programs-built.ts'),
    }));
  },
};

/**
 * Builds what `npm pack` takes: the library and the command as ES modules, a declaration file an entry, and the programs
 * of the pods. The scripts that pods execute are taken from charts/ as they are. Dependencies that every synth loads are
 * part of the modules, with what of them is used; those of single commands are installed.
 */
async function build(): Promise<void> {
  rmSync(OUT, { recursive: true, force: true });
  const { metafile } = await esbuild({
    entryPoints: [
      ...LIBRARY.map((name) => ({ in: `library/${name}.ts`, out: name })),
      { in: 'commands/threewall.ts', out: 'threewall' },
    ],
    outdir: OUT,
    bundle: true,
    splitting: true,
    chunkNames: 'part-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: EXTERNAL.filter((name) => !INSIDE.includes(name)),
    minifyWhitespace: true,
    minifySyntax: true,
    plugins: [builtPrograms],
    metafile: true,
    logLevel: 'warning',
    // modules that were CommonJS ask for Node's own: https://github.com/evanw/esbuild/issues/1921
    banner: { js: "import{createRequire as r}from'node:module';const require=r(import.meta.url);" },
  });
  licences(Object.keys(metafile.inputs));
  writePrograms(join(OUT, 'programs'));
  await types();
  chmodSync(join(OUT, 'threewall.js'), 0o755);
}

const { dependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
  'dependencies' | 'peerDependencies',
  Record<string, string>
>;
/** Part of the modules, because each of its files costs a synth time; its types are installed. */
const INSIDE = ['zod'];
const EXTERNAL = [...Object.keys(dependencies), ...Object.keys(peerDependencies)];

/** Licences of the packages that became part of the modules. */
function licences(inputs: readonly string[]): void {
  const folders = inputs.flatMap((path) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  const texts = [...new Set(folders)].sort().flatMap((folder) => {
    const file = ['LICENSE', 'LICENSE.md', 'license', 'LICENCE'].map((name) => join(folder, name)).find(existsSync);
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return [`${name} ${version} (${license})\n\n${file ? readFileSync(file, 'utf8').trim() : ''}\n`];
  });
  writeFileSync(join(OUT, 'LICENCES.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`));
}

function writePrograms(folder: string): void {
  const { site } = programs;
  const files: [string, string | Uint8Array][] = [
    ['server.mjs', site['server.mjs']],
    ['libraries.mjs', site['libraries.mjs']],
    ...Object.entries(site.static).map(([path, content]): [string, string | Uint8Array] => [`static/${path}`, content]),
  ];
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** One declaration file an entry. */
async function types(): Promise<void> {
  const scratch = join(OUT, '.types');
  await declarations(scratch, LIBRARY);
  const bundle = await rollup({
    input: Object.fromEntries(LIBRARY.map((name) => [name, join(scratch, `library/${name}.d.ts`)])),
    external: (id) => id.startsWith('node:') || EXTERNAL.some((name) => id === name || id.startsWith(`${name}/`)),
    plugins: [dts()],
    onLog: (level, { message }) => {
      throw new Error(`${level}: ${message}`);
    },
  });
  await bundle.write({ dir: OUT, format: 'es', chunkFileNames: 'part-[hash].d.ts' });
  rmSync(scratch, { recursive: true });
}

await build();
cpSync('config/schema.json', join(OUT, 'schema.json'));
