import { port, type TierName } from '../../../charts/topology';
import { ALIAS, CACHE, CLOSED, DOMAIN, EntryTrial, NEIGHBOURS, NODE_PORTS, SITE } from '../support/entry-trial';
import { eventually } from '../support/eventually';
import { kubectl } from '../support/kubectl';
import { answerOf, hex, PROXIED, type ProxiedAnswer, proxyV1, proxyV2 } from '../support/proxied';
import { CONNECT } from '../support/standins';

/** Documentation addresses, which no host has. @see https://www.rfc-editor.org/rfc/rfc5737 */
const VISITOR = '203.0.113.9';
const OTHER_VISITOR = '198.51.100.7';

let trial: EntryTrial;
beforeAll(async () => {
  trial = await EntryTrial.start();
}, 900_000);
afterAll(() => trial.end(), 900_000);

const plain = { port: NODE_PORTS.http, tls: undefined };

/** Who the app says that asked; without an answer the reason. */
const clientOf = ({ outcome, body }: ProxiedAnswer): string =>
  outcome === '200' ? (JSON.parse(/\{.*\}/s.exec(body)?.[0] ?? '{}') as { client: string }).client : outcome;

/** Runs a program of Node in a pod. */
const run = (name: string, namespace: string, program: string, input: unknown): Promise<string> =>
  kubectl(['exec', '-i', name, '-n', namespace, '--', 'node', '-e', program], { input: JSON.stringify(input) });

test('what contradicts itself is refused with a line each, before anything is applied', async () => {
  const { repository } = trial;
  let good = '';
  repository.edit((text) => {
    good = text;
    return text
      .replace(`aliases: [${ALIAS}]`, `aliases: [${DOMAIN}, ${ALIAS}, ${ALIAS}]`)
      .replace(/from: \[.*/, 'from: [0.0.0.0/0] }')
      .replace(String(NODE_PORTS.http), String(NODE_PORTS.https))
      .replace(`namespace: ${SITE}-neighbour`, `namespace: ${SITE}`);
  });
  const { code, output } = await repository.tryNpm('synth');
  repository.edit(() => good);
  expect(code).toBe(2);
  for (const fault of [
    'aliases[0]: must differ from domain',
    'aliases[2]: must be named once',
    'loadBalancer.proxyProtocol.from[0]: must be narrower',
    'loadBalancer.service.nodePorts.http: must differ',
    'firewall.extraIngress[0].from.namespace: must not be a namespace of the site itself',
  ])
    expect(output).toContain(fault);
});

describe('a PROXY header', () => {
  test.each([
    ['version 1', proxyV1(VISITOR), VISITOR],
    ['version 2', proxyV2(OTHER_VISITOR), OTHER_VISITOR],
  ])(
    'of %s brings the visitor to the app and into the logs of web servers and load balancers',
    async (_, header, client) => {
      expect(clientOf(await trial.ask({ header }))).toBe(client);
      await eventually('both have logged it', 30, async () => {
        const logs = await Promise.all(
          ['web', 'load-balancer'].map((tier) =>
            kubectl(['logs', '-n', SITE, '-l', `app.kubernetes.io/component=${tier}`, '--tail=200', '-c', tier]),
          ),
        );
        return logs.every((log) => log.includes(`"client":"${client}"`));
      });
    },
  );

  test.each([
    ['none', undefined],
    ['half of one', proxyV2(VISITOR).slice(0, 30)],
    ['one whose address is none', hex('PROXY TCP4 here 203.0.113.10 4660 443\r\n')],
    ['one that is too long', hex(`PROXY TCP4 ${'9'.repeat(120)}\r\n`)],
    ['two', proxyV1(VISITOR) + proxyV1(OTHER_VISITOR)],
  ])(
    'is needed once: with %s the connection is closed',
    async (_, header) => {
      expect((await trial.ask({ header })).outcome).toBe('closed');
    },
    60_000,
  );

  test('is needed for plain http as well', async () => {
    expect((await trial.ask(plain)).outcome).toBe('closed');
    const answer = await trial.ask({ ...plain, header: proxyV1(VISITOR), site: ALIAS, path: '/a?b' });
    expect(answer).toMatchObject({ outcome: '301', location: `https://${ALIAS}/a?b` });
  }, 60_000);

  test("of a pod that is not in front is refused; without one the app sees the pod's own address", async () => {
    const host = (await trial.pod('load-balancer')).status.podIP;
    const request = { ...trial.request, host, port: port('load-balancer', 'https', trial.config) };
    const outcomes: string[] = [];
    for (const header of [proxyV1(VISITOR), proxyV2(VISITOR), undefined]) {
      outcomes.push(clientOf(answerOf(await run('proxy', `${SITE}-neighbour`, PROXIED, { ...request, header }))));
    }
    expect(outcomes).toEqual(['closed', 'closed', trial.addressOf('proxy')]);
  }, 120_000);
});

describe('host names', () => {
  const header = proxyV2(VISITOR);

  test.each([ALIAS, ALIAS.toUpperCase(), `${ALIAS}:443`])(
    'the alias %s has the certificate, and leads to the domain with path and query',
    async (site) => {
      const answer = await trial.ask({ header, tls: trial.tls(ALIAS), site, path: '/messages?after=1' });
      expect(answer).toMatchObject({ outcome: '308', location: `https://${DOMAIN}/messages?after=1` });
    },
  );

  test.each([`evil.${DOMAIN}`, `${ALIAS}.evil.test`])('%s has no certificate, and is refused', async (name) => {
    expect((await trial.ask({ header, tls: trial.tls(name), site: name })).outcome).toBe(
      'ERR_TLS_CERT_ALTNAME_INVALID',
    );
    expect((await trial.ask({ header, site: name })).outcome).toBe('421');
  });
});

test('extraIngress lets in the pods that it names, to the ports of their tier, and no other pod anywhere', async () => {
  const names: Partial<Record<TierName, readonly string[]>> = {
    'load-balancer': ['https', 'http', 'metrics'],
    web: ['https', 'metrics'],
    app: ['http'],
    database: ['mysql', 'writer', 'agent'],
  };
  const targets: [what: string, host: string, port: number][] = [];
  for (const [tier, ports] of Object.entries(names) as [TierName, readonly string[]][]) {
    const host = (await trial.pod(tier)).status.podIP ?? '';
    for (const name of ports) targets.push([`${tier} ${name}`, host, port(tier, name, trial.config)]);
  }
  for (const { name, namespace } of NEIGHBOURS) {
    const pairs = targets.map(([, host, number]) => [host, number]);
    const outcomes = JSON.parse(await run(name, namespace, CONNECT, pairs)) as string[];
    const open = targets.map(([what]) => what).filter((_, i) => outcomes[i] !== 'blocked');
    expect([name, open]).toEqual([name, name === 'proxy' ? ['load-balancer https', 'load-balancer http'] : []]);
  }
});

test('extraEgress opens one port of the pods that it names, to one tier', async () => {
  const host = (name: string): string => trial.addressOf(name);
  const targets = [
    [host('cache'), CACHE],
    [host('cache'), CLOSED],
    [host('proxy'), CACHE],
    [host('like-cache'), CACHE],
  ];
  const fromApp = JSON.parse(await run((await trial.pod('app')).metadata.name, SITE, CONNECT, targets)) as string[];
  expect(fromApp).toEqual(['open', 'blocked', 'blocked', 'blocked']);

  // images without Node; what each tier may reach shows that the question works
  const script = 'timeout 4 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null && echo open || echo blocked';
  const own = async (tier: TierName, name: string): Promise<[string, number]> => [
    (await trial.pod(tier)).status.podIP ?? '',
    port(tier, name, trial.config),
  ];
  const cache: [string, number] = [host('cache'), CACHE];
  const rows: [from: TierName, container: string, to: [string, number], wanted: string][] = [
    ['load-balancer', 'load-balancer', await own('web', 'https'), 'open'],
    ['load-balancer', 'load-balancer', cache, 'blocked'],
    ['web', 'web', await own('app', 'http'), 'open'],
    ['web', 'web', cache, 'blocked'],
    ['database', 'database', await own('database', 'mysql'), 'open'],
    ['database', 'database', cache, 'blocked'],
  ];
  for (const [tier, container, [address, number], wanted] of rows) {
    const { name } = (await trial.pod(tier)).metadata;
    const command = ['--', 'bash', '-c', script, '-', address, String(number)];
    const got = await kubectl(['exec', name, '-n', SITE, '-c', container, ...command]);
    expect([tier, number, got.trim()]).toEqual([tier, number, wanted]);
  }
}, 120_000);

describe('ports of the nodes', () => {
  const header = proxyV1(VISITOR);
  const outcomes = async (): Promise<Record<string, string>> => {
    const asked = trial.nodes.map(async ({ name, address }) => [
      name,
      clientOf(await trial.ask({ host: address, header })),
    ]);
    return Object.fromEntries(await Promise.all(asked));
  };

  test('with Local those nodes answer that run a load balancer, and no other', async () => {
    const runs = new Set((await trial.pods('load-balancer')).map(({ spec }) => spec.nodeName));
    const wanted = trial.nodes.map(({ name }) => [name, runs.has(name) ? VISITOR : 'blocked']);
    expect(await outcomes()).toEqual(Object.fromEntries(wanted));
  }, 120_000);

  test('with Cluster every node answers, where the network lets a node pass a visitor on', async () => {
    const { config, repository } = trial;
    repository.edit((text) => text.replace('type: NodePort,', 'type: NodePort, externalTrafficPolicy: Cluster,'));
    if (config.cluster.networkPolicies === 'cilium') {
      const { code, output } = await repository.tryNpm('synth');
      repository.edit((text) => text.replace(' externalTrafficPolicy: Cluster,', ''));
      expect([code, output]).toEqual([
        2,
        expect.stringContaining('loadBalancer.service.externalTrafficPolicy: must be "Local"'),
      ]);
      return;
    }
    await repository.npm('synth');
    await repository.npm('up', 'development');
    const wanted = Object.fromEntries(trial.nodes.map(({ name }) => [name, VISITOR]));
    await eventually('every node answers', 60, async () => {
      expect(await outcomes()).toEqual(wanted);
      return true;
    });
  }, 600_000);
});

test('the alias is served, and not led to the domain, where the settings say so', async () => {
  const { repository } = trial;
  repository.edit((text) => text.replace('unknownHosts: refuse', 'unknownHosts: refuse, aliases: serve'));
  await repository.npm('synth');
  await repository.npm('up', 'development');
  const asked = { header: proxyV1(VISITOR), tls: trial.tls(ALIAS), site: ALIAS };
  await eventually('the alias is served', 60, async () => clientOf(await trial.ask(asked)) === VISITOR);
}, 600_000);

test("a Service of type ClusterIP opens no port of a node, and a proxy of one's own reaches it", async () => {
  const { repository } = trial;
  repository.edit((text) => text.replace(/service: \{ type: NodePort.*/, 'service: { type: ClusterIP }'));
  await repository.npm('synth');
  await repository.npm('up', 'development');
  const { spec } = JSON.parse(await kubectl(['get', 'service', 'load-balancer', '-n', SITE, '-o', 'json'])) as {
    spec: { type: string; clusterIP: string; ports: { name: string; port: number; nodePort?: number }[] };
  };
  expect(spec.type).toBe('ClusterIP');
  expect(spec.ports.filter(({ nodePort }) => nodePort)).toEqual([]);
  const asked = { ...trial.request, host: spec.clusterIP, port: 443 };
  await eventually("the proxy's visitor is answered", 60, async () => {
    expect(clientOf(answerOf(await run('proxy', `${SITE}-neighbour`, PROXIED, asked)))).toBe(trial.addressOf('proxy'));
    return true;
  });
  // not in the firewall's table
  expect(answerOf(await run('like-proxy', `${SITE}-stranger`, PROXIED, asked)).outcome).toBe('blocked');
  await eventually('no node takes what its port took', 60, async () =>
    (await Promise.all(trial.nodes.map(({ address }) => trial.ask({ host: address })))).every(
      ({ outcome }) => outcome === 'blocked',
    ),
  );
}, 600_000);
