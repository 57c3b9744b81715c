import { request } from 'node:https';
import { namespaceOf } from '../../charts/names';
import type { TierName } from '../../charts/topology';
import { eventually } from './support/eventually';
import { config, kubectl, readyPods } from './support/kubectl';
import { Visitor } from './support/visitor';

const TIERS = ['load-balancer', 'web', 'app'] as const;

/** Lines of every pod of a tier since the tests began. */
async function linesOf(tier: TierName, seconds: number): Promise<string[]> {
  const namespace = namespaceOf(tier, config);
  const logs = await Promise.all(
    (await readyPods(tier)).map(({ metadata }) =>
      kubectl(['logs', metadata.name, '-n', namespace, '--all-containers', `--since=${seconds}s`]),
    ),
  );
  return logs.flatMap((log) => log.split('\n').filter((line) => line !== ''));
}

/** The JSON lines in which `field` is `value`. */
const withField = (lines: readonly string[], field: string, value: string): Record<string, unknown>[] =>
  lines.flatMap((line) => {
    try {
      const object = JSON.parse(line) as Record<string, unknown>;
      return object[field] === value ? [object] : [];
    } catch {
      return [];
    }
  });

let visitor: Visitor;
const started = Date.now();
const since = (): number => Math.ceil((Date.now() - started) / 1000) + 5;
beforeAll(async () => {
  visitor = await Visitor.arrive();
});

test('a request has an id of its own, and its connection one that stands in the logs of all three tiers', async () => {
  const answer = await visitor.getWith('/messages?after=-1', { 'x-request-id': 'forged', 'x-connection-id': 'forged' });
  expect(answer.status).toBe(400);
  const id = String(answer.headers['x-request-id']);
  expect(id).toMatch(/^[0-9a-f]{32}$/);

  const connection = await eventually('web and app have logged the request', 20, async () => {
    const [web] = withField(await linesOf('web', since()), 'request_id', id);
    const [app] = withField(await linesOf('app', since()), 'request_id', id);
    if (!web || !app) throw new Error(`web: ${web !== undefined}, app: ${app !== undefined}`);
    expect(app.connection_id).toBe(web.connection_id);
    expect(app.path).toBe('/messages');
    return String(web.connection_id);
  });
  expect(connection).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const [line] = await eventually('the load balancer has logged the connection', 20, async () => {
    const found = withField(await linesOf('load-balancer', since()), 'connection_id', connection);
    return found.length === 1 && found;
  });
  // a proxy in front of the cluster that hides the visitor's address hides the port as well
  if (!process.env.THREEWALL_CLIENT_ADDRESS) expect(line?.client_port).toBe(answer.localPort);
});

test('two requests of one connection share its id and have each their own', async () => {
  const agent = visitor.agent(1);
  const ids = [await visitor.get('/whoami', { agent }), await visitor.get('/whoami', { agent })].map(({ headers }) =>
    String(headers['x-request-id']),
  );
  agent.destroy();
  expect(new Set(ids).size).toBe(2);
  await eventually('both are logged', 20, async () => {
    const lines = await linesOf('app', since());
    const connections = ids.map((id) => withField(lines, 'request_id', id)[0]?.connection_id);
    return connections[0] !== undefined && connections[0] === connections[1];
  });
});

test('cookies, credentials, queries and bodies are in no log of any tier', async () => {
  const secret = `hush-${Date.now()}`;
  const query = `/messages?password=${secret}-query&limit=x`;
  const answer = await new Promise<{ status?: number; id: string }>((resolve, reject) => {
    const sent = request(
      {
        host: visitor.address,
        servername: config.domain,
        ca: visitor.ca,
        agent: false,
        method: 'POST',
        path: query,
        headers: {
          host: config.domain,
          authorization: `Bearer ${secret}-authorization`,
          'proxy-authorization': `Basic ${secret}-proxy`,
          cookie: `session=${secret}-cookie`,
          referer: `https://${config.domain}/?token=${secret}-referer`,
          'x-api-key': `${secret}-key`,
          'content-type': 'application/json',
        },
      },
      (response) => {
        response.resume();
        resolve({ status: response.statusCode, id: String(response.headers['x-request-id']) });
      },
    );
    sent.on('error', reject);
    // refused because `text` is missing: refused input is tempting to log
    sent.end(JSON.stringify({ password: `${secret}-body` }));
  });
  expect(answer.status).toBe(400);
  await eventually('the request is logged', 20, async () => {
    return withField(await linesOf('app', since()), 'request_id', answer.id).length === 1;
  });
  for (const tier of [...TIERS, 'database', 'monitoring'] as const) {
    const leaked = (await linesOf(tier, since())).filter((line) => line.includes(secret));
    expect({ tier, leaked }).toEqual({ tier, leaked: [] });
  }
});
