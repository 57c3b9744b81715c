import { readFileSync } from 'node:fs';

test('package.json, README and .nvmrc name the same version of Node', () => {
  const version = readFileSync('.nvmrc', 'utf8').trim();
  expect(JSON.parse(readFileSync('package.json', 'utf8')).engines.node).toBe(`>=${version}`);
  expect(readFileSync('README.md', 'utf8').match(/Node \d+[\d.]*\d/g)).toEqual([`Node ${version}`]);
});
