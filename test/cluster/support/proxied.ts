import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The program of a visitor behind a load balancer, for pods that have Node: `node -e`. */
export const PROXIED = readFileSync('test/cluster/support/proxied-visitor.cjs', 'utf8');

/** One request. */
export interface Proxied {
  readonly host: string;
  readonly port: number;
  /** What comes before everything else, in hex. @default - nothing */
  readonly header?: string;
  /** Name and CA to check the server's certificate with. @default - plain http */
  readonly tls?: { readonly name: string; readonly ca: string };
  /** The header `Host`. */
  readonly site: string;
  readonly path: string;
}

/** An answer, or the word for its absence. */
export interface ProxiedAnswer {
  /** Status, or `blocked`, `closed`, `silent`, or the code of a refused certificate. */
  readonly outcome: string;
  readonly location?: string;
  readonly body: string;
}

/** PROXY header, version 1. @see https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt */
export const proxyV1 = (address: string): string => hex(`PROXY TCP4 ${address} 203.0.113.10 4660 443\r\n`);

/** PROXY header, version 2: a TCP connection from an address, port 4660. */
export const proxyV2 = (address: string): string =>
  `0d0a0d0a000d0a515549540a2111000c${address
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('')}cb00710a123401bb`;

/** Text as `header` takes it. */
export const hex = (text: string): string => Buffer.from(text).toString('hex');

/** What the program printed. */
export function answerOf(printed: string): ProxiedAnswer {
  const status = /^HTTP\/1\.1 (\d+)/.exec(printed)?.[1];
  const [head = '', ...rest] = printed.split('\r\n\r\n');
  return {
    outcome: status ?? printed.trim(),
    location: /^location: (.*)$/im.exec(head)?.[1]?.trim(),
    body: rest.join('\r\n\r\n'),
  };
}

/** Asks from this machine. */
export function askProxied(request: Proxied): Promise<ProxiedAnswer> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, ['-e', PROXIED], (error, stdout) =>
      error ? reject(error) : resolve(answerOf(stdout)),
    );
    child.stdin?.end(JSON.stringify(request));
  });
}
