import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((file) => existsSync(file));
const read = (file: string): string => readFileSync(file, 'utf8');

test('README has at most 900 words, CONTRIBUTING at most 100 lines', () => {
  expect(read('README.md').trim().split(/\s+/).length).toBeLessThanOrEqual(900);
  expect(read('CONTRIBUTING.md').trimEnd().split('\n').length).toBeLessThanOrEqual(100);
});

/** Headings as GitHub makes anchors of them. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test.each(documents)('the links of %s lead somewhere', (file) => {
  const text = read(file).replace(/^```[\s\S]*?^```/gm, '');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
  const dead = links.filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? file : join(dirname(file), path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(read(target)).includes(anchor);
  });
  expect(dead).toEqual([]);
});

test('docs/README.md lists every page of docs', () => {
  const text = read('docs/README.md');
  const pages = documents.filter((file) => /^docs\/(decisions\/)?[^/]+\.md$/.test(file) && file !== 'docs/README.md');
  expect(pages.length).toBeGreaterThan(30);
  expect(pages.filter((file) => !text.includes(`](${file.slice('docs/'.length)})`))).toEqual([]);
});

test('every script that a page says to run is in package.json', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = documents.flatMap((file) =>
    [...read(file).matchAll(/\bnpm run (?:-s )?([a-z][\w:-]*)/g)].map(([, script = '']) => ({ file, script })),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ script }) => !(script in scripts))).toEqual([]);
});

/** Options that pages give to commands, as `file: command --option`, and the file of the command. */
const optionsOnPages = (): { said: string; option: string; door: string }[] => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const doorOf = (script?: string, word?: string): string | undefined =>
    word ? `commands/${word}.ts` : /commands\/\S+\.ts/.exec(scripts[script ?? ''] ?? '')?.[0];
  return documents
    .filter((file) => file !== 'CHANGELOG.md')
    .flatMap((file) =>
      [...read(file).matchAll(/\b(?:npm run (?:-s )?([a-z][\w:-]*) --|npx threewall ([a-z-]+))([^\n`#|&]*)/g)].flatMap(
        ([, script, word, rest = '']) => {
          const door = doorOf(script, word);
          const options = [...rest.matchAll(/(?<=\s)--[a-z][a-z-]*/g)].map(([option]) => option);
          return door ? options.map((option) => ({ said: `${file}: ${script ?? word} ${option}`, option, door })) : [];
        },
      ),
    );
};

test('every option that a page gives to a command is in its usage', () => {
  const options = optionsOnPages();
  expect(options.length).toBeGreaterThan(20);
  const unknown = options.filter(({ option, door }) => !existsSync(door) || !read(door).includes(option));
  expect(unknown.map(({ said }) => said)).toEqual([]);
});

test('every word of threewall that a page names is one of its commands', () => {
  const words = documents.flatMap((file) =>
    [...read(file).matchAll(/\bnpx threewall ([a-z][a-z-]*)/g)].map(([, word = '']) => ({ file, word })),
  );
  expect(words.length).toBeGreaterThan(3);
  const program = read('commands/threewall.ts');
  expect(words.filter(({ word }) => !new RegExp(`^  '?${word}'?: \\[`, 'm').test(program))).toEqual([]);
});
