import { hasBackup } from '../../charts/backup';
import { scriptFiles } from '../../charts/scripts';
import { get, kubectl, list } from '../../commands/cluster/kubectl';
import { ensureJob } from '../../commands/restore/job';
import { readingFrom, secretFor } from '../../commands/restore/reading';
import type { BackedUp } from '../../commands/restore/source';
import { fetchVolumes, swapVolumes } from '../../commands/restore/volumes';
import { configOf } from '../support/configs';

jest.mock('../../commands/cluster/kubectl', () => ({
  ...jest.requireActual('../../commands/cluster/kubectl'),
  get: jest.fn(),
  list: jest.fn(),
  kubectl: jest.fn(),
}));

const STORES: Readonly<Record<string, object>> = {
  production: { type: 's3', endpoint: 'https://s3.example.org', bucket: 'backups', prefix: 'production/' },
  ssh: { type: 'sftp', host: 'backups.example.org', user: 'shop', path: '/srv/backups' },
  inside: { type: 'restic', repository: 'rest:http://store.backups.svc:8000/inside/', port: 8000 },
  claim: { type: 'claim' },
};
function source(name: string): BackedUp {
  const config = configOf({ name, backup: { store: STORES[name] } });
  if (!hasBackup(config)) throw new Error('no backup');
  return { name, config };
}
const STAGING = { ...source('claim').config, name: 'staging' };

beforeEach(() => {
  for (const mock of [get, kubectl, list]) jest.mocked(mock as jest.Mock).mockReset();
});

/** Answers of the cluster: a Secret, Jobs by their names once they are made, and what else there is. */
function answers(secret: object | undefined, others: Readonly<Record<string, object>> = {}, scripts = SCRIPT): void {
  const made = new Set<string>();
  jest.mocked(get).mockImplementation(async (kind: string, name: string) => {
    if (kind === 'secret') return secret && { data: secret, metadata: { resourceVersion: '1' } };
    if (kind === 'cronjob') return TEMPLATE;
    if (kind === 'configmap') return { data: { 'repository.sh': scripts } };
    if (kind === 'job') return made.has(name) ? { metadata: { name, uid: 'u-1' }, status: DONE } : undefined;
    return others[kind];
  });
  jest.mocked(kubectl).mockImplementation(async ([verb = ''], options) => {
    if (verb === 'create') made.add(JSON.parse(options?.input ?? '').metadata.name);
    return verb === 'logs' ? '[threewall] restored: the volumes of' : '';
  });
  jest.mocked(list).mockImplementation(async (kind: string) => (others[kind] as unknown[]) ?? []);
}
const SCRIPT = scriptFiles('charts/backup/scripts')['repository.sh'] ?? '';
const DONE = { conditions: [{ type: 'Complete', status: 'True' }], succeeded: 1 };
const KEYS = Object.fromEntries(
  ['password', 'access-key-id', 'secret-access-key', 'ssh-key', 'known-hosts'].map((key) => [key, 'cA==']),
);
const fetching = (name: string) => ({ name, volumeMounts: [{ name: 'key', mountPath: '/run/secrets/backup' }] });
const TEMPLATE = {
  spec: {
    jobTemplate: {
      metadata: {},
      spec: {
        template: {
          spec: {
            // of databases and of volumes at once
            containers: [{ name: 'scratch' }, fetching('fetch'), { name: 'swap' }],
            initContainers: [fetching('fetch-databases')],
            volumes: [
              { name: 'conf', configMap: { name: 'backup-1' } },
              { name: 'key', projected: { sources: [{ secret: { name: 'backup' } }] } },
            ],
          },
        },
      },
    },
  },
};
// biome-ignore lint/suspicious/noExplicitAny: manifests, read at many depths
type Node = any;
/** What kubectl was given, with its verb. */
const given = (): [string, Node][] =>
  jest.mocked(kubectl).mock.calls.map(([[verb = ''], options]) => [verb, options?.input && JSON.parse(options.input)]);
const first = (verb: string): Node => given().find(([asked]) => asked === verb)?.[1];
const policyOf = (): Node => first('apply');

test.each([
  [
    'no Secret',
    undefined,
    'there is no Secret backup-from-production in staging; copy the keys password, access-key-id',
  ],
  ['a Secret without a key', { password: 'cA==' }, 'has no key access-key-id, secret-access-key; copy'],
  ['an empty key', { ...KEYS, password: '' }, 'has no key password; copy'],
])('with %s nothing begins', async (_, data, message) => {
  answers(data);
  await expect(readingFrom(source('production'), STAGING)).rejects.toThrow(message);
  expect(kubectl).not.toHaveBeenCalled();
});

test('scripts of an earlier version, which would read the own repository, are not started', async () => {
  answers(KEYS, {}, 'restic() { command restic "$@"; }');
  await expect(readingFrom(source('production'), STAGING)).rejects.toThrow('run `npm run up` first');
  expect(kubectl).not.toHaveBeenCalled();
});

test('the Secret has a name that Kubernetes takes, whatever the file is called', () => {
  const { config } = source('production');
  for (const [file, secret] of [
    ['production', 'backup-from-production'],
    ['Shop_eu.1', 'backup-from-shop-eu-1'],
    ['a shop-', 'backup-from-a-shop'],
  ] as const) {
    expect(secretFor({ name: file, config })).toBe(secret);
  }
});

test.each(['production', 'ssh'])('the Job reads the repository of %s with its keys alone', async (name) => {
  answers(KEYS);
  await ensureJob('staging', 'backup-restore', 'restore-1', await readingFrom(source(name), STAGING));
  const { spec } = first('create').spec.template;
  expect(spec.volumes.find((one: Node) => one.name === 'key').projected.sources[0].secret.name).toBe(
    `backup-from-${name}`,
  );
  for (const container of [spec.initContainers[0], spec.containers[1]]) {
    const variables = Object.fromEntries(container.env.map((one: Node) => [one.name, one.value]));
    expect(variables).toMatchObject({
      FROM_SITE: name,
      FROM_REPOSITORY:
        name === 'ssh'
          ? 'sftp://shop@backups.example.org:22//srv/backups/'
          : 's3:https://s3.example.org/backups/production/',
    });
    expect(container.volumeMounts.some(({ mountPath }: Node) => mountPath === '/etc/passwd')).toBe(name === 'ssh');
  }
  expect(spec.containers[0].volumeMounts ?? []).toEqual([]);
});

test('its pod begins when it can reach the store, and reaches nothing else, as long as the Job is there', async () => {
  answers(KEYS);
  await ensureJob('staging', 'backup-restore', 'restore-1', await readingFrom(source('ssh'), STAGING));
  expect(given().map(([verb]) => verb)).toEqual(['create', 'apply', 'patch']);
  expect(first('create').spec.suspend).toBe(true);
  const policy = policyOf();
  expect(policy.metadata.ownerReferences).toEqual([expect.objectContaining({ kind: 'Job', uid: 'u-1' })]);
  expect(policy.spec.policyTypes).toEqual(['Egress']);
  const [rule, ...more] = policy.spec.egress;
  expect(more).toEqual([]);
  expect(rule.ports).toEqual([{ port: 22, protocol: 'TCP' }]);
  expect(rule.to[0].ipBlock.except).toContain('10.0.0.0/8');
});

test('a store in the cluster is reached by the labels of its pods; one that is not there is said before a Job is made', async () => {
  const service = { metadata: { name: 'store', namespace: 'backups' }, spec: { selector: { app: 'store' } } };
  const slice = { endpoints: [{ addresses: ['10.0.0.9'] }], ports: [{ port: 9000 }] };
  answers(KEYS, { service, endpointslices: [slice] });
  await ensureJob('staging', 'backup-restore', 'restore-1', await readingFrom(source('inside'), STAGING));
  const [{ to, ports }] = policyOf().spec.egress;
  expect(to[0].podSelector).toEqual({ matchLabels: { app: 'store' } });
  expect(ports).toEqual([{ port: 9000, protocol: 'TCP' }]);
  answers(KEYS);
  await expect(readingFrom(source('inside'), STAGING)).rejects.toThrow(
    '--from: its store: host: there is no Service store in backups',
  );
});

test('the Job that fetches volumes reads it as well; the one that swaps them knows nothing of it', async () => {
  answers(KEYS);
  const change = { ...(await readingFrom(source('ssh'), STAGING)), labels: {} };
  await fetchVolumes(STAGING, '1', change, 60, () => undefined);
  await swapVolumes(STAGING, '1', { take: true }, change.labels);
  const [fetch, swap] = given().flatMap(([verb, object]) => (verb === 'create' ? [object] : []));
  expect(policyOf().spec.podSelector.matchLabels).toEqual({ 'batch.kubernetes.io/job-name': 'restore-volumes-1' });
  const [reader] = fetch.spec.template.spec.containers;
  expect(reader.volumeMounts).toContainEqual(expect.objectContaining({ mountPath: '/etc/passwd' }));
  expect(JSON.stringify(fetch)).toContain('backup-from-ssh');
  expect(JSON.stringify(swap)).not.toMatch(/backup-from|FROM_/);
  expect(swap.spec.suspend).toBeUndefined();
});
