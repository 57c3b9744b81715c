import { type Node, templatesOf } from '../../policy/rule';
import { READS, reachOf, secretRules } from '../../policy/secrets';
import type { Manifest } from '../../reachability/manifest';
import { ownApp } from '../support/firewalls';
import { type Environment, environments, synthesize } from '../support/manifests';
import { testRules } from './test-rules';

const all = environments();

testRules(secretRules, all);

const [rule] = secretRules as [(typeof secretRules)[number]];

/** What the rule says of the first environment after a change to the pod of a workload. */
function faultsAfter(workload: string, change: (spec: Node) => void): string[] {
  const [environment] = all as [Environment];
  const manifests = structuredClone(environment.manifests);
  change(templatesOf(manifests).find(({ workload: { metadata } }) => metadata.name === workload)?.spec);
  return rule.faults({ ...environment, manifests });
}

/** Adds a key to a Secret that the pod mounts. */
const withKey =
  (secret: string, key: string) =>
  ({ volumes }: Node): void =>
    volumes.find((volume: Node) => volume.secret?.secretName === secret).secret.items.push({ key, path: key });

test.each<[string, string, (spec: Node) => void]>([
  [
    'the private key of the database beside its CA, in the app',
    'app',
    ({ volumes }) =>
      volumes
        .flatMap(({ projected }: Node) => projected?.sources ?? [])
        .find(({ secret }: Node) => secret?.name === 'database-tls')
        .secret.items.push({ key: 'tls.key', path: 'tls.key' }),
  ],
  ["the databases' private key in a backup", 'backup', withKey('database-tls', 'tls.key')],
  ["root's password in a backup", 'backup', withKey('database-users', 'root')],
  ["root's password in a drill", 'backup-drill', withKey('database-users', 'root')],
  [
    'a Secret mounted whole',
    'web',
    ({ volumes }) => {
      delete volumes.find(({ secret }: Node) => secret).secret.items;
    },
  ],
  [
    "root's password in the environment",
    'app',
    ({ containers }) => {
      containers[0].env.push({ name: 'X', valueFrom: { secretKeyRef: { name: 'database-users', key: 'root' } } });
    },
  ],
  [
    'a whole Secret in the environment',
    'load-balancer',
    ({ containers }) => {
      containers[0].envFrom = [{ secretRef: { name: 'site-tls' } }];
    },
  ],
  [
    "a container that mounts its neighbour's volume",
    'app',
    ({ initContainers }) => {
      initContainers[0].volumeMounts.push({ name: 'database', mountPath: '/x' });
    },
  ],
  [
    'a Secret that is none of the site',
    'web',
    ({ volumes, containers }) => {
      volumes.push({ name: 'other', secret: { secretName: 'other', items: [{ key: 'tls.key', path: 'x' }] } });
      containers[0].volumeMounts.push({ name: 'other', mountPath: '/x' });
    },
  ],
])('the rule sees %s', (_, workload, change) => {
  expect(faultsAfter(workload, change)).not.toEqual([]);
});

describe('an app of its own', () => {
  const own = { name: ownApp.name, config: ownApp.config, manifests: synthesize(ownApp.config) };
  const faults = (workload: string, secretKeyRef: object): string[] => {
    const manifests = structuredClone(own.manifests) as Manifest[];
    const spec: Node = templatesOf(manifests).find(({ workload: { metadata } }) => metadata.name === workload)?.spec;
    const all = [...(spec.initContainers ?? []), ...spec.containers];
    const reader = all.find(({ name }) => name === 'files') ?? spec.containers[0];
    reader.env = [...(reader.env ?? []), { name: 'X', valueFrom: { secretKeyRef } }];
    return rule.faults({ ...own, manifests });
  };

  test.each([
    ['app', { name: 'app-random', key: 'SECRET_KEY' }],
    ['worker-jobs', { name: 'mail', key: 'password' }],
  ])('%s may read what app.env names: %j', (workload, secretKeyRef) => {
    expect(faults(workload, secretKeyRef)).toEqual([]);
  });

  test.each([
    ['app', { name: 'app-random', key: 'OTHER_KEY' }],
    ['app', { name: 'mail', key: 'other' }],
    ['app', { name: 'database-users', key: 'root' }],
    ['worker-jobs', { name: 'database-users', key: 'backup' }],
    ['web', { name: 'app-random', key: 'SECRET_KEY' }],
    ['load-balancer', { name: 'mail', key: 'password' }],
  ])('fails where %s gets more in its environment: %j', (workload, secretKeyRef) => {
    expect(faults(workload, secretKeyRef)).toHaveLength(1);
  });
});

test('every key of the list is reached in some environment', () => {
  const reached = all.flatMap(({ config, manifests }) =>
    templatesOf(manifests).flatMap((template) =>
      reachOf(template).map(({ container, secret, key }) => {
        const role = Object.entries(config.secrets).find(([, name]) => name === secret)?.[0];
        return `${template.workload.metadata.name}/${container} ${role} ${key}`;
      }),
    ),
  );
  const listed = Object.entries(READS).flatMap(([program, roles]) =>
    Object.entries(roles).flatMap(([role, keys]) => keys.map((key) => `${program} ${role} ${key}`)),
  );
  expect(listed.filter((line) => !reached.includes(line))).toEqual([]);
});
