import { command } from './command';

const USAGE = `usage: npm run firewall:diff -- A [B]

A, B   a folder of manifests (dist, dist/production) or a git revision, whose dist/ is read; B is dist when left out

Prints which connections B permits and A does not, and the reverse.
Exit code: 0 nothing opened, 1 something opened, 2 wrong input`;

await command({ text: USAGE, words: [1, 2] }, async ([before = '', after = 'dist']) => {
  const { compare } = await import('./firewall-diff/compare');
  return compare(before, after);
});
