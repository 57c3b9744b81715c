import { port } from '../../../charts/topology';
import type { Copy } from '../../../commands/bench/copy';

/** A request from inside the copy. */
export interface Asked {
  readonly path: string;
  /** @default GET */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The response. */
export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Reads {host, port, name, together, requests} from argv; each request over TLS with a PROXY header, on a connection of its own. */
const ASK = `
const { host, port, name, together, requests } = JSON.parse(process.argv[1]);
const proxy = Buffer.from('0d0a0d0a000d0a515549540a2111000ccb007107cb007108303901bb', 'hex');
const ask = ({ path, method = 'GET', headers = {}, body }) => new Promise((resolve) => {
  const tcp = require('net').connect({ host, port });
  tcp.write(proxy);
  const createConnection = () => require('tls').connect({ socket: tcp, servername: name, rejectUnauthorized: false });
  const options = { method, path, headers: { Host: name, Connection: 'close', ...headers }, createConnection };
  const asked = require('http').request(options, (response) => {
    let text = '';
    response.on('data', (data) => { text += data; });
    response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text.slice(0, 200) }));
  });
  asked.on('error', (error) => resolve({ status: 0, headers: {}, body: error.message }));
  asked.end(body);
});
(async () => {
  const got = [];
  if (together) got.push(...await Promise.all(requests.map(ask)));
  else for (const request of requests) got.push(await ask(request));
  console.log(JSON.stringify(got));
})();`;

/** Asks one web server of the copy, one request after the other or all at once. */
export async function askWebServer(copy: Copy, requests: readonly Asked[], together = false): Promise<Got[]> {
  const { web } = await copy.addresses();
  const argument = { host: web, port: port('web', 'https'), name: copy.config.domain, together, requests };
  return JSON.parse(await copy.run(ASK, argument, 60)) as Got[];
}
