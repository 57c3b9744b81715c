import { databaseNames } from '../../charts/secrets/list';
import { certificateFindings, faultsOf } from '../../commands/secrets/faults';
import { wantedSecrets } from '../../commands/secrets/plan';
import { password } from '../../commands/secrets/values';
import { type Found, isNeeded } from '../../commands/secrets/wanted';
import { configFrom } from '../support/configs';

const config = (yaml = '') => configFrom(`name: shop\n${yaml}`);
const faults = (c: ReturnType<typeof config>, found: Record<string, Found> = {}) =>
  faultsOf(wantedSecrets(c), new Map(Object.entries(found)), c);
const USERS = { root: 'r', app: 'a', replication: 'r', monitoring: 'm', backup: 'b' };
const DATABASE = { 'tls.crt': 'c', 'tls.key': 'k', 'ca.crt': 'a' };

test('two passwords differ and need no quoting anywhere', () => {
  expect(password()).toMatch(/^[A-Za-z0-9]{32}$/);
  expect(password()).not.toBe(password());
});

test('databases are named for each way they are reached', () => {
  expect(databaseNames(config())).toEqual(
    expect.arrayContaining([
      'database-primary',
      'database-replica.shop.svc.cluster.local',
      '*.database.shop.svc.cluster.local',
      'localhost',
    ]),
  );
});

test('in an empty cluster everything can be made', () => {
  expect(faults(config())).toEqual([]);
});

test('the copy for the monitoring namespace is made from what is there', async () => {
  const wanted = wantedSecrets(config()).find(({ id }) => id === 'databaseMonitoring');
  expect(
    await wanted?.make?.(
      new Map<string, Found>([
        ['users', USERS],
        ['database', DATABASE],
      ]),
    ),
  ).toEqual({ password: 'm', 'ca.crt': 'a' });
});

test('fails when a Secret lacks a key, naming it, and leaves the Secret alone', () => {
  expect(faults(config(), { users: { ...USERS, backup: '' } })).toEqual([
    expect.stringMatching(/^shop\/database-users: lacks backup;/),
  ]);
});

test('fails when the copy is not that of the present password or CA', () => {
  const stale = { users: USERS, database: DATABASE, databaseMonitoring: { password: 'old', 'ca.crt': 'old' } };
  expect(faults(config(), stale)).toEqual([
    expect.stringMatching(
      /its password is not .* and its ca.crt is not .*\n.*kubectl delete secret database-monitoring/,
    ),
  ]);
});

test('fails when a copy is there whose original is gone: a new original would not agree with it', () => {
  const orphan = { users: USERS, databaseMonitoring: { password: 'm', 'ca.crt': 'a' } };
  expect(faults(config(), orphan)).toEqual([expect.stringMatching('its ca.crt is not that of the databases')]);
});

test('a half-done run is completed: what is there is kept, the rest can be made', () => {
  expect(faults(config(), { users: USERS, database: DATABASE })).toEqual([]);
});

test('fails with everything that is to be supplied at once where Secrets belong to others', () => {
  const found = faults(config('secrets: { create: false }'), { users: { ...USERS, backup: '' } });
  expect(found.map((line) => line.split(/[:\n]/)[0])).toEqual([
    'shop/site-tls',
    'shop/database-tls',
    'shop/database-users',
    'shop-monitoring/database-monitoring',
  ]);
  expect(found[1]).toMatch('--from-file=ca.crt=FILE');
});

test('fails when access to an external service is missing, which cannot be generated', () => {
  const [fault, ...others] = faults(config('monitoring: { services: [{ type: sumologic }] }'));
  expect(others).toEqual([]);
  expect(fault).toMatch(/^shop-monitoring\/monitoring-service: is missing; it must hold sumologic-endpoint/);
  expect(fault).toMatch('kubectl create secret generic monitoring-service -n shop-monitoring --type=Opaque');
});

test('an OTLP endpoint may want no Authorization header: its key has to be there, and may be empty', () => {
  const otlp = config('monitoring: { services: [{ type: otlp, endpoint: "https://otlp.example.org" }] }');
  expect(faults(otlp, { monitoringService: {} })).toEqual([expect.stringMatching('lacks otlp-authorization')]);
  expect(faults(otlp, { monitoringService: { 'otlp-authorization': '' } })).toEqual([]);
});

test('the names of Secrets are those of the configuration', () => {
  const named = config('secrets: { siteTls: own-certificate, databaseMonitoring: own-copy }');
  expect(wantedSecrets(named).map(({ name }) => name)).toEqual([
    'own-certificate',
    'database-tls',
    'database-users',
    'own-copy',
  ]);
});

test('certificates that are made pass the check of those that were supplied', async () => {
  const wanted = wantedSecrets(config());
  const made = await Promise.all(
    wanted
      .filter(({ hosts }) => hosts)
      .map(async ({ id, make }): Promise<[string, Found]> => [id, (await make?.(new Map())) ?? {}]),
  );
  expect(certificateFindings(wanted, new Map(made), Date.now())).toEqual({ faults: [], warnings: [] });
});

describe('mutual TLS between web and app servers', () => {
  const mutual = config('tls: { reencrypt: app }');
  const make = async (found: Map<string, Found>) => {
    for (const { id, make } of wantedSecrets(mutual)) if (!found.has(id) && make) found.set(id, await make(found));
    return found;
  };

  test('needs no Secret unless it is asked for', () => {
    expect(wantedSecrets(config()).map(({ id }) => id)).not.toEqual(expect.arrayContaining(['appTls']));
  });

  test('has certificates of one CA that lasts, so that each can be replaced alone', async () => {
    const found = await make(new Map());
    found.delete('appTls');
    await make(found);
    expect(faultsOf(wantedSecrets(mutual), found, mutual)).toEqual([]);
    expect(certificateFindings(wantedSecrets(mutual), found, Date.now())).toEqual({ faults: [], warnings: [] });
  });

  test('fails when one side does not know the CA of the other', async () => {
    const [one, other] = [await make(new Map()), await make(new Map())];
    one.set('appTls', other.get('appTls') ?? {});
    expect(faultsOf(wantedSecrets(mutual), one, mutual)).toEqual([
      'shop/app-tls: its certificate is unknown to the ca.crt of web-client-tls',
      'shop/web-client-tls: its certificate is unknown to the ca.crt of app-tls',
    ]);
  });

  test('needs no CA where both certificates were supplied', async () => {
    const found = await make(new Map());
    found.delete('internalCa');
    const ca = wantedSecrets(mutual).find(({ id }) => id === 'internalCa');
    expect(ca && isNeeded(ca, found)).toBe(false);
    expect(
      wantedSecrets(config('tls: { reencrypt: app }\nsecrets: { create: false }')).map(({ id }) => id),
    ).not.toContain('internalCa');
  });
});
