import { readFileSync } from 'node:fs';
import { sources } from './sources';

/** Commands and the package run as bundles, where esbuild gives classes other names: `Quantity` became `_Quantity`. */
test('no source asks for the name of a class', () => {
  const asking = sources().filter(
    (file) => !file.startsWith('test/') && /constructor\??\.name\b/.test(readFileSync(file, 'utf8')),
  );
  expect(asking).toEqual([]);
});
