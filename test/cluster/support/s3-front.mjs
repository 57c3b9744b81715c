// Ends TLS before an S3 server on the loopback, and does to requests what a trial asks for.
import { readFileSync } from 'node:fs';
import { request as ask, createServer as createControl } from 'node:http';
import { createServer } from 'node:https';
import { pipeline } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

const [port, backend, control, certificate, key] = process.argv.slice(2);
/** Bytes after which a body that is cut breaks off. */
const CUT = 40_000;
const SLOW_DOWN =
  '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';

/** Numbers of requests that still get it; `bytesPerSecond` of each body, 0 for no limit. */
const faults = { slowDown: 0, cutUploads: 0, cutAnswers: 0, bytesPerSecond: 0, away: false };

/** Whether a request is one of those that get it. */
function take(fault) {
  if (faults[fault] === 0) return false;
  faults[fault]--;
  return true;
}

/** A body on its way. */
async function* pass(body, cut) {
  let passed = 0;
  for await (const chunk of body) {
    if (faults.bytesPerSecond > 0) await sleep((chunk.length / faults.bytesPerSecond) * 1000);
    passed += chunk.length;
    if (cut && passed > CUT) throw new Error('cut');
    yield chunk;
  }
}
const isLarge = ({ 'content-length': length }) => Number(length) > 2 * CUT;

const store = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
  if (take('slowDown')) {
    response.writeHead(503, { 'content-type': 'application/xml', connection: 'close' });
    return response.end(SLOW_DOWN);
  }
  const { method, url: path, headers, socket } = request;
  const broken = () => socket.destroy();
  const behind = ask({ port: backend, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.rawHeaders);
    const cut = method === 'GET' && isLarge(answer.headers) && take('cutAnswers');
    pipeline(
      answer,
      (body) => pass(body, cut),
      response,
      (error) => error && broken(),
    );
  });
  const cut = method === 'PUT' && isLarge(headers) && take('cutUploads');
  pipeline(
    request,
    (body) => pass(body, cut),
    behind,
    (error) => error && broken(),
  );
});
store.on('connection', (socket) => {
  if (faults.away) socket.destroy();
});
store.listen(Number(port));

createControl(async (request, response) => {
  const text = (await request.toArray()).join('');
  if (text) Object.assign(faults, JSON.parse(text));
  if (faults.away) store.closeAllConnections();
  response.end(JSON.stringify(faults));
}).listen(Number(control), '127.0.0.1');
