import { TLSSocket } from 'node:tls';
import { AnswerReader, requestOf } from './http1';
import type { Load } from './load';
import type { Meter, Place } from './meter';
import type { Network } from './network';

/**
 * Sends each request over a new connection. The server closes it, as requested: the side that closes first keeps the
 * port for a minute, so otherwise the load generator would run out of ports.
 */
export function askOverNew(load: Load, meter: Meter, network: Network): void {
  const request = requestOf(load, 'Connection: close');
  for (let n = 0; n < load.connections; n++) {
    let session: Buffer | undefined;
    const place: Place = {
      since: 0,
      ask: () => {
        const answer = new AnswerReader();
        const socket = network.connect({ protocol: 'http/1.1', session }, () => socket.write(request));
        socket.setEncoding('latin1');
        if (load.client === 'resumption') {
          socket.on('session', (given: Buffer) => {
            session = given;
          });
        }
        socket.on('data', (chunk: string) => {
          if (answer.read(chunk))
            meter.answered(place, answer.good, socket instanceof TLSSocket && socket.isSessionReused());
        });
        socket.on('close', () => {
          if (meter.gone(place)) meter.later(() => meter.free(place));
          else meter.free(place);
        });
      },
    };
    meter.free(place);
  }
}
