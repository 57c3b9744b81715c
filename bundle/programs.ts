import { join } from 'node:path';
import type { Programs } from '../charts/programs';
import { kept } from './kept';
import { bundleSite, type SiteBundle } from './site';

const ROOT = join(import.meta.dirname, '..');
const KEPT = 'node_modules/.cache/threewall/site.json';
/** What the modules depend on; npm writes the list of installed packages. */
const SOURCES = ['site', 'bundle/site.ts', 'bundle/esbuild.ts', 'node_modules/.package-lock.json'];

let site: SiteBundle | undefined;

/**
 * The programs of this checkout's sources, built when they are first asked for and kept until a source changes. The package
 * has them ready: `bundle/programs-built.ts`.
 */
export const programs: Programs & { readonly site: SiteBundle } = {
  get site() {
    site ??= bundleSite(join(ROOT, 'site'), (build) =>
      kept(
        join(ROOT, KEPT),
        SOURCES.map((path) => join(ROOT, path)),
        build,
      ),
    );
    return site;
  },
};
