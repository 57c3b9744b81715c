import { faultsOf as secretFaults } from '../../commands/secrets/faults';
import { manifestOf } from '../../commands/secrets/in-cluster';
import { wantedSecrets } from '../../commands/secrets/plan';
import { chosenSecret } from '../../commands/secrets/rotate';
import { filled, whyNotInto } from '../../commands/secrets/stream';
import type { Found } from '../../commands/secrets/wanted';
import { configOf, faultsOf } from '../support/configs';

const config = configOf({ name: 'shop', secrets: { provider: 'sops' }, tls: { reencrypt: 'app' } });
const wanted = wantedSecrets(config);
const streamed = async (present: Record<string, Found> = {}, all = false) =>
  (await filled(wanted, new Map(Object.entries(present)), all)).map(([{ id }, values]) => [id, values] as const);
const USERS = { root: 'r', app: 'a', replication: 'r', monitoring: 'm', backup: 'b' };

test('an empty cluster lacks all, and the copies agree with what is generated', async () => {
  const all = new Map(await streamed());
  expect([...all.keys()]).toEqual(wanted.map(({ id }) => id));
  expect(all.get('databaseMonitoring')).toEqual({
    password: all.get('users')?.monitoring,
    'ca.crt': all.get('database')?.['ca.crt'],
  });
  expect(secretFaults(wanted, all, config)).toEqual([]);
});

test('what the cluster has is printed only when all is asked for, with the values that it has', async () => {
  expect((await streamed({ users: USERS })).map(([id]) => id)).not.toContain('users');
  const all = new Map(await streamed({ users: USERS }, true));
  expect(all.get('users')).toEqual(USERS);
  expect(all.get('databaseMonitoring')?.password).toBe('m');
});

test('fails when nothing is left, instead of printing nothing', async () => {
  const all = Object.fromEntries(await streamed());
  await expect(streamed(all)).rejects.toThrow('nothing is missing');
});

test('a manifest is one that kubectl takes', () => {
  const [first] = wanted;
  expect(first && manifestOf(first, { a: 'b' }, config)).toMatchObject({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name: 'site-tls', namespace: 'shop', labels: { 'app.kubernetes.io/managed-by': 'threewall' } },
    stringData: { a: 'b' },
  });
});

const output = (kind: 'FIFO' | 'Socket' | 'File' | 'terminal') => ({
  isFIFO: () => kind === 'FIFO',
  isSocket: () => kind === 'Socket',
  isFile: () => kind === 'File',
});
test('clear values go into a pipe alone', () => {
  expect(whyNotInto(output('FIFO'))).toBeUndefined();
  expect(whyNotInto(output('Socket'))).toBeUndefined();
  expect(whyNotInto(output('File'))).toMatch(/would stand in a file: pipe it into kubeseal or sops/);
  expect(whyNotInto(output('terminal'))).toMatch(/would be shown/);
});

test('nothing is created in the cluster: what is missing is named with the command that prints it', () => {
  const lines = secretFaults(wanted, new Map(), config);
  expect(lines).toHaveLength(wanted.length);
  expect(lines[0]).toMatch(/^shop\/site-tls: is missing;.*\n.*--stream/);
});

test('rotation is refused: the encrypted file is what counts', () => {
  expect(() => chosenSecret('database-users', config)).toThrow(/belongs to another tool \(secrets.provider "sops"/);
});

test('a provider that there is not is refused', () => {
  expect(faultsOf({ secrets: { provider: 'vault' } })).toEqual([
    expect.stringMatching(/"kubectl", "external-secrets", "sealed-secrets" or "sops", got "vault"/),
  ]);
});
