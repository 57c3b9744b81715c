import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockedReference, placeOf } from '../../commands/images-lock/registry';

const MANIFEST = JSON.stringify({ schemaVersion: 2, manifests: [] });
const DIGEST = `sha256:${createHash('sha256').update(MANIFEST).digest('hex')}`;
const INDEX = 'application/vnd.oci.image.index.v1+json';

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

/** A registry on this machine. @returns its name in images */
async function registry(
  answer: (request: IncomingMessage, response: ServerResponse, host: string) => void,
): Promise<string> {
  server = createServer((request, response) => answer(request, response, host));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return host;
}

const manifest = (response: ServerResponse): void => {
  // a lie: the digest is computed
  response.writeHead(200, { 'content-type': INDEX, 'docker-content-digest': `sha256:${'0'.repeat(64)}` }).end(MANIFEST);
};

test.each([
  ['nginx:1.30', 'docker.io', 'library/nginx', '1.30'],
  ['grafana/grafana:12.0', 'docker.io', 'grafana/grafana', '12.0'],
  ['docker.io/library/mysql:9.7.4', 'docker.io', 'library/mysql', '9.7.4'],
  ['localhost:5000/a/b/c:1', 'localhost:5000', 'a/b/c', '1'],
  ['registry.example.org/shop:v1', 'registry.example.org', 'shop', 'v1'],
])('%s lies where Docker looks for it', (image, registry, repository, tag) => {
  expect(placeOf(image)).toEqual({ registry, repository, tag });
});

test('a tag gets the digest of what the registry sends, whatever its header says', async () => {
  const asked: string[] = [];
  const host = await registry((request, response) => {
    asked.push(`${request.url} ${request.headers.accept?.split(',')[0]}`);
    manifest(response);
  });
  expect(await lockedReference(`${host}/a/b:1.2`)).toBe(`${host}/a/b:1.2@${DIGEST}`);
  expect(asked).toEqual([`/v2/a/b/manifests/1.2 ${INDEX}`]);
});

test('an image with a digest stays as it is, and no registry is asked', async () => {
  const image = `registry.invalid/a:1@sha256:${'a'.repeat(64)}`;
  expect(await lockedReference(image)).toBe(image);
});

test('a registry that wants a token gets one for the login', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'threewall-docker-'));
  const before = process.env.DOCKER_CONFIG;
  process.env.DOCKER_CONFIG = folder;
  try {
    const host = await registry((request, response, own) => {
      const { authorization } = request.headers;
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://here');
      if (pathname === '/token') {
        expect([authorization, searchParams.get('scope')]).toEqual(['Basic bWU6c2VjcmV0', 'repository:a:pull']);
        response.end(JSON.stringify({ token: 'given' }));
      } else if (authorization === 'Bearer given') manifest(response);
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${own}/token",service="it"` }).end();
    });
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [host]: { auth: 'bWU6c2VjcmV0' } } }));
    expect(await lockedReference(`${host}/a:1`)).toBe(`${host}/a:1@${DIGEST}`);
    writeFileSync(join(folder, 'config.json'), '{');
    await expect(lockedReference(`${host}/a:1`)).rejects.toThrow(/config\.json: not JSON/);
  } finally {
    if (before === undefined) delete process.env.DOCKER_CONFIG;
    else process.env.DOCKER_CONFIG = before;
    rmSync(folder, { recursive: true });
  }
});

test.each([
  [404, /127\.0\.0\.1:\d+ answers 404: it has no a\/b with the tag "1"/],
  [403, /answers 403: log in first, like `docker login 127/],
  [429, /answers 429: too many questions/],
  [500, /answers 500$/],
])('a registry that answers %d is said so', async (status, said) => {
  const host = await registry((_, response) => response.writeHead(status).end());
  await expect(lockedReference(`${host}/a/b:1`)).rejects.toThrow(said);
});

test('a page instead of a manifest is no image', async () => {
  const host = await registry((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'));
  await expect(lockedReference(`${host}/a:1`)).rejects.toThrow(/sends no manifest but "text\/html"/);
});

test('a registry that is not there is said so', async () => {
  const host = await registry(() => undefined);
  server?.close();
  server = undefined;
  await expect(lockedReference(`${host}/a:1`)).rejects.toThrow(/127\.0\.0\.1:\d+ does not answer: .*ECONNREFUSED/);
});
