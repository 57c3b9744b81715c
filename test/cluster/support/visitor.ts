import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Config } from '../../../config';
import { config, kubectl, secretValue } from './kubectl';

/** A visitor's response. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Address of this side of the connection: the address that the site should log. */
  readonly localAddress: string;
  readonly localPort: number;
  /** Subject and fingerprint of the certificate that ended TLS; absent on plain http. */
  readonly certificate?: { readonly fingerprint256: string };
  readonly protocol?: string;
}

/** A visitor outside the cluster: knows only the site's public address, its host name and its CA. */
export class Visitor {
  private constructor(
    /** Address of the load balancer Service. */
    readonly address: string,
    readonly ca: string,
    /** Host name of the site. */
    readonly domain: string,
  ) {}

  /**
   * Finds the site's address: THREEWALL_ADDRESS, or the one that the cluster gave the load balancer's Service.
   * @param site another one than that of the environment under test, which has no THREEWALL_ADDRESS
   */
  static async arrive(site: Pick<Config, 'name' | 'domain' | 'secrets'> = config): Promise<Visitor> {
    const service = JSON.parse(await kubectl(['get', 'service', 'load-balancer', '-n', site.name, '-o', 'json']));
    const ingress = service.status?.loadBalancer?.ingress?.[0];
    const named = site.name === config.name ? process.env.THREEWALL_ADDRESS : undefined;
    const address = named ?? ingress?.ip ?? ingress?.hostname;
    if (!address)
      throw new Error('the load-balancer Service has no address; name one that leads to it in THREEWALL_ADDRESS');
    return new Visitor(address, await secretValue(site.name, site.secrets.siteTls, 'ca.crt'), site.domain);
  }

  /** An agent for many requests over kept connections. */
  agent(connections: number): Agent {
    return new Agent({ keepAlive: true, maxSockets: connections, ca: this.ca });
  }

  get(path: string, options: { agent?: Agent } = {}): Promise<Answer> {
    return this.https('GET', path, undefined, options.agent);
  }

  /** GET with headers of the visitor's own making. */
  getWith(path: string, headers: Record<string, string>): Promise<Answer> {
    return this.https('GET', path, undefined, undefined, headers);
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.https('POST', path, JSON.stringify(body));
  }

  /** GET that must answer 200 with JSON. */
  async json<T>(path: string): Promise<T> {
    const answer = await this.get(path);
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body) as T;
  }

  /** Plain http to port 80. */
  plain(path: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { host: this.address, port: 80, path, headers: { host: this.domain }, timeout: 10_000 };
      const request = httpRequest(options, (response) => {
        const { localAddress = '', localPort = 0 } = response.socket;
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body,
            localAddress,
            localPort,
          }),
        );
      });
      request.on('timeout', () => request.destroy(new Error(`timeout of GET ${path}`)));
      request.on('error', reject);
      request.end();
    });
  }

  private https(method: string, path: string, body?: string, agent?: Agent, headers = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        {
          host: this.address,
          port: 443,
          servername: this.domain,
          ca: this.ca,
          method,
          path,
          agent: agent ?? false,
          timeout: 10_000,
          headers: {
            ...headers,
            host: this.domain,
            ...(body === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          },
        },
        (response) => {
          const socket = response.socket as TLSSocket;
          const { localAddress = '', localPort = 0 } = socket;
          const protocol = socket.getProtocol() ?? undefined;
          const certificate = socket.getPeerCertificate();
          let text = '';
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: text,
              localAddress,
              localPort,
              certificate,
              protocol,
            }),
          );
        },
      );
      request.on('timeout', () => request.destroy(new Error(`timeout of ${method} ${path}`)));
      request.on('error', reject);
      request.end(body);
    });
  }
}

/**
 * Sends `count` GETs over `connections` kept connections.
 * @returns how many answers there were of each status, `error` for none
 */
export async function load(
  visitor: Visitor,
  path: string,
  count: number,
  connections: number,
): Promise<Map<string, number>> {
  const agent = visitor.agent(connections);
  const outcomes = new Map<string, number>();
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const outcome = await visitor.get(path, { agent }).then(
        ({ status }) => String(status),
        (error: NodeJS.ErrnoException) => `error ${error.code ?? error.message}`,
      );
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return outcomes;
}
