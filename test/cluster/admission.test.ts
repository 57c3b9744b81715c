import { App } from 'cdk8s';
import { AdmissionChart } from '../../charts/admission';
import { Namespaces } from '../../charts/namespaces';
import { namespacesOf } from '../../config/namespaces';
import { configOf } from '../support/configs';
import { synthesize } from '../support/manifests';
import { eventually } from './support/eventually';
import { kubectl } from './support/kubectl';

// biome-ignore lint/suspicious/noExplicitAny: the inside of any object
type Node = any;

const config = configOf({
  name: 'admission-trial',
  cluster: { admissionPolicies: true },
  backup: { store: { type: 'claim' } },
  app: { image: 'registry.example/shop:1', workers: { queue: { command: ['work'] } } },
  monitoring: { services: [{ type: 'prometheus' }] },
});

/** Every pod that the manifests make, without the ServiceAccount, which is not there. */
const pods: Node[] = synthesize(config).flatMap(({ metadata, spec }: Node) => {
  const template = spec?.template ?? spec?.jobTemplate?.spec.template;
  if (!template) return [];
  const { serviceAccountName: _, ...rest } = template.spec;
  const claimed = (spec.volumeClaimTemplates ?? []).map(({ metadata: { name } }: Node) => ({ name, emptyDir: {} }));
  return [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: metadata.name, namespace: metadata.namespace, labels: template.metadata.labels },
      spec: { ...rest, restartPolicy: 'Never', volumes: [...(rest.volumes ?? []), ...claimed] },
    },
  ];
});
const pod = (name: string): Node => structuredClone(pods.find(({ metadata }) => metadata.name === name));

/** What the API server says of a pod that it would make, empty when it takes it. */
const said = (one: Node): Promise<string> =>
  kubectl(['create', '--dry-run=server', '-f', '-'], { input: JSON.stringify(one) }).then(
    () => '',
    (error: Error) => error.message,
  );

const spoiled = (name: string, spoil: (one: Node) => void): Node => {
  const one = pod(name);
  spoil(one);
  return one;
};

beforeAll(async () => {
  const app = new App();
  new Namespaces(app, config);
  new AdmissionChart(app, config);
  const items = app.charts.flatMap((chart) => chart.toJson());
  await kubectl(['apply', '--server-side', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  });
  const stranger = spoiled('web', ({ metadata }) => delete metadata.labels);
  await eventually('the policy is in force', 60, async () => (await said(stranger)).includes('labels of a tier'));
  await eventually('the ServiceAccounts are there', 60, async () => (await said(pod('web'))) === '');
}, 180_000);

afterAll(async () => {
  const name = `${config.name}-pods`;
  await kubectl(['delete', 'validatingadmissionpolicybinding,validatingadmissionpolicy', name, '--ignore-not-found']);
  await kubectl(['delete', 'namespace', ...namespacesOf(config), '--ignore-not-found', '--wait=false']);
}, 120_000);

test('every pod of the manifests is taken', async () => {
  expect(pods.length).toBeGreaterThan(8);
  const answers = await Promise.all(pods.map(async (one) => [one.metadata.name, await said(one)]));
  expect(answers.filter(([, answer]) => answer)).toEqual([]);
});

// the monitoring namespace, where Pod Security refuses nothing
test.each<[string, RegExp, (one: Node) => void]>([
  [
    'a privileged container',
    /no container may be privileged/,
    ({ spec }) => {
      spec.containers[0].securityContext = { privileged: true };
    },
  ],
  [
    'a container that may gain privileges',
    /no container may be privileged/,
    ({ spec }) => {
      delete spec.containers[0].securityContext.allowPrivilegeEscalation;
    },
  ],
  [
    'a container without a security context',
    /no container may be privileged/,
    ({ spec }) => {
      delete spec.containers[0].securityContext;
    },
  ],
  [
    'a capability',
    /no container may be privileged/,
    ({ spec }) => {
      spec.containers[0].securityContext.capabilities.add = ['NET_RAW'];
    },
  ],
  [
    'a privileged container that starts before',
    /no container may be privileged/,
    ({ spec }) => {
      const { image } = spec.containers[0];
      spec.initContainers = [{ name: 'before', image, securityContext: { privileged: true } }];
    },
  ],
  [
    "the node's network",
    /no pod may use the node's network/,
    ({ spec }) => {
      spec.hostNetwork = true;
      for (const { ports = [] } of spec.containers) for (const one of ports) one.hostPort = one.containerPort;
    },
  ],
  [
    'a folder of the node',
    /no pod may mount a folder of the node/,
    ({ spec }) => {
      spec.volumes = [...(spec.volumes ?? []), { name: 'root', hostPath: { path: '/' } }];
    },
  ],
  [
    'a foreign registry',
    /images must come from/,
    ({ spec }) => {
      spec.containers[0].image = 'evil.example/library/nginx:1';
    },
  ],
  [
    'a repository that begins like one of ours',
    /images must come from/,
    ({ spec }) => {
      spec.containers[0].image = `${spec.containers[0].image.split(':')[0]}-evil:1`;
    },
  ],
  ['no labels', /labels of a tier/, ({ metadata }) => delete metadata.labels],
  [
    'the labels of another site',
    /labels of a tier/,
    ({ metadata }) => {
      metadata.labels['app.kubernetes.io/part-of'] = 'other';
    },
  ],
  [
    "another namespace's tier",
    /labels of a tier/,
    ({ metadata }) => {
      metadata.labels = pod('web').metadata.labels;
    },
  ],
])('refuses %s', async (_, message, spoil) => {
  expect(await said(spoiled('collector', spoil))).toMatch(message);
});

test('another namespace is left alone', async () => {
  const one = spoiled('collector', ({ metadata }) => {
    delete metadata.labels;
    metadata.namespace = 'default';
  });
  expect(await said(one)).toBe('');
});
