import { askOverNew } from './handshakes';
import { askOverKept } from './http1';
import { askOverHttp2 } from './http2';
import type { Client, Load, Measured, Rounds } from './load';
import { Meter } from './meter';
import { Network } from './network';

/** The load generator, a separate program: it reads `Rounds` from argv and prints their results. */
const CLIENTS: Record<Client, (load: Load, meter: Meter, network: Network) => void> = {
  'http/1.1': askOverKept,
  'http/2': askOverHttp2,
  'full handshake': askOverNew,
  resumption: askOverNew,
};

async function measure(load: Load): Promise<Measured> {
  const meter = new Meter(load.rate);
  const network = new Network(load);
  CLIENTS[load.client ?? 'http/1.1'](load, meter, network);
  const measured = await meter.measure(load);
  network.close();
  return measured;
}

async function main({ loads, rounds }: Rounds): Promise<void> {
  const measured: Measured[][] = [];
  for (let round = 0; round < rounds; round++) measured.push(await Promise.all(loads.map(measure)));
  console.log(JSON.stringify(measured));
  process.exit(0);
}

// a stack trace of a minified program helps no reader
process.on('uncaughtException', ({ message }) => {
  console.error(message);
  process.exit(1);
});
void main(JSON.parse(process.argv[1] ?? '') as Rounds);
