import { join } from 'node:path';
import type { Programs } from '../charts/programs';
import { bundleSite, type SiteBundle } from './site';

let site: SiteBundle | undefined;

/** The programs of this checkout's sources, built when they are first asked for. The package has them ready: `bundle/programs-built.ts`. */
export const programs: Programs & { readonly site: SiteBundle } = {
  get site() {
    site ??= bundleSite(join(import.meta.dirname, '../site'));
    return site;
  },
};
