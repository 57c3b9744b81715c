import { request } from 'node:https';
import { Readable } from 'node:stream';
import type { Visitor } from '../visitor';

const MEBIBYTE = Buffer.alloc(2 ** 20, 'threewall ');

/** Uploads that many mebibytes. @returns the number of bytes that the app received */
export function upload(visitor: Visitor, mebibytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': mebibytes * MEBIBYTE.length };
    const asked = request(options(visitor, '/upload', 'POST', headers), (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () =>
        response.statusCode === 200 ? resolve(Number(text)) : reject(new Error(`answered ${response.statusCode}`)),
      );
    });
    asked.on('error', reject);
    Readable.from(Array.from({ length: mebibytes }, () => MEBIBYTE)).pipe(asked);
  });
}

/** Downloads that many mebibytes. @returns the number of bytes that arrived */
export function download(visitor: Visitor, mebibytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(options(visitor, `/download?mebibytes=${mebibytes}`, 'GET', {}), (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('error', reject);
      response.on('end', () => resolve(bytes));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Reads a stream of events. @returns milliseconds from the request to each event */
export function events(visitor: Visitor, seconds: number): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const asked = request(options(visitor, '/events', 'GET', { accept: 'text/event-stream' }), (response) => {
      const arrived: number[] = [];
      response.on('data', () => arrived.push(performance.now() - begun));
      response.on('error', reject);
      setTimeout(() => {
        resolve(arrived);
        response.destroy();
      }, seconds * 1000);
    });
    asked.on('error', reject);
    asked.end();
  });
}

const options = ({ address, domain, ca }: Visitor, path: string, method: string, headers: object) => ({
  ...{ host: address, port: 443, servername: domain, ca, path, method, agent: false as const },
  headers: { host: domain, ...headers },
});
