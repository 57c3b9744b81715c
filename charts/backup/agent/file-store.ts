import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { byKey, type Store, type Stored } from './store';

const PART = '.part';

/** A folder, usually a mounted volume. */
export function fileStore(root: string): Store {
  return {
    async list(prefix) {
      return (await filesIn(root)).filter(({ key }) => key.startsWith(prefix) && !key.endsWith(PART)).sort(byKey);
    },
    async put(key, data) {
      const path = join(root, key);
      const part = `${path}.${process.pid}.${Date.now()}${PART}`;
      await mkdir(dirname(path), { recursive: true });
      try {
        await pipeline(data, createWriteStream(part, { flush: true }));
        const { size } = await stat(part);
        await rename(part, path);
        await syncFolder(dirname(path));
        return size;
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      }
    },
    async get(key) {
      await stat(join(root, key));
      return Readable.toWeb(createReadStream(join(root, key))) as ReadableStream<Uint8Array>;
    },
    async remove(keys) {
      for (const key of keys) await rm(join(root, key), { force: true });
    },
    async tidy(before) {
      for (const { key, written } of await filesIn(root)) {
        if (key.endsWith(PART) && written < before) await rm(join(root, key), { force: true });
      }
    },
  };
}

/** A rename is on the disk when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function filesIn(root: string): Promise<Stored[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files: Stored[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // a writer may have finished or died meanwhile
    const found = await stat(path).catch(() => undefined);
    if (found) files.push({ key: relative(root, path), size: found.size, written: found.mtimeMs });
  }
  return files;
}
