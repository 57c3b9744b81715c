/** What is asked for, where, and how hard. */
export interface Load {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Host header and, over TLS, the server's name. */
  readonly name: string;
  readonly tls: boolean;
  /** Send a PROXY protocol v2 header first, as the load balancer does: a web server refuses connections without one. */
  readonly proxyHeader: boolean;
  readonly connections: number;
  readonly seconds: number;
  /** Requests per second; latencies count from when a request was due. Left out: each connection asks without a pause. */
  readonly rate?: number;
}

/** What came of it. */
export interface Measured {
  readonly requests: number;
  /** Answers other than 200, and connections that broke. */
  readonly failures: number;
  readonly perSecond: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  /** CPU seconds of the load generator itself. */
  readonly cpuSeconds: number;
}

/**
 * A load generator as a Node program: reads a `Load` from argv, prints a `Measured`. It speaks just as much HTTP/1.1 over
 * kept connections as is needed here, so that it costs little beside what it measures. Node's own client costs more CPU
 * than Nginx does.
 */
export const LOAD_PROGRAM = String.raw`
const net = require('node:net'), tls = require('node:tls');
const load = JSON.parse(process.argv[1]);
const ask = 'GET ' + load.path + ' HTTP/1.1\r\nHost: ' + load.name + '\r\n\r\n';
const proxy = Buffer.from('0d0a0d0a000d0a515549540a2111000ccb007107cb007108303901bb', 'hex');
const latencies = [], idle = [], due = [];
let failures = 0, measuring = false, over = false;

function open(onReady) {
  const tcp = net.connect({ host: load.host, port: load.port, noDelay: true });
  tcp.on('error', () => {});
  if (load.proxyHeader) tcp.write(proxy);
  const socket = load.tls
    ? tls.connect({ socket: tcp, servername: load.name, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
    : tcp;
  const connection = { socket, since: 0, text: '', left: -1, closing: false };
  socket.setEncoding('latin1');
  socket.on('error', () => {});
  socket.once(load.tls ? 'secureConnect' : 'connect', () => onReady(connection));
  socket.on('data', (chunk) => read(connection, chunk));
  socket.on('close', () => {
    if (over) return;
    if (connection.since > 0 && measuring) failures++;
    connection.since = -1;
    const at = idle.indexOf(connection);
    if (at >= 0) idle.splice(at, 1);
    setTimeout(() => open(next), 10);
  });
}

function read(connection, chunk) {
  if (connection.left < 0) {
    connection.text += chunk;
    const end = connection.text.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = connection.text.slice(0, end).toLowerCase();
    if (measuring && !head.startsWith('http/1.1 200')) failures++;
    connection.closing = head.includes('\r\nconnection: close');
    connection.left = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0) - (connection.text.length - end - 4);
    connection.text = '';
  } else {
    connection.left -= chunk.length;
  }
  if (connection.left > 0) return;
  connection.left = -1;
  if (measuring) latencies.push(performance.now() - connection.since);
  connection.since = 0;
  if (connection.closing) connection.socket.destroy();
  else next(connection);
}

function next(connection) {
  if (over) return;
  if (!load.rate) return send(connection, performance.now());
  const since = due.shift();
  if (since === undefined) idle.push(connection);
  else send(connection, since);
}

function send(connection, since) {
  connection.since = since;
  connection.socket.write(ask);
}

const WARM_UP_MS = 1500;
for (let n = 0; n < load.connections; n++) open(next);
if (load.rate) {
  let sent = 0;
  const begin = performance.now();
  setInterval(() => {
    const now = performance.now();
    while (sent < ((now - begin) * load.rate) / 1000) {
      const since = begin + (sent++ * 1000) / load.rate;
      const connection = idle.shift();
      if (connection) send(connection, since);
      else due.push(since);
    }
  }, 1);
}
setTimeout(() => {
  measuring = true;
  const begin = performance.now(), cpu = process.cpuUsage();
  setTimeout(() => {
    over = true;
    const seconds = (performance.now() - begin) / 1000, { user, system } = process.cpuUsage(cpu);
    latencies.sort((a, b) => a - b);
    const quantile = (q) => latencies[Math.floor(q * (latencies.length - 1))] ?? NaN;
    console.log(JSON.stringify({
      requests: latencies.length, failures, perSecond: latencies.length / seconds,
      p50Milliseconds: quantile(0.5), p99Milliseconds: quantile(0.99), cpuSeconds: (user + system) / 1e6,
    }));
    process.exit(0);
  }, load.seconds * 1000);
}, WARM_UP_MS);
`;
