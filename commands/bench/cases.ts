import { port } from '../../charts/topology';
import type { Load } from './load/load';

/** A request and the server to send it to. */
export interface Case {
  readonly what: string;
  readonly way: string;
  readonly load: Omit<Load, 'seconds' | 'rate'>;
}

/** Addresses of the servers inside the cluster. */
export interface Addresses {
  readonly loadBalancer: string;
  readonly web: string;
  readonly app: string;
  /** Port of the app server. */
  readonly appPort: number;
}

/** Cases by their table; a request's direct path comes before the others. */
export interface Cases {
  /** HTTP/1.1 over persistent connections. */
  readonly http1: readonly Case[];
  /** HTTP/2 over persistent connections. */
  readonly http2: readonly Case[];
  /** A new connection per request. */
  readonly handshakes: readonly Case[];
  /** Responses of a single web server over each of these paths. */
  readonly held: readonly Case[];
}

/** Concurrent requests on an HTTP/2 connection. */
const STREAMS = 4;
const FILE = { what: 'static file', path: '/static/app.css' };
const WHOAMI = { what: '/whoami', path: '/whoami' };

/**
 * @param name of the site
 * @param atATime concurrent requests, in every case
 */
export function casesOf({ loadBalancer, web, app, appPort }: Addresses, name: string, atATime: number): Cases {
  const common = { name, connections: atATime };
  const toApp = { ...common, host: app, port: appPort, tls: false, proxyHeader: false };
  const toWeb = { ...common, host: web, port: port('web', 'https'), tls: true, proxyHeader: true };
  const through = { ...common, host: loadBalancer, port: 443, tls: true, proxyHeader: false };

  const direct = ({ what, path }: typeof FILE): Case => ({ what, way: 'one app server', load: { ...toApp, path } });
  const overTls = ({ what, path }: typeof FILE, more: Partial<Load> = {}): Case[] => {
    const named = more.client ? `${what}, ${more.client}` : what;
    return [
      { what: named, way: 'one web server', load: { ...toWeb, path, ...more } },
      { what: named, way: 'whole path', load: { ...through, path, ...more } },
    ];
  };

  const streams = Math.min(STREAMS, atATime);
  const http2 = { client: 'http/2', streams, connections: Math.ceil(atATime / streams) } as const;
  const full = { client: 'full handshake' } as const;
  return {
    http1: [...overTls(FILE), direct(WHOAMI), ...overTls(WHOAMI)],
    http2: [...overTls(FILE, http2), ...overTls(WHOAMI, http2)],
    handshakes: [...overTls(FILE, full), ...overTls(FILE, { client: 'resumption' })],
    held: [...overTls(FILE), ...overTls(FILE, http2), ...overTls(FILE, full)],
  };
}
