import { routerCfg } from '../../charts/app/router-cfg';
import { serversOf } from '../../charts/database/servers';
import { configOf } from '../support/configs';
import { ownApp } from '../support/firewalls';
import { synthesize } from '../support/manifests';

// biome-ignore lint/suspicious/noExplicitAny: manifests, read at many depths
type Node = any;

const IMAGE = 'registry.example/shop:1.4.2';
const objects = (app: object, more: object = {}): Node[] =>
  synthesize(configOf({ app: { image: IMAGE, ...app }, ...more }));
const deployment = (all: Node[], name = 'app'): Node =>
  all.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name).spec;
const podOf = (app: object, more?: object): Node => deployment(objects(app, more)).template.spec;
const containerOf = (app: object, more?: object): Node => podOf(app, more).containers[0];
const own = synthesize(ownApp.config) as Node[];

describe('the environment of an image', () => {
  const env = (app: object): Record<string, Node> =>
    Object.fromEntries(containerOf(app).env.map(({ name, ...rest }: Node) => [name, rest.value ?? rest.valueFrom]));

  test('says where it is, who may be believed, and how to reach the databases', () => {
    expect(env({ port: 3000, connections: 7 })).toMatchObject({
      PORT: '3000',
      SITE_URL: 'https://www.example.org',
      SITE_DOMAIN: 'www.example.org',
      TRUSTED_PROXIES: '10.244.0.0/16',
      DATABASE_PRIMARY_HOST: 'database-primary',
      DATABASE_REPLICA_HOST: 'database-replica',
      DATABASE_CONNECTIONS: '7',
    });
  });

  test('holds the password and the CA only where they are named', () => {
    expect(Object.keys(env({}))).not.toEqual(expect.arrayContaining(['DATABASE_PASSWORD']));
    expect(Object.keys(env({ env: { URL: '$$(DATABASE_PASSWORD)' } }))).not.toContain('DATABASE_PASSWORD');
    expect(env({ env: { URL: 'x$(DATABASE_PASSWORD)' } }).DATABASE_PASSWORD).toEqual({
      secretKeyRef: { name: 'database-users', key: 'app' },
    });
    expect(env({ args: ['--ca=$(DATABASE_CA)'] }).DATABASE_CA).toEqual({
      secretKeyRef: { name: 'database-tls', key: 'ca.crt' },
    });
  });

  test('has each variable after those that it names, because Kubernetes knows only earlier ones', () => {
    const names: string[] = containerOf({ env: { A: '$(B)', B: '$(C)', C: '$(DATABASE_PASSWORD)' } }).env.map(
      ({ name }: Node) => name,
    );
    expect(names.filter((name) => ['A', 'B', 'C', 'DATABASE_PASSWORD'].includes(name))).toEqual([
      'DATABASE_PASSWORD',
      'C',
      'B',
      'A',
    ]);
  });

  test('takes values from Secrets, each by its key alone', () => {
    const values = env({
      env: { KEY: { secret: 'random' }, LICENCE: { secret: 'supplied' }, MAIL: { secret: 'mail', key: 'password' } },
    });
    expect([values.KEY, values.LICENCE, values.MAIL]).toEqual([
      { secretKeyRef: { name: 'app-random', key: 'KEY' } },
      { secretKeyRef: { name: 'app-supplied', key: 'LICENCE' } },
      { secretKeyRef: { name: 'mail', key: 'password' } },
    ]);
  });

  test('has every name once, also where the configuration gives one of its own another value', () => {
    const names = containerOf({ env: { SITE_NAME: 'My shop' } }).env.map(({ name }: Node) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(env({ env: { SITE_NAME: 'My shop' } }).SITE_NAME).toBe('My shop');
  });
});

describe('probes of an image', () => {
  test("ask with the site's Host and scheme", () => {
    const { readinessProbe, livenessProbe, startupProbe } = containerOf({ health: '/up', startSeconds: 90 });
    expect(readinessProbe.httpGet).toEqual({
      path: '/up',
      port: 'http',
      httpHeaders: [
        { name: 'Host', value: 'www.example.org' },
        { name: 'X-Forwarded-Proto', value: 'https' },
      ],
    });
    expect(livenessProbe.tcpSocket).toEqual({ port: 'http' });
    expect(startupProbe).toMatchObject({ failureThreshold: 90, periodSeconds: 1 });
  });

  test('try the port where nothing else is known', () => {
    const { readinessProbe, livenessProbe } = containerOf({});
    expect(readinessProbe.tcpSocket).toEqual({ port: 'http' });
    expect(livenessProbe).toBeUndefined();
  });

  test('end no app whose few workers are all busy with the longest answers', () => {
    const failures = (app: object): number => containerOf({ health: '/up', ...app }).livenessProbe.failureThreshold;
    expect(failures({})).toBe(6);
    expect(failures({ timeoutSeconds: 120 })).toBe(24);
    expect(failures({ timeoutSeconds: 5 })).toBe(3);
  });

  test('may ask at a port of their own', () => {
    const { readinessProbe, livenessProbe, ports } = containerOf({ health: { ready: '/r', live: '/l', port: 8081 } });
    expect([readinessProbe.httpGet.port, livenessProbe.httpGet.port]).toEqual(['health', 'health']);
    expect(ports).toContainEqual({ name: 'health', containerPort: 8081 });
  });
});

describe('folders of an image', () => {
  test('that it writes are empty, have a size, and count as what the container may use', () => {
    const { containers, volumes, initContainers } = podOf({
      writable: ['/tmp', { path: '/cache', size: '512Mi', seed: true }],
    });
    expect(volumes).toContainEqual({ name: 'writable-1', emptyDir: { sizeLimit: '512Mi' } });
    expect(containers[0].volumeMounts).toContainEqual({ name: 'writable-1', mountPath: '/cache' });
    expect(containers[0].resources.limits['ephemeral-storage']).toBe('832Mi');
    expect(initContainers[1]).toMatchObject({ image: IMAGE, command: ['cp', '-R', '/cache/.', '/run/threewall/seed'] });
  });

  test('of one node are left before another pod mounts them', () => {
    const all = objects({ replicas: 1, volumes: { data: { path: '/data', accessMode: 'ReadWriteOnce' } } });
    expect(deployment(all)).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
    expect(deployment(all).strategy).not.toHaveProperty('rollingUpdate');
  });

  test('of one node are not mounted in workers', () => {
    const all = objects({
      replicas: 1,
      volumes: { data: { path: '/data', accessMode: 'ReadWriteOnce' } },
      workers: { jobs: { command: ['x'] } },
    });
    const { containers } = deployment(all, 'worker-jobs').template.spec;
    expect(containers[0].volumeMounts.map(({ mountPath }: Node) => mountPath)).not.toContain('/data');
  });

  test('with a claim that is there make none', () => {
    const all = objects({ volumes: { data: { path: '/data', accessMode: 'ReadWriteMany', claimName: 'nfs' } } });
    expect(
      all.filter(({ kind, metadata }) => kind === 'PersistentVolumeClaim' && metadata.name === 'app-data'),
    ).toEqual([]);
    expect(deployment(all).template.spec.volumes).toContainEqual({
      name: 'volume-data',
      persistentVolumeClaim: { claimName: 'nfs' },
    });
  });
});

describe('the tier worker', () => {
  test("runs workers, schedules and release steps with the same environment, and opens no port but the router's", () => {
    const pods = own
      .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] === 'worker')
      .map(({ spec }) => (spec?.jobTemplate?.spec ?? spec)?.template?.spec)
      .filter(Boolean);
    expect(pods).toHaveLength(4);
    const [{ env }] = deployment(own).template.spec.containers;
    for (const { containers, initContainers } of pods) {
      expect(containers[0].env).toEqual(env);
      expect(containers[0].ports).toBeUndefined();
      expect(initContainers[0].startupProbe.httpGet.path).toBe('/writer');
    }
  });

  test('starts its program when a server says that it takes writes, not when one is found', () => {
    const [gate = ''] = /backend primary\n(?:.+\n)+/.exec(routerCfg(ownApp.config, 'worker')) ?? [];
    expect(gate).toContain('option httpchk GET /primary');
    // a server counts as up as soon as its name is found, unless init-state says otherwise
    expect(gate).toContain('init-state fully-down');
    expect(gate.match(/^ {2}server database-\d \S+:8008 check /gm)).toHaveLength(serversOf(ownApp.config.database));
    expect(routerCfg(ownApp.config, 'worker')).toMatch(/{ path \/writer } { nbsrv\(primary\) gt 0 }/);
    expect(routerCfg(ownApp.config, 'app')).not.toContain('backend primary');
  });

  test("selects each worker by its name: two Deployments must not take each other's pods", () => {
    const selectors = ['worker-jobs', 'worker-mails'].map((name) => deployment(own, name).selector.matchLabels);
    expect(selectors.map((labels) => labels['threewall.dev/worker'])).toEqual(['worker-jobs', 'worker-mails']);
  });

  test('runs release steps one after another, once for each version, before the app', () => {
    const job = own.find(({ kind }) => kind === 'Job');
    const { initContainers, containers, restartPolicy } = job.spec.template.spec;
    expect([...initContainers, ...containers].map(({ command }: Node) => command)).toEqual(
      expect.arrayContaining([['bin/migrate'], ['bin/seed', '--once']]),
    );
    expect(containers[0].command).toEqual(['bin/seed', '--once']);
    expect([restartPolicy, job.spec.backoffLimit]).toEqual(['Never', 0]);
    const wave = (object: Node) => Number(object.metadata.annotations['argocd.argoproj.io/sync-wave']);
    const app = own.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'app');
    const database = own.find(({ kind }) => kind === 'StatefulSet');
    expect(wave(database)).toBeLessThan(wave(job));
    expect(wave(job)).toBeLessThan(wave(app));

    const nameOf = (app: object): string => objects(app).find(({ kind }) => kind === 'Job').metadata.name;
    const release = ['bin/migrate'];
    expect(nameOf({ release })).toBe(nameOf({ release, replicas: 5 }));
    expect(nameOf({ release })).not.toBe(nameOf({ release, image: 'registry.example/shop:1.4.3' }));
  });
});
