import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Testing } from 'cdk8s';
import { ALL_APP_PODS, APP_PODS } from '../../charts/app';
import { port } from '../../charts/topology';
import { WebChart } from '../../charts/web';
import { selfSigned } from '../../commands/secrets/certificates';
import type { Config } from '../../config';
import { eventually } from './support/eventually';
import { config, kubectl } from './support/kubectl';

/** A separate namespace: the web servers of this environment before app servers with scripted responses. */
const NAME = `${config.name}-visitors`;
const SECONDS = 6;
const PROGRAMS = 'programs';

const trial: Config = {
  ...config,
  name: NAME,
  web: { ...config.web, replicas: 2, autoscaling: undefined, microCache: undefined },
  tls: { ...config.tls, reencrypt: 'none', certificate: { source: 'secret' } },
};

const program = (name: string): string => readFileSync(join('test/cluster/support', name), 'utf8');

/** Pods of the node image that run one of the programs, or wait to be asked. */
const deployment = (name: string, replicas: number, command: readonly string[], probe?: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: NAME },
  spec: {
    replicas,
    selector: { matchLabels: { trial: name } },
    template: {
      metadata: { labels: { trial: name } },
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 1,
        securityContext: { runAsNonRoot: true, runAsUser: 10199, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name,
            image: config.images.node,
            imagePullPolicy: config.imagePullPolicy,
            command,
            env: [{ name: 'PORT', value: String(trial.app.port) }],
            resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '1', memory: '512Mi' } },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            ...(probe ? { readinessProbe: { periodSeconds: 1, timeoutSeconds: 5, ...probe } } : {}),
            volumeMounts: [{ name: PROGRAMS, mountPath: `/${PROGRAMS}` }],
          },
        ],
        volumes: [{ name: PROGRAMS, configMap: { name: PROGRAMS } }],
      },
    },
  },
});

beforeAll(async () => {
  await remove();
  await kubectl(['create', 'namespace', NAME]);
  const { certificate, key } = await selfSigned([config.domain]);
  const appPort = trial.app.port;
  const items = [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: trial.secrets.siteTls, namespace: NAME },
      stringData: { 'tls.crt': certificate, 'tls.key': key },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: PROGRAMS, namespace: NAME },
      data: { 'app.mjs': program('rude-app.mjs'), 'visitor.mjs': program('rude-visitor.mjs') },
    },
    deployment('app', 2, ['node', `/${PROGRAMS}/app.mjs`], { httpGet: { path: '/ready', port: appPort } }),
    deployment('visitor', 1, ['sleep', 'infinity']),
    ...[APP_PODS, ALL_APP_PODS].map((name) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: NAME },
      spec: {
        clusterIP: 'None',
        publishNotReadyAddresses: name === ALL_APP_PODS,
        selector: { trial: 'app' },
        ports: [{ port: appPort }],
      },
    })),
    ...Testing.synth(new WebChart(Testing.app(), trial, { volume: { name: 'code' } })),
  ];
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
  for (const name of ['app', 'visitor', 'web']) {
    await kubectl(['rollout', 'status', `deployment/${name}`, '-n', NAME, '--timeout=240s'], { seconds: 250 });
  }
  await eventually('visitors are answered', 60, async () => {
    const { others } = await visit('half an answer', 1);
    return Object.keys(others).join() === '200';
  });
}, 400_000);
afterAll(() => remove(), 200_000);

const remove = (): Promise<string> => kubectl(['delete', 'namespace', NAME, '--ignore-not-found'], { seconds: 180 });

interface Visit {
  /** Answers of the others, by status or error. */
  readonly others: Readonly<Record<string, number>>;
  readonly rude: Readonly<Record<string, number>>;
  /** Milliseconds. */
  readonly slowest: number;
}

/** Runs the rude visitor and the others against one web server. */
async function visit(kind: string, seconds = SECONDS): Promise<Visit> {
  const pods = [
    'get',
    'pods',
    '-n',
    NAME,
    '-l',
    `app.kubernetes.io/component=web`,
    '-o',
    'jsonpath={.items[0].status.podIP}',
  ];
  const argument = { host: await kubectl(pods), port: port('web', 'https'), name: config.domain, kind, seconds };
  const run = [
    'exec',
    'deployment/visitor',
    '-n',
    NAME,
    '--',
    'node',
    `/${PROGRAMS}/visitor.mjs`,
    JSON.stringify(argument),
  ];
  return JSON.parse(await kubectl(run, { seconds: seconds + 60 })) as Visit;
}

const BUSY = 'pages that keep each server busy';
/** Kinds of `rude-visitor.mjs`, without the one that takes longer. */
const kinds = [...program('rude-visitor.mjs').matchAll(/^ {2}'(.+)': /gm)]
  .map(([, kind]) => kind as string)
  .filter((kind) => kind !== BUSY);

test('there are rude visitors of every kind', () => {
  expect(kinds.length).toBeGreaterThanOrEqual(10);
});

test.each(kinds)(
  `%s: every other visitor is answered`,
  async (kind) => {
    const { others, rude, slowest } = await visit(kind);
    console.log(
      `${kind}: others ${JSON.stringify(others)}, ${slowest} ms at most; the rude one ${JSON.stringify(rude)}`,
    );
    expect(Object.keys(others)).toEqual(['200']);
    expect(others[200]).toBeGreaterThan(10);
  },
  120_000,
);

/** Seconds until every cache of names knows: of the cluster's DNS 5, of nginx 2; with them for whom it has to last. */
const UNREADY_SECONDS = 25;

test('every other visitor is answered while no app server is ready', async () => {
  const ready = ['get', 'deployment/app', '-n', NAME, '-o', 'jsonpath={.status.readyReplicas}'];
  const [{ others, slowest }] = await Promise.all([
    visit(BUSY, UNREADY_SECONDS),
    eventually('no app server is ready', UNREADY_SECONDS / 2, async () => (await kubectl(ready)) === ''),
  ]);
  console.log(`others ${JSON.stringify(others)}, ${slowest} ms at most`);
  expect(Object.keys(others)).toEqual(['200']);
}, 120_000);
