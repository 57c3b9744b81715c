import { connect, type Socket } from 'node:net';
import { createSecureContext, type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { Load } from './load';

/** A PROXY protocol v2 header: TCP over IPv4, from 203.0.113.7:12345 to 203.0.113.8:443. */
export const PROXY_HEADER = Buffer.from('0d0a0d0a000d0a515549540a2111000ccb007107cb007108303901bb', 'hex');

/** One context for all connections: creating it costs CPU that is not part of a handshake. */
const CONTEXT = createSecureContext({ minVersion: 'TLSv1.3' });

/** TLS settings of a connection. */
export interface Hello {
  /** ALPN protocol. */
  readonly protocol: 'http/1.1' | 'h2';
  /** TLS session to resume. @default - a full handshake */
  readonly session?: Buffer;
}

/** Connections to the server of a load. */
export class Network {
  private readonly sockets = new Set<Socket>();

  constructor(private readonly load: Load) {}

  /** @param onReady may write; it is not called when the connection fails, `close` always is emitted */
  connect(hello: Hello, onReady: () => void = () => undefined): Socket | TLSSocket {
    const { host, port, tls, name, proxyHeader } = this.load;
    const tcp = connect({ host, port, noDelay: true });
    // `close` follows and is handled
    tcp.on('error', () => undefined);
    if (proxyHeader) tcp.write(PROXY_HEADER);
    const socket = tls
      ? tlsConnect({
          socket: tcp,
          servername: name,
          rejectUnauthorized: false,
          secureContext: CONTEXT,
          ALPNProtocols: [hello.protocol],
          session: hello.session,
        })
      : tcp;
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    socket.once(tls ? 'secureConnect' : 'connect', onReady);
    return socket;
  }

  /** Cuts every connection. */
  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}
