import { TLSSocket } from 'node:tls';
import {
  ACKNOWLEDGED,
  END_HEADERS,
  END_STREAM,
  encode,
  FIRST_WINDOW,
  type Frame,
  FrameReader,
  headerOf,
  KIND,
  MOST,
  SETTINGS,
  STATUS_200,
  uint32,
} from './frames';
import type { Load } from './load';
import type { Meter, Place } from './meter';
import type { Network } from './network';

/** @see https://www.rfc-editor.org/rfc/rfc9113#section-3.4 */
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

interface Stream extends Place {
  good: boolean;
}

/**
 * Asks over kept connections of HTTP/2, several requests at a time on each. It knows just as much of the protocol as is
 * needed here, and costs a third of the CPU of Node's own client. A server that says GOAWAY (nginx does after 1,000 requests)
 * gets a new connection at once, which also takes the requests that the server has not looked at.
 */
export function askOverHttp2(load: Load, meter: Meter, network: Network): void {
  for (let n = 0; n < load.connections; n++) openSession(load, meter, network);
}

function openSession(load: Load, meter: Meter, network: Network): void {
  const header = headerOf(load.name, load.path);
  const reader = new FrameReader();
  /** Requests on their way, by the number of their stream. */
  const asked = new Map<number, Stream>();
  let next = 1;
  let leaving = false;
  /** Bytes of which the server does not know yet that they were read. */
  let read = 0;
  const send = (kind: number, flags: number, stream: number, payload: Buffer): boolean =>
    socket.write(encode({ kind, flags, stream, payload }));

  const streams = Array.from({ length: load.streams ?? 1 }, (): Stream => {
    const stream: Stream = {
      since: 0,
      good: false,
      ask: () => {
        stream.good = false;
        asked.set(next, stream);
        send(KIND.headers, END_HEADERS | END_STREAM, next, header);
        next += 2;
      },
    };
    return stream;
  });

  const socket = network.connect({ protocol: 'h2' }, (ready) => {
    if (!(ready instanceof TLSSocket && ready.alpnProtocol === 'h2'))
      throw new Error(`${load.host}:${load.port} does not speak HTTP/2`);
    socket.write(PREFACE);
    send(KIND.settings, 0, 0, SETTINGS);
    send(KIND.windowUpdate, 0, 0, uint32(MOST - FIRST_WINDOW));
    for (const stream of streams) meter.free(stream);
  });

  const end = (id: number, stream: Stream, good: boolean): void => {
    asked.delete(id);
    meter.answered(stream, good);
    if (!leaving) meter.free(stream);
    else if (asked.size === 0) socket.destroy();
  };

  /** @param last the last stream that the server answers */
  const leave = (last: number): void => {
    if (!leaving && !meter.over) openSession(load, meter, network);
    leaving = true;
    for (const stream of streams) if (stream.since === 0) meter.gone(stream);
    for (const [id, stream] of asked) {
      if (id <= last) continue;
      asked.delete(id);
      meter.askElsewhere(stream);
    }
    if (asked.size === 0) socket.destroy();
  };

  const take = ({ kind, flags, stream: id, payload }: Frame): void => {
    const stream = asked.get(id);
    if (kind === KIND.headers && stream) stream.good ||= payload[0] === STATUS_200;
    if (kind === KIND.data) read += payload.length;
    if (read > MOST / 2) {
      send(KIND.windowUpdate, 0, 0, uint32(read));
      read = 0;
    }
    if (kind === KIND.settings && !(flags & ACKNOWLEDGED)) send(KIND.settings, ACKNOWLEDGED, 0, Buffer.alloc(0));
    if (kind === KIND.ping && !(flags & ACKNOWLEDGED)) send(KIND.ping, ACKNOWLEDGED, 0, payload);
    if (kind === KIND.goAway) leave(payload.readUInt32BE(0) & MOST);
    if (stream && kind === KIND.resetStream) end(id, stream, false);
    else if (stream && (kind === KIND.headers || kind === KIND.data) && flags & END_STREAM)
      end(id, stream, stream.good);
  };

  socket.on('data', (chunk: Buffer) => {
    for (const frame of reader.read(chunk)) take(frame);
  });
  socket.on('close', () => {
    for (const stream of streams) meter.gone(stream);
    if (!leaving) meter.later(() => openSession(load, meter, network));
  });
}
