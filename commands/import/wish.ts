import type { Ask } from './follow';

/** What is to be imported, and how. */
export interface Wish {
  /** Path of a dump, `-` for standard input. */
  readonly file?: string;
  /** Secret of a server. */
  readonly from?: string;
  /** Whether what the server writes afterwards is applied too. */
  readonly follow: boolean;
  /** What an import that follows is asked for. */
  readonly ask?: Ask;
  readonly check: boolean;
  readonly replace: boolean;
  readonly yes: boolean;
  /** Space for a dump of standard input. */
  readonly room: string;
  /** How long all may take, in seconds. */
  readonly timeout: number;
}
