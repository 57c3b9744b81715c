// An app server with the bad manners that RUDE names. PORT: where it should listen.
import { chownSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { RUDE = '', PORT = '8080' } = process.env;
/** Milliseconds for which it keeps an idle connection, and then ends it, also under a client that uses it again. */
const KEEP_MS = 2000;

if (RUDE === 'write') writeFileSync('/app/state', 'x');
if (RUDE === 'root') chownSync('/tmp', 0, 0);

const used = new WeakMap();
const server = createServer((request, response) => {
  const { socket } = request;
  const last = used.get(socket);
  // as if its end of the connection had crossed the request on the way
  if (last !== undefined && Date.now() - last > KEEP_MS) return void socket.resetAndDestroy();
  response.on('finish', () => used.set(socket, Date.now()));
  response.statusCode = request.url === '/missing' ? 404 : 200;
  request.resume().on('end', () => response.end('ok'));
});
server.keepAliveTimeout = 60_000;
const port = RUDE === 'another port' ? 9000 : Number(PORT);
setTimeout(() => server.listen(port, RUDE === 'loopback' ? '127.0.0.1' : undefined), RUDE === 'late' ? 5000 : 0);
process.on('SIGTERM', () => process.exit(0));
