// Keeps restic's repositories in a folder: https://restic.readthedocs.io/en/stable/REST_backend.html
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const [root = '', port = ''] = process.argv.slice(2);
/** What is not there yet in full. */
const PART = '.part';

async function answer(request, response) {
  const { method, url, headers } = request;
  const { pathname, searchParams } = new URL(url, 'http://store');
  const path = join(root, pathname);
  if (method === 'POST' && searchParams.has('create')) {
    await mkdir(path, { recursive: true });
  } else if (method === 'POST') {
    await mkdir(dirname(path), { recursive: true });
    await pipeline(request, createWriteStream(path + PART));
    await rename(path + PART, path);
  } else if (method === 'DELETE') {
    await rm(path);
  } else if (pathname.endsWith('/')) {
    const names = await readdir(path).catch(() => []);
    const sizes = names
      .filter((name) => !name.endsWith(PART))
      .map(async (name) => ({ name, size: (await stat(join(path, name))).size }));
    response.setHeader('content-type', 'application/vnd.x.restic.rest.v2');
    return response.end(JSON.stringify(await Promise.all(sizes)));
  } else {
    const { size } = await stat(path);
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
    const range = { start: Number(from ?? 0), end: to ? Number(to) : size - 1 };
    response.writeHead(from === undefined ? 200 : 206, { 'content-length': range.end - range.start + 1 });
    return method === 'HEAD' ? response.end() : pipeline(createReadStream(path, range), response);
  }
  return response.end();
}

createServer((request, response) => {
  answer(request, response).catch((error) => {
    if (!response.headersSent) response.writeHead(error.code === 'ENOENT' ? 404 : 500);
    response.end();
  });
}).listen(Number(port));
