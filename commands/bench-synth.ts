import { command, UsageError } from './command';

const USAGE = `usage: npm run bench:synth -- [--rounds 5] [--sites 1000]

Measures the CPU time of a synth, children included, in turns with that of \`node -e 0\`, and prints a table. What is compared
is compared within a round; results of different machines are not comparable.

--rounds  measurements of each kind; the median counts (default 5)
--sites   sites that one process synthesizes for the last row, and a tenth of them for the row before (default 1000)

exit code: 0 measured, 1 a synth failed, 2 the input is wrong`;

const options = { rounds: { type: 'string', default: '5' }, sites: { type: 'string', default: '1000' } } as const;

await command({ text: USAGE, options, words: [0, 0] }, async (_, { rounds, sites }) => {
  const { benchSynth } = await import('./bench-synth/bench');
  benchSynth(count(rounds, '--rounds'), count(sites, '--sites'));
});

function count(text: string, option: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new UsageError(`${option}: must be a number from 1 to 99999, got "${text}"`);
  return Number(text);
}
