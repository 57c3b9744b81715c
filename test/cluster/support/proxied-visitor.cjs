// A visitor behind a load balancer of its own: connects, sends a PROXY header or none, then one GET, over TLS where `tls` is given.
// Reads {host, port, header, tls: {name, ca}, site, path} from standard input, `header` in hex. Prints the whole answer, or one word:
// blocked (no connection), closed (a connection and no answer), or the code of what was wrong with the certificate.
const { readFileSync } = require('node:fs');
const net = require('node:net');
const tls = require('node:tls');

/** Longer than a load balancer waits for the beginning of TLS. */
const PATIENCE_MS = 25_000;
const CONNECT_MS = 4_000;

const { host, port, header = '', tls: over, site, path } = JSON.parse(readFileSync(0, 'utf8'));
let text = '';
let connected = false;
let ended = false;
const end = (word) => {
  if (!ended) process.stdout.write(text || word, () => process.exit(0));
  ended = true;
};

const tcp = net.connect({ host, port });
setTimeout(() => connected || end('blocked'), CONNECT_MS);
setTimeout(() => end('silent'), PATIENCE_MS);
tcp.on('error', () => end(connected ? 'closed' : 'blocked'));
tcp.on('connect', () => {
  connected = true;
  if (header) tcp.write(Buffer.from(header, 'hex'));
  const stream = over ? tls.connect({ socket: tcp, servername: over.name, ca: over.ca }) : tcp;
  stream.on('error', ({ code }) => end(String(code).startsWith('ERR_TLS_CERT') ? code : 'closed'));
  stream.on('data', (data) => {
    text += data;
  });
  stream.on('close', () => end('closed'));
  stream.write(`GET ${path} HTTP/1.1\r\nHost: ${site}\r\nConnection: close\r\n\r\n`);
});
