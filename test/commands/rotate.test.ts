import { type Choice, chosenSecret, ROTATED, restartsAfter, whyNotNow } from '../../commands/secrets/rotate';
import { tlsValues } from '../../commands/secrets/values';
import type { Config } from '../../config';
import { configOf } from '../support/configs';
import { synthesize } from '../support/manifests';

let manifests: ReturnType<typeof synthesize> = [];
jest.mock('../../commands/environment', () => ({ environment: jest.fn(), objectsOf: () => manifests }));

const config = configOf({
  name: 'shop',
  app: {
    image: 'registry.example/shop:1.4.2',
    env: { KEY: { secret: 'random' }, SALT: { secret: 'random' }, MAIL: { secret: 'supplied' } },
    workers: { queue: { command: ['work'] } },
  },
  tls: { reencrypt: 'app' },
  backup: { store: { type: 'claim' } },
});
const present = (values: Record<string, string>, annotations: Record<string, string> = {}) => ({
  values,
  version: '1',
  annotations,
});

describe('what may be rotated', () => {
  test.each([
    ['database-users', ['root', 'app', 'replication', 'monitoring', 'backup']],
    ['database-users/app,backup', ['app', 'backup']],
    ['app-random/KEY', ['KEY']],
    ['app-tls', ['tls.crt', 'tls.key', 'ca.crt']],
    ['web-client-tls', ['tls.crt', 'tls.key', 'ca.crt']],
    ['site-tls', ['tls.crt', 'tls.key']],
  ])('%s', (what, keys) => {
    expect(chosenSecret(what, config).keys).toEqual(keys);
  });

  test.each([
    ['nothing', /must be one of site-tls, app-tls, web-client-tls, database-users, app-random, got "nothing"/],
    ['', /must be one of/],
    ['database-users/admin', /has the keys root, app, .*, got "admin"/],
    ['database-users/', /has the keys .*, got ""/],
    ['app-random', /name the keys of app-random, like app-random\/KEY: what one of them has encrypted/],
    ['site-tls/tls.crt', /a certificate and its key change together/],
    ['database-tls', /by hand: clients read its CA/],
    ['internal-ca', /by hand: both sides must trust/],
    ['backup', /by hand: the repositories/],
    ['database-monitoring', /it is a copy/],
    ['app-supplied', /holds what you have supplied/],
  ])('not %j', (what, message) => {
    expect(() => chosenSecret(what, config)).toThrow(message);
  });

  test.each<[string, object]>([
    ['a store', { secrets: { provider: 'external-secrets', externalSecrets: { store: { name: 'vault' } } } }],
    ['a person', { secrets: { create: false } }],
  ])('nothing that belongs to %s', (_, settings) => {
    expect(() => chosenSecret('database-users', configOf(settings))).toThrow(/belongs to another tool/);
  });

  test('no certificate of cert-manager', () => {
    const issued = configOf({ tls: { certificate: { source: 'cert-manager', issuer: { name: 'own' } } } });
    expect(() => chosenSecret('site-tls', issued)).toThrow(/belongs to cert-manager/);
  });
});

describe('values are not replaced', () => {
  const users = chosenSecret('database-users', config);
  const now = Date.parse('2026-11-30T10:00:00Z');

  test('twice within the time in which pods may use the password before', () => {
    const minutesAgo = (minutes: number) => ({ [ROTATED]: new Date(now - minutes * 60_000).toISOString() });
    expect(whyNotNow(users, present({}, minutesAgo(14)), now)).toMatch(/less than 15 minutes ago.*in 1 minutes/);
    expect(whyNotNow(users, present({}, minutesAgo(16)), now)).toBeUndefined();
    expect(whyNotNow(users, present({}), now)).toBeUndefined();
    expect(whyNotNow(users, present({}, { [ROTATED]: 'yesterday' }), now)).toBeUndefined();
  });

  test('when they are a supplied certificate', async () => {
    const site = chosenSecret('site-tls', config);
    const own = await tlsValues(['www.example.org']);
    expect(whyNotNow(site, present(own), now)).toBeUndefined();
    expect(whyNotNow(site, present({ 'tls.crt': own['ca.crt'] ?? '' }), now)).toMatch(/was supplied/);
  });
});

describe('pods that read values at their start alone are restarted', () => {
  const restarts = (what: string, of: Config): string[] => {
    manifests = synthesize(of);
    const choice: Choice = chosenSecret(what, of);
    return restartsAfter(choice, { name: 'test', config: of, manifests: 'none' }).map((args) =>
      args.slice(2).join(' '),
    );
  };
  const collector = 'daemonset/collector -n shop-monitoring';

  test('collectors, and an image that may have the password in its environment', () => {
    const all = ['deployment/app -n shop', 'deployment/worker-queue -n shop', collector];
    expect(restarts('database-users', config)).toEqual(all);
    expect(restarts('database-users/app', config)).toEqual(all.slice(0, 2));
    expect(restarts('app-random/KEY', config)).toEqual(all.slice(0, 2));
  });

  test('nothing of the sample site, which reads the file for each connection, and nothing for certificates', () => {
    expect(restarts('database-users/app', configOf({ name: 'shop' }))).toEqual([]);
    expect(restarts('app-tls', config)).toEqual([]);
    expect(restarts('site-tls', config)).toEqual([]);
  });
});
