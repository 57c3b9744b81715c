import { bundle } from '../../bundle/esbuild';
import { LATE_SECONDS, type Load, type Measured, type Rounds, WARM_UP_SECONDS } from './load/load';

/** Runs programs of Node somewhere. */
export interface Runner {
  /** @returns what the program printed; it gets `argument` as JSON in argv[1]. `seconds` are whole ones */
  run(program: string, argument: unknown, seconds: number): Promise<string>;
}

/** Extra seconds for a runner to start and to end. */
const SPARE_SECONDS = 60;

/** The load generator, built once. */
let generator: string | undefined;
function program(): string {
  generator ??= bundle('commands/bench/load', 'main.ts', { format: 'cjs' });
  return generator;
}

/** @returns the result of each load (second index) in each round (first index) */
export async function putLoads(where: Runner, { loads, rounds }: Rounds): Promise<Measured[][]> {
  const round = WARM_UP_SECONDS + Math.max(...loads.map(({ seconds }) => seconds)) + LATE_SECONDS;
  const seconds = Math.ceil(rounds * round + SPARE_SECONDS);
  return JSON.parse(await where.run(program(), { loads, rounds }, seconds)) as Measured[][];
}

/** Runs one load against a server, once. */
export async function putLoad(where: Runner, load: Load): Promise<Measured> {
  const [[measured] = []] = await putLoads(where, { loads: [load], rounds: 1 });
  return measured as Measured;
}
