import { bundle } from '../../bundle/esbuild';

/** The agent of the backup pods as one file for Node: the same source gives the same bytes. @param dir this folder */
export const bundleAgent = (dir: string): string =>
  // YAML takes no control character, and in a literal the escape means the same
  bundle(dir, 'agent/main.ts').replaceAll('\x7f', '\\x7f');
