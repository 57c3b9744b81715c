import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Words that an engineer in a hurry reads twice, as regular expressions, and what to write. */
const WORDS: Readonly<Record<string, string>> = {
  'figures?': 'metric, value or result',
  told: 'reported, set or noted',
  'authorit(y|ies)': 'CA',
  'nobody|whoever|somebody|everybody': 'the subject: the client, the operator, no pod, every visitor',
  'for ever': 'forever',
  'for good': 'permanently',
  'noughts?': 'zero',
};

/** Uses that stay, as `file: line`. */
const ALLOWED = [
  'CONTRIBUTING.md: | CA | certificate authority: signs certificates |',
  "test/commands/bench-load.test.ts: ' && (request.authority || request.headers.host) === '", // HTTP/2's header
];

const READ = /\.(ts|[mc]?js|sh|lua|sql|ya?ml|md)$/;
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => READ.test(file) && !/^(dist|imports|test\/house\/words)\b/.test(file) && existsSync(file));

/** Lines of a page without its code; else comments, those of a rendered configuration too, and texts of several words. */
function prose(file: string, text: string): string[] {
  if (file.endsWith('.md')) return text.replace(/^```[\s\S]*?^```/gm, '').split('\n');
  return text.split('\n').flatMap((line) => {
    const comment = /(?:^|\s)(?:\/\/|\/\*\*?|\*|#|--)\s.*/.exec(line)?.[0];
    return comment ?? line.match(/(['"`])(?:(?!\1).)* (?:(?!\1).)* (?:(?!\1).)*\1/g) ?? [];
  });
}

/** Each use of such a word, with what to write. */
const faultsOf = (file: string, text: string): string[] =>
  prose(file, text).flatMap((line) =>
    Object.entries(WORDS)
      .filter(([word]) => new RegExp(`\\b(${word})\\b`, 'i').test(line))
      .map(([, better]) => ({ found: `${file}: ${line.trim()}`, better }))
      .filter(({ found }) => !ALLOWED.includes(found))
      .map(({ found, better }) => `${found} (write ${better})`),
  );

test('comments and pages are in plain words', () => {
  expect(files.length).toBeGreaterThan(500);
  expect(files.flatMap((file) => faultsOf(file, readFileSync(file, 'utf8')))).toEqual([]);
});

test.each([
  ['a doc comment', 'a.ts', '/** What nobody reads. */'],
  ['a comment behind code', 'a.ts', 'const a = 1; // told by the server'],
  ['a rendered comment', 'a.ts', 'const conf = `\n# figures of the node\n`;'],
  ['a script', 'a.sh', 'wait # for ever'],
  ['a message', 'a.ts', "throw new Error('nobody answers it');"],
  ['a page', 'a.md', 'It is kept for good.'],
])('fails on such a word in %s', (_, file, text) => {
  expect(faultsOf(file, text)).toHaveLength(1);
});

test.each([
  ['a name in code', 'a.ts', 'const told = figures.map(({ nobody }) => nobody);'],
  ['code on a page', 'a.md', '```\nchown nobody x\n```\n'],
])('leaves %s alone', (_, file, text) => {
  expect(faultsOf(file, text)).toEqual([]);
});
