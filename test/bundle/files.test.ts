import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entriesBelow, filesBelow } from '../../bundle/files';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'threewall-files-'));
  mkdirSync(join(folder, 'room/a/b'), { recursive: true });
  mkdirSync(join(folder, 'elsewhere'));
  for (const path of ['room/z', 'room/a.b', 'room/a/b/c', 'elsewhere/x']) writeFileSync(join(folder, path), '');
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'room/folder'));
  symlinkSync(join(folder, 'elsewhere/x'), join(folder, 'room/file'));
  symlinkSync('..', join(folder, 'room/a/circle'));
  symlinkSync('nowhere', join(folder, 'room/a/dangling'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('files come in the order of their paths, and no link is followed, with any Node', () => {
  expect(filesBelow(join(folder, 'room'))).toEqual(['a.b', 'a/b/c', 'z']);
});

test('links are entries', () => {
  const links = entriesBelow(join(folder, 'room')).filter(({ entry }) => entry.isSymbolicLink());
  expect(links.map(({ path }) => path)).toEqual(['a/circle', 'a/dangling', 'file', 'folder']);
});
