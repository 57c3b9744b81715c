import { resolve } from 'node:path';
import { buildSync } from 'esbuild';

/** The agent of the backup pods as one file for Node: the same source gives the same bytes. @param dir this folder */
export function bundleAgent(dir: string): string {
  const { outputFiles } = buildSync({
    absWorkingDir: resolve(dir),
    entryPoints: ['agent/main.ts'],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    tsconfigRaw: '{}',
    logLevel: 'silent',
  });
  const agent = outputFiles[0];
  if (agent === undefined) throw new Error('charts/backup/agent: esbuild gave no output');
  // YAML takes no control character, and in a literal the escape means the same
  return agent.text.replaceAll('\x7f', '\\x7f');
}
