import type { Load } from './load';
import type { Meter, Place } from './meter';
import type { Network } from './network';

/** A request as HTTP/1.1 writes it. */
export const requestOf = ({ path, name }: Load, ...headers: readonly string[]): string =>
  [`GET ${path} HTTP/1.1`, `Host: ${name}`, ...headers, '', ''].join('\r\n');

/** Reads the responses of a connection, which must have a Content-Length. */
export class AnswerReader {
  /** The newest response has status 200. */
  good = false;
  /** The server closes the connection after the newest response. */
  closing = false;
  private head = '';
  /** Missing bytes of the body; -1 while the header is incomplete. */
  private left = -1;

  /** @param chunk one character a byte. @returns whether a response is complete */
  read(chunk: string): boolean {
    if (this.left < 0) {
      this.head += chunk;
      const end = this.head.indexOf('\r\n\r\n');
      if (end < 0) return false;
      const head = this.head.slice(0, end).toLowerCase();
      this.good = head.startsWith('http/1.1 200');
      this.closing = head.includes('\r\nconnection: close');
      this.left = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0) - (this.head.length - end - 4);
      this.head = '';
    } else {
      this.left -= chunk.length;
    }
    if (this.left > 0) return false;
    this.left = -1;
    return true;
  }
}

/** Sends requests over persistent connections, one at a time on each. */
export function askOverKept(load: Load, meter: Meter, network: Network): void {
  const request = requestOf(load);
  const open = (): void => {
    const answer = new AnswerReader();
    const socket = network.connect({ protocol: 'http/1.1' }, () => meter.free(place));
    const place: Place = { since: 0, ask: () => socket.write(request) };
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      if (!answer.read(chunk)) return;
      meter.answered(place, answer.good);
      if (answer.closing) socket.destroy();
      else meter.free(place);
    });
    socket.on('close', () => {
      meter.gone(place);
      if (!answer.closing) meter.later(open);
      else if (!meter.over) open();
    });
  };
  for (let n = 0; n < load.connections; n++) open();
}
