import { X509Certificate } from 'node:crypto';
import { password, tlsValues } from '../../commands/secret-values';
import { databaseNames, type Found, faultsOf, wantedSecrets } from '../../commands/secrets-plan';
import { parseConfig } from '../../config';

const config = (yaml = '') => parseConfig(`domain: www.example.org\nname: shop\n${yaml}`, 'test.yaml');
const faults = (c: ReturnType<typeof config>, found: Record<string, Found> = {}) =>
  faultsOf(wantedSecrets(c), new Map(Object.entries(found)), c);
const USERS = { root: 'r', app: 'a', replication: 'r', monitoring: 'm', backup: 'b' };
const DATABASE = { 'tls.crt': 'c', 'tls.key': 'k', 'ca.crt': 'a' };

test('a certificate names its host, is signed by its authority and lives at most 398 days', async () => {
  const values = await tlsValues(['www.example.org', '*.database']);
  const [leaf, authority] = [new X509Certificate(values['tls.crt'] ?? ''), new X509Certificate(values['ca.crt'] ?? '')];
  expect(leaf.subjectAltName).toBe('DNS:www.example.org, DNS:*.database');
  expect(leaf.checkHost('www.example.org')).toBe('www.example.org');
  expect(leaf.checkIssued(authority)).toBe(true);
  expect(leaf.verify(authority.publicKey)).toBe(true);
  expect(authority.ca).toBe(true);
  expect(leaf.ca).toBe(false);
  expect((Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)) / 86_400_000).toBeLessThan(398);
});

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

test('fails when the copy is not that of the present password or authority', () => {
  const stale = { users: USERS, database: DATABASE, databaseMonitoring: { password: 'old', 'ca.crt': 'old' } };
  expect(faults(config(), stale)).toEqual([
    expect.stringMatching('its password is not'),
    expect.stringMatching('its ca.crt is not'),
  ]);
});

test('fails with everything that is to be supplied at once where Secrets belong to others', () => {
  expect(faults(config('secrets: { create: false }'))).toHaveLength(4);
});

test('fails when access to an external service is missing, which nobody can invent', () => {
  const [fault, ...others] = faults(config('monitoring: { services: [{ type: sumologic }] }'));
  expect(others).toEqual([]);
  expect(fault).toMatch(/^shop-monitoring\/monitoring-service: is missing; it must hold sumologic-endpoint/);
});
