import { applierSql } from '../../commands/import/applier';
import { belongingsOf, jobOf, type Plan } from '../../commands/import/objects';
import { peerOf, sourceOf } from '../../commands/import/source';
import { configOf } from '../support/configs';

/** What the API server and a pod's `getent` answer. */
const answers = new Map<string, unknown>();
jest.mock('../../commands/cluster/kubectl', () => ({
  ...jest.requireActual('../../commands/cluster/kubectl'),
  get: async (kind: string, name: string, namespace: string) => answers.get(`${kind} ${namespace}/${name}`),
  list: async (kind: string, namespace: string) => answers.get(`${kind} ${namespace}`) ?? [],
  kubectl: async ([verb, kind]: string[]) => answers.get(`${verb} ${kind}`) ?? '',
}));

const config = configOf({ name: 'shop', database: { name: 'shop' } });
const plan: Plan = {
  name: 'import-1',
  what: 'abc',
  mode: 'load',
  from: 'old',
  replace: false,
  room: 2 ** 30,
  memory: 1024,
  seconds: 60,
};
type Any = Record<string, never>;
const from = (peer: Awaited<ReturnType<typeof peerOf>>): Plan => ({
  ...plan,
  source: { secret: 'old-server', keys: ['host', 'user', 'password'], peer },
});

beforeEach(() => {
  answers.clear();
  answers.set('get services', '{"items":[]}');
});

describe('the Job', () => {
  const job = jobOf(plan, config) as { metadata: Any; spec: Any };
  const pod = JSON.parse(JSON.stringify(job.spec)).template;

  test('ends and goes by itself, and never runs twice', () => {
    expect(job.spec).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: 60, ttlSecondsAfterFinished: 300 });
  });

  test('is a pod like all others: no rights, no token, and none of the backup tier’s ways', () => {
    expect(pod.spec).toMatchObject({
      automountServiceAccountToken: false,
      restartPolicy: 'Never',
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    const [container] = pod.spec.containers;
    expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
    expect(container.resources.limits).toEqual({ cpu: '2', memory: '1024Mi', 'ephemeral-storage': '1088Mi' });
    expect(pod.metadata.labels).toMatchObject({
      'app.kubernetes.io/instance': 'shop',
      'app.kubernetes.io/component': 'import',
    });
  });

  test('reads the app’s password and no other, and of a source only what is there', () => {
    const keys = (one: Plan) =>
      JSON.parse(JSON.stringify(jobOf(one, config))).spec.template.spec.volumes.flatMap(
        ({ secret }: { secret?: { secretName: string; items: { key: string }[] } }) =>
          secret?.items.map(({ key }) => `${secret.secretName}/${key}`) ?? [],
      );
    expect(keys(plan)).toEqual(['database-users/app', 'database-tls/ca.crt']);
    expect(keys(from({ to: [], ports: [3306] })).slice(2)).toEqual([
      'old-server/host',
      'old-server/user',
      'old-server/password',
    ]);
  });
});

describe('a Job that follows', () => {
  const following: Plan = { ...from({ to: [], ports: [3306] }), follow: 'w0rd' };
  const job = JSON.parse(JSON.stringify(jobOf(following, config)));

  test('goes on in another pod, unless its script gave up', () => {
    expect(job.spec).toMatchObject({
      podFailurePolicy: {
        rules: [
          { action: 'FailJob', onExitCodes: { containerName: 'import', operator: 'In', values: [1] } },
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ],
      },
    });
    expect(job.spec.backoffLimit).toBeGreaterThan(1);
  });

  test('has the password of its account from a Secret that goes with it', () => {
    const items = belongingsOf(following, config, 'uid') as { kind: string; metadata: Any; stringData?: object }[];
    const secret = items.find(({ kind }) => kind === 'Secret');
    expect(secret).toMatchObject({ stringData: { password: 'w0rd' }, metadata: { name: 'import-1' } });
    expect(secret?.metadata.ownerReferences).toHaveLength(1);
    expect(JSON.stringify([job, ...items.filter((one) => one !== secret)])).not.toMatch('w0rd');
    expect(job.spec.template.spec.volumes).toContainEqual({
      name: 'follower',
      secret: { secretName: 'import-1', defaultMode: 0o440, items: [{ key: 'password', path: 'password' }] },
    });
    expect(belongingsOf(plan, config, 'uid')).toHaveLength(3);
  });

  test('may apply a log, but writes into its database only, and expires', () => {
    const sql = applierSql(configOf({ name: 'shop', database: { name: 'my_shop' } }), 'w0rd', 7 * 86_400);
    expect(sql.match(/ ON \S+ TO/g)).toEqual([' ON `my\\_shop`.* TO', ' ON *.* TO']);
    expect(sql).toMatch('GRANT REPLICATION_APPLIER ON *.* TO');
    expect(sql).toMatch(/REQUIRE SSL PASSWORD EXPIRE INTERVAL 8 DAY/);
  });
});

describe('the firewall lets it', () => {
  const policies = (one: Plan) => belongingsOf(one, config, 'uid').slice(1) as { metadata: Any; spec: Any }[];

  test('go to the primary and to names, for as long as its Job is there', () => {
    const [own, database] = policies(plan);
    const to = JSON.stringify(own?.spec);
    expect(JSON.parse(to)).toMatchObject({
      podSelector: { matchLabels: { 'app.kubernetes.io/component': 'import' } },
      policyTypes: ['Egress'],
    });
    expect(JSON.parse(to).egress).toHaveLength(2);
    expect(to).not.toMatch('ipBlock');
    expect(JSON.stringify(database?.spec)).toMatch('"port":3310');
    for (const one of belongingsOf(plan, config, 'uid') as { metadata: Any }[]) {
      expect(one.metadata.ownerReferences).toEqual([
        { apiVersion: 'batch/v1', kind: 'Job', name: 'import-1', uid: 'uid' },
      ]);
      // `up` prunes what bears this label and is in no manifest
      expect(one.metadata.labels).not.toHaveProperty('app.kubernetes.io/managed-by');
    }
  });

  test('go to the server that it copies, at one port', () => {
    const [own] = policies(from({ to: [{ ipBlock: { cidr: '203.0.113.7/32' } }], ports: [3307] }));
    expect(JSON.parse(JSON.stringify(own?.spec)).egress[2]).toEqual({
      to: [{ ipBlock: { cidr: '203.0.113.7/32' } }],
      ports: [{ port: 3307, protocol: 'TCP' }],
    });
  });
});

describe('a server', () => {
  const put = (values: Record<string, string>) =>
    answers.set('secret shop/old', {
      metadata: { resourceVersion: '1' },
      data: Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
      ),
    });
  const account = { user: 'reader', password: 'secret' };

  test('has defaults but for address and account', async () => {
    put({ host: 'db.example.org', ...account });
    expect(await sourceOf('shop', 'old', 'shop')).toEqual({
      secret: 'old',
      host: 'db.example.org',
      port: 3306,
      database: 'shop',
      keys: ['host', 'user', 'password'],
    });
  });

  test.each([
    [undefined, /there is no Secret old in shop; make it: kubectl create secret generic old -n shop/],
    [{ host: 'db' }, /has no key user; has no key password/],
    [{ host: 'db;rm -rf /', ...account }, /host: must be a name or an IPv4 address, got "db;rm -rf \/"/],
    [{ host: '-oProxy', ...account }, /host: must be/],
    [{ host: 'db', port: '99999', ...account }, /port: must be 1 to 65535, got "99999"/],
    [{ host: 'db', database: 'a`b', ...account }, /database: must be letters/],
  ])('of the Secret %j is refused', async (values, fault) => {
    if (values) put(values as Record<string, string>);
    await expect(sourceOf('shop', 'old', 'shop')).rejects.toThrow(fault);
    await expect(sourceOf('shop', 'old', 'shop')).rejects.toMatchObject({ name: 'UsageError' });
  });

  const peer = (host: string) =>
    peerOf({ secret: 'old', host, port: 3306, database: 'shop', keys: [] }, 'shop', 'database-0');

  test('outside is named by its address', async () => {
    expect(await peer('203.0.113.7')).toEqual({ to: [{ ipBlock: { cidr: '203.0.113.7/32' } }], ports: [3306] });
  });

  test('outside with a name is named by its addresses, and the pod meets the same one', async () => {
    answers.set('exec database-0', '203.0.113.7  STREAM db.example.org\n203.0.113.7  DGRAM\n203.0.113.8  STREAM\n');
    expect(await peer('db.example.org')).toEqual({
      to: [{ ipBlock: { cidr: '203.0.113.7/32' } }, { ipBlock: { cidr: '203.0.113.8/32' } }],
      ports: [3306],
      aliases: [{ ip: '203.0.113.7', hostnames: ['db.example.org'] }],
    });
    answers.clear();
    await expect(peer('gone.example.org')).rejects.toThrow('"gone.example.org" has no IPv4 address');
  });

  test('of the cluster is named by the labels of its pods, and their port', async () => {
    const service = {
      metadata: { name: 'mysql', namespace: 'theirs' },
      spec: { clusterIP: '10.96.0.9', selector: { app: 'mysql' } },
    };
    answers.set('service theirs/mysql', service);
    answers.set('get services', JSON.stringify({ items: [service] }));
    answers.set('endpointslices theirs', [{ endpoints: [{ addresses: ['10.0.0.5'] }], ports: [{ port: 3399 }] }]);
    const expected = {
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'theirs' } },
          podSelector: { matchLabels: { app: 'mysql' } },
        },
      ],
      ports: [3399],
    };
    expect(await peer('mysql.theirs.svc')).toEqual(expected);
    expect(await peer('mysql.theirs.svc.cluster.local')).toEqual(expected);
    expect(await peer('10.96.0.9')).toEqual(expected);
    await expect(peer('other.theirs.svc')).rejects.toThrow('there is no Service other in theirs');
  });
});
