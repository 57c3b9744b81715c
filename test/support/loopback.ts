import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import type { Runner } from '../../commands/bench/load';
import { PROXY_HEADER } from '../../commands/bench/load/network';
import { selfSigned } from '../../commands/secrets/certificates';

/** Runs programs on this machine as the pod of a bench does. */
export const HERE: Runner = {
  run: async (program, argument) => {
    const { stdout } = await promisify(execFile)('node', ['-e', program, '--', JSON.stringify(argument)]);
    return stdout;
  },
};

/** Requests and connections of a server. */
export interface Seen {
  requests: number;
  /** By version of HTTP. */
  readonly versions: Set<string>;
  connections: number;
  /** Connections whose TLS session was resumed. */
  resumed: number;
  /** Connections that began with something else than a PROXY header. */
  withoutProxyHeader: number;
}

/** A web server on this machine: HTTP/1.1 and HTTP/2 over TLS, behind a PROXY header. */
export interface WebServer {
  readonly port: number;
  readonly seen: Seen;
  close(): void;
}

/** @param answer what it does with each request; `seen` counts it already */
export async function webServer(
  answer: (request: Http2ServerRequest, response: Http2ServerResponse, seen: Seen) => void,
): Promise<WebServer> {
  const { certificate, key } = await selfSigned(['localhost']);
  const seen: Seen = { requests: 0, versions: new Set(), connections: 0, resumed: 0, withoutProxyHeader: 0 };
  const secure = createSecureServer({ cert: certificate, key, allowHTTP1: true }, (request, response) => {
    seen.requests++;
    seen.versions.add(request.httpVersion);
    answer(request, response, seen);
  });
  secure.on('secureConnection', (socket: TLSSocket) => {
    seen.connections++;
    if (socket.isSessionReused()) seen.resumed++;
  });
  const sockets = new Set<Socket>();
  const front = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('readable', () => {
      const first: Buffer | null = socket.read(PROXY_HEADER.length);
      if (first?.equals(PROXY_HEADER)) {
        secure.emit('connection', socket);
      } else if (first) {
        seen.withoutProxyHeader++;
        socket.destroy();
      }
    });
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const close = (): void => {
    front.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: (front.address() as AddressInfo).port, seen, close };
}
