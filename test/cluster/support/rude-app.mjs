// An app server that answers as its visitors request, also rudely. PORT: where it listens.
import { createServer } from 'node:http';

/** Milliseconds for which this server is not ready after a page that keeps it busy. */
const BUSY = 3000;
let busyUntil = 0;

const server = createServer((request, response) => {
  const { socket } = request;
  switch (request.url) {
    case '/hang':
      return;
    case '/drop':
      socket.destroy();
      return;
    case '/reset':
      socket.resetAndDestroy();
      return;
    case '/garbage':
      socket.end('no answer of HTTP\r\n\r\n');
      return;
    case '/half':
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('half');
      setTimeout(() => socket.destroy(), 20);
      return;
    case '/large-header':
      response.setHeader(
        'Set-Cookie',
        Array.from({ length: 20 }, (_, n) => `c${n}=${'a'.repeat(2500)}`),
      );
      response.end();
      return;
    case '/cookies':
      response.setHeader(
        'Set-Cookie',
        Array.from({ length: 5 }, (_, n) => `c${n}=${'a'.repeat(2500)}`),
      );
      response.end('ok');
      return;
    case '/refuse':
      // before the body has arrived, and the connection with it
      response.writeHead(413, { Connection: 'close' });
      response.end();
      setTimeout(() => socket.destroy(), 1);
      return;
    case '/busy':
      busyUntil = Date.now() + BUSY;
      response.end();
      return;
    case '/ready':
      response.writeHead(Date.now() < busyUntil ? 503 : 200);
      response.end();
      return;
    default:
      response.end('ok');
  }
});
server.listen(Number(process.env.PORT));
process.on('SIGTERM', () => process.exit(0));
