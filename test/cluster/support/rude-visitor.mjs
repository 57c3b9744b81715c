// One rude visitor and the others, past the load balancer: {host, port, name, kind, seconds} in argv; prints {others, rude, slowest}.
// Two loops of the rude one (kind); the others ask every 50 ms from an address of their own.
import { request } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

const { host, port, name, kind, seconds } = JSON.parse(process.argv[2]);
const [RUDE, OTHER] = ['203.0.113.66', '198.51.100.7'];
const UPLOAD = Buffer.alloc(1000 * 1024, 97);
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A connection of a client, as the load balancer would pass it on. */
const open = (from, protocol) =>
  new Promise((resolve, reject) => {
    const tcp = connect({ host, port });
    tcp.on('error', reject);
    tcp.write(`PROXY TCP4 ${from} ${host} 40000 443\r\n`);
    const options = { socket: tcp, servername: name, rejectUnauthorized: false, ALPNProtocols: [protocol] };
    const tls = connectTls(options, () => resolve(tls));
    tls.on('error', reject);
  });

/** @returns the status, or why there was none */
async function ask(from, method, path, body) {
  const tls = await open(from, 'http/1.1');
  return new Promise((resolve) => {
    const headers = { Host: name, ...(body ? { 'Content-Length': body.length } : {}) };
    const asked = request({ createConnection: () => tls, method, path, headers }, (answer) => {
      answer.on('error', () => resolve(`${answer.statusCode}, cut`));
      answer.on('end', () => resolve(String(answer.statusCode)));
      answer.resume();
    });
    asked.setTimeout(20_000, () => asked.destroy(new Error('no answer in 20 s')));
    asked.on('error', (error) => resolve(error.code ?? error.message));
    asked.end(body);
  }).finally(() => tls.destroy());
}

async function ask2(from, method, path, body) {
  const tls = await open(from, 'h2');
  const session = connectHttp2(`https://${name}`, { createConnection: () => tls });
  session.on('error', () => {});
  return stream(session, method, path, body).finally(() => session.destroy());
}

const stream = (session, method, path, body) =>
  new Promise((resolve) => {
    const asked = session.request({ ':method': method, ':path': path, ':authority': name });
    let status = 'closed';
    asked.on('response', (headers) => {
      status = String(headers[':status']);
    });
    asked.on('error', (error) => resolve(error.code));
    asked.on('close', () => resolve(status));
    asked.resume();
    asked.end(body);
  });

/** Opens many streams to a hanging page at once, and keeps them. */
async function flood() {
  const tls = await open(RUDE, 'h2');
  const session = connectHttp2(`https://${name}`, { createConnection: () => tls });
  session.on('error', () => {});
  for (let n = 0; n < 120; n++) stream(session, 'GET', '/hang');
  await sleep(150);
  return 'kept';
}

/** Half an upload, then a closed connection. */
async function breakOff() {
  const tls = await open(RUDE, 'http/1.1');
  tls.on('error', () => {});
  tls.write(`POST /refuse HTTP/1.1\r\nHost: ${name}\r\nContent-Length: 900000\r\n\r\n${'a'.repeat(50_000)}`);
  await sleep(50);
  tls.destroy();
  return 'left';
}

const KINDS = {
  'an upload that is refused early': () => ask(RUDE, 'POST', '/refuse', UPLOAD),
  'the same over HTTP/2': () => ask2(RUDE, 'POST', '/refuse', UPLOAD),
  'an upload that is broken off': breakOff,
  'a page without an answer': () => ask(RUDE, 'GET', '/drop'),
  'a form without an answer': () => ask(RUDE, 'POST', '/drop', Buffer.from('a=b')),
  'a page that resets, over HTTP/2': () => ask2(RUDE, 'GET', '/reset'),
  'a page that is no HTTP': () => ask(RUDE, 'GET', '/garbage'),
  'half an answer': () => ask(RUDE, 'GET', '/half'),
  'an answer with a header of 50 KB': () => ask(RUDE, 'GET', '/large-header'),
  'pages that hang, by the thousand': flood,
  'pages that keep each server busy': () => ask(RUDE, 'GET', '/busy'),
};

const count = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);
const [others, rude] = [new Map(), new Map()];
const started = Date.now();
const over = () => Date.now() - started > seconds * 1000;
let slowest = 0;

for (const _ of [1, 2]) {
  (async () => {
    while (!over()) count(rude, await KINDS[kind]().catch((error) => error.code));
  })();
}
const asked = [];
while (!over()) {
  await sleep(50);
  const began = Date.now();
  const outcome = ask(OTHER, 'GET', '/').catch((error) => error.code);
  asked.push(
    outcome.then((status) => {
      count(others, status);
      slowest = Math.max(slowest, Date.now() - began);
    }),
  );
}
await Promise.all(asked);
console.log(JSON.stringify({ others: Object.fromEntries(others), rude: Object.fromEntries(rude), slowest }));
process.exit(0);
