// An app server that takes and gives as much, and for as long, as its visitors want. PORT: where it listens.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const MEBIBYTE = Buffer.alloc(2 ** 20, 'threewall ');
const open = new Set();

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://app');
  if (pathname === '/download') {
    const mebibytes = Number(searchParams.get('mebibytes'));
    response.writeHead(200, { 'Content-Length': mebibytes * MEBIBYTE.length });
    for (let n = 0; n < mebibytes && !response.destroyed; n++)
      if (!response.write(MEBIBYTE)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    response.end();
  } else if (pathname === '/upload') {
    let bytes = 0;
    for await (const chunk of request) bytes += chunk.length;
    response.end(String(bytes));
  } else if (pathname === '/events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const timer = setInterval(() => response.write(`data: ${Date.now()}\n\n`), 1000);
    response.on('close', () => clearInterval(timer));
  } else {
    response.end('ok');
  }
});

// short text messages alone, each sent back; https://www.rfc-editor.org/rfc/rfc6455
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  open.add(socket);
  socket.on('close', () => open.delete(socket));
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.end());
  socket.on('data', (frame) => {
    const length = frame[1] & 0x7f;
    const [mask, masked] = [frame.subarray(2, 6), frame.subarray(6, 6 + length)];
    const text = Buffer.from(masked.map((byte, n) => byte ^ mask[n % 4]));
    socket.write(Buffer.concat([Buffer.from([0x81, length]), text]));
  });
});

server.listen(Number(process.env.PORT));

process.on('SIGTERM', () => {
  // 1001: going away
  for (const socket of open) socket.end(Buffer.from([0x88, 2, 0x03, 0xe9]));
  server.close(() => process.exit(0));
});
