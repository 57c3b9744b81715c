import { spawn } from 'node:child_process';
import { eventually } from '../support/eventually';
import { kubectl } from '../support/kubectl';
import { Repository } from '../support/repository';
import { Visitor } from '../support/visitor';

/** A site of its own, whose volumes are of classes of its own. */
const SITE = 'growingtrial';
const MONITORING = `${SITE}-monitoring`;
/** Its class allows expansion, but no driver of this cluster does any: `Driver` stands in for one. */
const GROWS = `${SITE}-grows`;
const STAYS = `${SITE}-stays`;

interface Claim {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
  readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } };
  readonly status: { readonly capacity?: { readonly storage: string } };
}

const claims = async (): Promise<Claim[]> => {
  const all = await Promise.all(
    [SITE, MONITORING].map(async (namespace) =>
      JSON.parse(await kubectl(['get', 'pvc', '-n', namespace, '-o', 'json'])),
    ),
  );
  return all.flatMap(({ items }) => items);
};

/**
 * In place of the resizer of a CSI driver: gives claims the capacity that they ask for. The directories of local-path have no
 * size, so what is tried here are the steps and the API server's answers, not a driver.
 */
class Driver {
  private works = true;
  private readonly loop: Promise<void>;

  constructor() {
    this.loop = this.run();
  }

  private async run(): Promise<void> {
    while (this.works) {
      for (const { metadata, spec, status } of await claims()) {
        const { storage } = spec.resources.requests;
        if (!status.capacity || status.capacity.storage === storage) continue;
        const patch = JSON.stringify({ status: { capacity: { storage } } });
        const where = [metadata.name, '-n', metadata.namespace];
        await kubectl(['patch', 'pvc', ...where, '--subresource=status', '--type=merge', '-p', patch]);
      }
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }

  async stop(): Promise<void> {
    this.works = false;
    await this.loop;
  }
}

let repository: Repository;
const resize = (before: string, after: string): void =>
  repository.edit((text) => text.replaceAll(`size: ${before}`, `size: ${after}`));

beforeAll(async () => {
  const classOf = (name: string, allowVolumeExpansion: boolean) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name, annotations: { defaultVolumeType: 'local' } },
    provisioner: 'rancher.io/local-path',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion,
  });
  const items = [classOf(GROWS, true), classOf(STAYS, false)];
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
  repository = Repository.create(SITE);
  repository.edit((text) =>
    text
      .replaceAll('storage: { size: 2Gi }', `storage: { size: 2Gi, storageClassName: ${GROWS} }`)
      .replace('  store: { type: claim, storage: { size: 2Gi,', '  store: { type: claim, storage: { size: 3Gi,')
      .replace(
        '    - type: prometheus\n',
        [
          '    - type: prometheus',
          '      alertmanager:',
          `        storage: { size: 1Gi, storageClassName: ${STAYS} }`,
          `        receivers: [{ type: webhook, to: { namespace: ${SITE}-receiver, podLabels: { app: absent } }, port: 8080 }]`,
          '',
        ].join('\n'),
      ),
  );
  await repository.npm('synth');
  await kubectl(['apply', '--server-side', '-f', `${repository.folder}/dist/development/00-namespaces.yaml`]);
  const metadata = { name: 'monitoring-service', namespace: MONITORING };
  const stringData = { 'alert-webhook': 'http://192.0.2.1:8080/' };
  const secret = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, stringData });
  await kubectl(['apply', '-f', '-'], { input: secret });
  await repository.npm('up', 'development');
}, 900_000);

afterAll(async () => {
  await repository.npm('down', 'development', '--delete-data', '--yes');
  repository.remove();
  await kubectl(['delete', 'storageclass', GROWS, STAYS, '--ignore-not-found']);
}, 900_000);

const uids = async (kind: string): Promise<Map<string, string>> => {
  const all = await Promise.all(
    [SITE, MONITORING].map(async (namespace) =>
      JSON.parse(await kubectl(['get', kind, '-n', namespace, '-o', 'json'])),
    ),
  );
  const objects = all.flatMap(({ items }) => items as Claim[]);
  return new Map(objects.map(({ metadata }) => [metadata.name, metadata.uid]));
};

test('a size that the volumes cannot have is refused with a line, and nothing is applied', async () => {
  const before = await uids('statefulsets,pods,persistentvolumeclaims');
  let good = '';
  repository.edit((text) => {
    good = text;
    return text
      .replace(`size: 1Gi, storageClassName: ${STAYS}`, `size: 2Gi, storageClassName: ${STAYS}`)
      .replace('size: 3Gi', 'size: 1Gi');
  });
  await repository.npm('synth');
  const { code, output } = await repository.tryNpm('up', 'development');
  expect(code).toBe(2);
  const lines = output.split('\n').filter((line) => line.startsWith('  '));
  expect(lines).toEqual([
    expect.stringMatching(
      `^  monitoring.services\\[0\\].alertmanager.storage.size: must stay 1Gi, got "2Gi"; the StorageClass "${STAYS}"`,
    ),
    expect.stringMatching('^  backup.store.storage.size: must be at least 3Gi, got "1Gi"'),
  ]);
  expect(await uids('statefulsets,pods,persistentvolumeclaims')).toEqual(before);
  repository.edit(() => good);
}, 300_000);

test('killed while volumes grow, it ends right when it runs again: every claim is larger, no row and no claim is lost', async () => {
  const visitor = await Visitor.arrive(repository.config);
  expect((await visitor.post('/messages', { text: 'kept' })).status).toBe(201);
  const before = {
    sets: await uids('statefulsets'),
    claims: await uids('persistentvolumeclaims'),
    pods: await uids('pods'),
  };
  resize('3Gi', '5Gi');
  resize('2Gi', '4Gi');
  await repository.npm('synth');

  const child = spawn('node', ['--import', 'tsx', 'commands/up.ts', 'development'], { cwd: repository.folder });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  await eventually('all claims ask for more', 120, async () => {
    expect(output.match(/asks for [45]Gi/g)).toHaveLength(4);
    return output.includes('has 2Gi');
  });
  child.kill('SIGKILL');
  expect(await uids('statefulsets')).toEqual(before.sets);
  expect(await uids('pods')).toEqual(before.pods);

  const driver = new Driver();
  try {
    output = await repository.npm('up', 'development');
  } finally {
    await driver.stop();
  }
  console.log(
    output
      .split('\n')
      .filter((line) => line.startsWith('volumes:'))
      .join('\n'),
  );
  const sizes = new Map((await claims()).map(({ metadata, status }) => [metadata.name, status.capacity?.storage]));
  expect(Object.fromEntries(sizes)).toEqual({
    'data-database-0': '4Gi',
    'data-database-1': '4Gi',
    'data-monitoring-service-0': '4Gi',
    'data-alertmanager-0': '1Gi',
    backups: '5Gi',
  });
  expect(await uids('persistentvolumeclaims')).toEqual(before.claims);
  const sets = await uids('statefulsets');
  expect(sets.get('alertmanager')).toBe(before.sets.get('alertmanager'));
  expect(sets.get('database')).not.toBe(before.sets.get('database'));
  expect((await visitor.get('/messages?after=0&limit=10')).body).toMatch('kept');
}, 900_000);

test('pods keep running while their StatefulSet is made again', async () => {
  // what a driver did already: only the templates differ
  const name = 'database';
  const before = await uids('pods');
  const live = JSON.parse(await kubectl(['get', 'statefulset', name, '-n', SITE, '-o', 'json']));
  live.spec.volumeClaimTemplates[0].spec.resources.requests.storage = '2Gi';
  const { resourceVersion, uid, managedFields, ...metadata } = live.metadata;
  await kubectl(['delete', 'statefulset', name, '-n', SITE, '--cascade=orphan']);
  const earlier = JSON.stringify({ ...live, metadata, status: undefined });
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: earlier });
  expect(await repository.npm('up', 'development')).toMatch('StatefulSet database makes volumes of 4Gi');
  expect(await uids('pods')).toEqual(before);
  expect(await repository.npm('up', 'development')).not.toMatch('volumes:');
}, 600_000);
