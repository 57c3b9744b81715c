// The program of the trial's pod: controlled over HTTP on its loopback, which a port-forward reaches.
import { createServer } from 'node:http';
import { bulkChecksum, clear, crowd, fill, missing, prepare, states } from './ask';
import type { Journal, Pace } from './journal';
import { now, reasonOf } from './session';
import { TrialTraffic } from './traffic';

let traffic: TrialTraffic | undefined;
let journal: Journal | undefined;

/** What the client can be asked for, by path. The parameter is the request's JSON. */
const COMMANDS: Readonly<Record<string, (input: never) => Promise<unknown>>> = {
  '/start': async (pace: Pace) => {
    await prepare();
    traffic = new TrialTraffic(pace);
  },
  '/progress': async () => {
    const { writes = [], failedWrites = [] } = traffic?.journal ?? {};
    return { acknowledged: writes.length, failed: failedWrites.length, last: writes.at(-1), now: now() };
  },
  '/stop': async () => {
    journal = await traffic?.stop();
    traffic = undefined;
    return journal;
  },
  '/missing': async ({ server, also }: { server: string; also: readonly number[] }) =>
    missing(server, [...(journal?.writes.map(({ id }) => id) ?? []), ...also]),
  '/states': states,
  '/prepare': prepare,
  '/clear': clear,
  '/fill': ({ mebibytes }: { mebibytes: number }) => fill(mebibytes),
  '/checksum': ({ server }: { server: string }) => bulkChecksum(server),
  '/crowd': ({ count, seconds }: { count: number; seconds: number }) => crowd(count, seconds),
};

createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const command = COMMANDS[request.url ?? ''];
  try {
    if (!command) throw new Error(`no command ${request.url}`);
    const answer = await command(JSON.parse(body || 'null') as never);
    response.end(JSON.stringify(answer ?? null));
  } catch (error) {
    response.statusCode = 500;
    response.end(`${request.url}: ${reasonOf(error)}: ${(error as Error).message}`);
  }
}).listen(Number(process.env.CONTROL_PORT), '127.0.0.1', () => console.log('listens'));
process.on('unhandledRejection', (error) => console.error(error));
