import { command } from './command';

const USAGE = `usage: npm run firewall:diff -- A [B] [--json]

A, B   a folder of manifests (dist, dist/production) or a git revision, whose dist/ is read; B is dist when left out

Prints which connections B permits and A does not, and the reverse.

--json  prints a list of {environment, change, from, to, ports} for programs

exit code: 0 nothing opened, 1 something opened, 2 the input is wrong`;

const options = { json: { type: 'boolean', default: false } } as const;

await command({ text: USAGE, options, words: [1, 2] }, async ([before = '', after = 'dist'], { json }) => {
  const { compare } = await import('./firewall-diff/compare');
  return compare(before, after, json);
});
