import { readFileSync } from 'node:fs';

test('README has at most 900 words, CONTRIBUTING at most 100 lines', () => {
  const read = (file: string): string => readFileSync(file, 'utf8').trim();
  expect(read('README.md').split(/\s+/).length).toBeLessThanOrEqual(900);
  expect(read('CONTRIBUTING.md').split('\n').length).toBeLessThanOrEqual(100);
});
