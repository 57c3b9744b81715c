import type { Site } from './code';

/** The programs that pods run, ready for them. */
export interface Programs {
  /** The sample site. */
  readonly site: Site;
}
