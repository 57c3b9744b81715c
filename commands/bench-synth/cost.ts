import { spawnSync } from 'node:child_process';

/**
 * CPU time of a run of Node in milliseconds, that of its children among it: bash counts those, Node does not.
 * @param words after `node`
 * @param out folder of manifests
 * @throws Error when the run fails
 */
export function milliseconds(words: readonly string[], out: string): number {
  const timed = ['-c', 'TIMEFORMAT="%U %S"; time "$@" >/dev/null', 'bash', process.execPath, ...words];
  const [, user, system] = /^(\d+\.\d+) (\d+\.\d+)$/m.exec(run('bash', timed, out)) ?? [];
  return (Number(user) + Number(system)) * 1000;
}

/** Prints the most memory of a process at its end, in KiB. */
const MEMORY = 'data:text/javascript,process.on("exit",()=>console.error("KiB",process.resourceUsage().maxRSS))';

/** Most memory of a run of Node in MiB, without its children. @param words as for `milliseconds` @throws Error when the run fails */
export function mebibytes(words: readonly string[], out: string): number {
  const [, kibibytes] = /^KiB (\d+)$/m.exec(run(process.execPath, ['--import', MEMORY, ...words], out)) ?? [];
  return Number(kibibytes) / 1024;
}

/** What a run writes to its standard error. */
function run(program: string, words: readonly string[], out: string): string {
  const { status, stderr } = spawnSync(program, words, {
    encoding: 'utf8',
    env: { ...process.env, CDK8S_OUTDIR: out, LC_ALL: 'C' },
  });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${stderr}`);
  return stderr;
}
