import { type ClientHttp2Stream, connect } from 'node:http2';
import type { Load } from './load';
import type { Meter, Place } from './meter';
import type { Network } from './network';

/** The largest flow-control window, so that none ever fills. */
const WINDOW = 2 ** 31 - 1;

/** A slot for one request on a connection. */
interface Stream extends Place {
  /** The newest. */
  request?: ClientHttp2Stream;
}

/**
 * Sends requests over persistent HTTP/2 connections, several at a time on each. Node's client itself costs CPU, which
 * the column `CPU s load` of the bench shows. A server that sends GOAWAY (nginx does after 1,000 requests) gets a new
 * connection at once, and requests that it has not processed are sent again there.
 */
export function askOverHttp2(load: Load, meter: Meter, network: Network): void {
  for (let n = 0; n < load.connections; n++) openSession(load, meter, network);
}

function openSession(load: Load, meter: Meter, network: Network): void {
  const streams = Array.from({ length: load.streams ?? 1 }, (): Stream => {
    const stream: Stream = { since: 0, ask: () => ask(stream) };
    return stream;
  });
  let leaving = false;
  const session = connect(`https://${load.name}`, {
    createConnection: () => network.connect({ protocol: 'h2' }),
    settings: { enablePush: false, initialWindowSize: WINDOW },
  });

  const ask = (stream: Stream): void => {
    // the connection is lost, and its `close` is about to be emitted
    if (session.closed || session.destroyed) {
      meter.askElsewhere(stream);
      return;
    }
    // otherwise Node adds the port
    const request = session.request({ ':authority': load.name, ':path': load.path });
    stream.request = request;
    let good = false;
    request.on('response', (headers) => {
      good = headers[':status'] === 200;
    });
    request.on('error', () => undefined);
    request.on('close', () => {
      // asked elsewhere
      if (stream.since === 0) return;
      const whole = request.rstCode === 0;
      if (!whole && session.destroyed) meter.gone(stream);
      else meter.answered(stream, good && whole);
      if (!session.closed && !session.destroyed) meter.free(stream);
    });
    request.resume();
  };

  session.on('connect', () => {
    if (session.alpnProtocol !== 'h2') throw new Error(`${load.host}:${load.port} does not speak HTTP/2`);
    session.setLocalWindowSize(WINDOW);
    for (const stream of streams) meter.free(stream);
  });
  session.on('goaway', (_, last) => {
    if (!leaving && !meter.over) openSession(load, meter, network);
    leaving = true;
    for (const stream of streams) if (stream.since === 0) meter.gone(stream);
    for (const stream of streams) if (stream.since > 0 && (stream.request?.id ?? 0) > last) meter.askElsewhere(stream);
  });
  session.on('error', () => undefined);
  session.on('close', () => {
    for (const stream of streams) meter.gone(stream);
    if (!leaving) meter.later(() => openSession(load, meter, network));
  });
}
