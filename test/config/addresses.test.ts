import { faultsOf } from '../support/configs';

const otlp = (endpoint: string) => ({ monitoring: { services: [{ type: 'otlp', endpoint }] } });
const store = (more: object) => ({ backup: { store: { type: 's3', bucket: 'site', ...more } } });
const restic = (repository: string) => ({ backup: { store: { type: 'restic', repository } } });
const ODD = 'must have no user, password, query, space, quote, "$" and "\\" (what is secret belongs into a Secret)';

test.each([
  'https://me:secret@example.org',
  'https://me@example.org:4318',
  'https://example.org/a?token=secret',
  'https://example.org/$ENV',
  'https://example.org/$(A)',
  "https://example.org/a'b",
  'https://example.org/a b',
])('no manifest holds the address %s', (address) => {
  const got = `, got "${address}"`;
  expect(faultsOf(otlp(address))).toEqual([`monitoring.services[0].endpoint: ${ODD}${got}`]);
  expect(faultsOf(store({ endpoint: address }))).toEqual([`backup.store.endpoint: ${ODD}${got}`]);
});

test.each(['https://example.org', 'https://example.org:4318/v1/otlp', 'https://[2001:db8::1]:9000'])(
  '%s is an address',
  (address) => {
    expect([...faultsOf(otlp(address)), ...faultsOf(store({ endpoint: address }))]).toEqual([]);
  },
);

test('a region is one word of the environment', () => {
  const endpoint = 'https://s3.example.org';
  expect(faultsOf(store({ endpoint, region: 'eu-central-1' }))).toEqual([]);
  expect(faultsOf(store({ endpoint, region: 'a b;$(x)' }))).toEqual([
    'backup.store.region: must be the name of a region, like "eu-central-1", got "a b;$(x)"',
  ]);
});

test("a restic repository's address holds no password", () => {
  expect(faultsOf(restic('rest:https://backup.example.org/site/'))).toEqual([]);
  expect(faultsOf(restic('rest:https://me:secret@backup.example.org/'))).toEqual([
    expect.stringMatching('^backup.store.repository: must have no user and password'),
  ]);
});
