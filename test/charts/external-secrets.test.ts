import { readFileSync } from 'node:fs';
import Ajv, { type AnySchemaObject } from 'ajv';
import { EXTERNAL_SECRET } from '../../charts/gitops';
import { project } from '../../commands/gitops/argo-cd';
import { sourceOf } from '../../commands/gitops/source';
import { whyNotFilled } from '../../commands/secrets/external';
import { faultsOf as secretFaults } from '../../commands/secrets/faults';
import { wantedSecrets } from '../../commands/secrets/plan';
import type { Manifest } from '../../reachability/manifest';
import { configOf, faultsOf } from '../support/configs';
import { synthesize } from '../support/manifests';

// biome-ignore lint/suspicious/noExplicitAny: the inside of any object
type Node = any;

const provider = { provider: 'external-secrets', externalSecrets: { store: { name: 'vault' } } };
const config = configOf({
  name: 'shop',
  app: { image: 'registry.example/shop:1.4.2', env: { KEY: { secret: 'random' }, MAIL: { secret: 'mail', key: 'a' } } },
  tls: { reencrypt: 'app' },
  backup: { store: { type: 's3', endpoint: 'https://s3.example.org', bucket: 'shop' } },
  monitoring: { services: [{ type: 'sumologic' }, { type: 'otlp', endpoint: 'https://otlp.example.org' }] },
  secrets: provider,
});
const externals = (of = config): Manifest[] => synthesize(of).filter(({ kind }) => kind === EXTERNAL_SECRET.kind);
const objects: Node[] = externals();

/** Unknown fields, which the API server would drop, are faults. */
const closed = (schema: Node): Node =>
  Array.isArray(schema) || typeof schema !== 'object'
    ? schema
    : {
        ...Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)])),
        ...(schema.properties?.constructor === Object && schema.type === 'object' && schema !== schema.metadata
          ? { additionalProperties: false }
          : {}),
      };

const schema: AnySchemaObject = JSON.parse(readFileSync('test/support/schemas/external-secret.json', 'utf8'));
const ajv = new Ajv({ strict: false, allErrors: true });
const validate = ajv.compile(closed(schema));
const errors = (object: unknown): string[] => {
  validate(object);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};

describe("the schema of the operator's own definition", () => {
  test('accepts every ExternalSecret', () => {
    expect(objects.length).toBeGreaterThan(8);
    expect(objects.flatMap(errors)).toEqual([]);
  });

  test.each([
    [
      'an unknown field',
      (spec: Node) => {
        spec.target.owner = 'me';
      },
    ],
    [
      'a policy that does not exist',
      (spec: Node) => {
        spec.target.creationPolicy = 'Keep';
      },
    ],
    [
      'a key that no Secret may have',
      (spec: Node) => {
        spec.data[0].secretKey = 'a/b';
      },
    ],
    [
      'an entry without a name',
      (spec: Node) => {
        delete spec.data[0].remoteRef.key;
      },
    ],
    [
      'a store of another kind',
      (spec: Node) => {
        spec.secretStoreRef.kind = 'Vault';
      },
    ],
  ])('refuses %s', (_, spoil) => {
    const copy = structuredClone(objects[0]);
    spoil(copy.spec);
    expect(errors(copy)).not.toEqual([]);
  });

  test('adds nothing to what is applied, which Argo CD would report as a difference', () => {
    const filled = structuredClone(objects);
    const fill = new Ajv({ strict: false, useDefaults: true }).compile(schema);
    for (const object of filled) fill(object);
    expect(filled).toEqual(objects);
  });
});

test('each Secret of the one list comes from the store, key by key, in its own namespace and of its type', () => {
  const wanted = wantedSecrets(config);
  expect(
    objects.map(({ metadata, spec }) => [
      `${metadata.namespace}/${spec.target.name}`,
      spec.target.template.type,
      spec.data.map(({ secretKey }: Node) => secretKey),
    ]),
  ).toEqual(wanted.map(({ namespace, name, type, keys }) => [`${namespace}/${name}`, type, keys]));
  expect(wanted.map(({ id }) => id)).not.toContain('internalCa');
});

test('a copy refers to the entries of its originals', () => {
  const { spec }: Node = objects.find(({ metadata }) => metadata.name === 'database-monitoring');
  expect(spec.data.map(({ remoteRef: { key, property } }: Node) => [key, property])).toEqual([
    ['shop/database-users', 'monitoring'],
    ['shop/database-tls', 'ca.crt'],
  ]);
});

test('the Secret outlives its ExternalSecret', () => {
  expect(objects.map(({ spec: { target } }) => [target.creationPolicy, target.deletionPolicy])).toEqual(
    objects.map(() => ['Orphan', 'Retain']),
  );
});

test('a certificate of cert-manager does not come from the store', () => {
  const issued = configOf({
    secrets: provider,
    tls: { certificate: { source: 'cert-manager', issuer: { name: 'own' } } },
  });
  expect(externals(issued).map(({ metadata }) => metadata.name)).not.toContain('site-tls');
});

test('entries may have a prefix without a slash', () => {
  const own = { ...provider, externalSecrets: { ...provider.externalSecrets, prefix: 'shop-' } };
  const [first]: Node[] = externals(configOf({ secrets: own }));
  expect(first.spec.data[0].remoteRef.key).toBe('shop-site-tls');
});

test('nothing is made, and what is missing is said with its entry in the store', () => {
  const lines = secretFaults(wantedSecrets(config), new Map(), config);
  expect(lines).toHaveLength(wantedSecrets(config).length);
  expect(lines.join('\n')).toMatch(
    'comes from the entry shop/database-users of ClusterSecretStore vault, with the properties root, app,',
  );
  expect(lines.join('\n')).not.toMatch('kubectl create secret');
});

test('Argo CD may make ExternalSecrets where they are asked for, and nowhere else', () => {
  const kinds = (of: typeof config): Node[] =>
    (
      project(sourceOf(of, 'production', { repo: 'https://git.example.org/a.git' }), {
        namespace: 'argocd',
        server: 'x',
      }) as Node
    ).spec.namespaceResourceWhitelist;
  expect(kinds(config)).toContainEqual(EXTERNAL_SECRET);
  expect(kinds(configOf())).not.toContainEqual(EXTERNAL_SECRET);
});

describe('an ExternalSecret is filled', () => {
  const state = (status: string, synced: string, message = '') => ({
    metadata: { generation: 2 },
    status: { conditions: [{ type: 'Ready', status, message }], syncedResourceVersion: synced },
  });
  test('when the operator has done what it asks now', () => {
    expect(whyNotFilled(state('True', '2-abc'))).toBeUndefined();
  });
  test.each([
    ['it is gone', undefined, 'it was deleted'],
    ['no operator runs', { metadata: { generation: 1 } }, /does not run or does not see it/],
    ['the store has no such entry', state('False', '2-abc', 'no secret in store'), 'no secret in store'],
    ['what it has done is of before', state('True', '1-abc'), /has not read its last change/],
  ])('but not while %s', (_, found, why) => {
    expect(whyNotFilled(found)).toMatch(why);
  });
});

test.each([
  [{ provider: 'external-secrets' }, /^secrets.externalSecrets: is missing.*name the store/],
  [{ externalSecrets: { store: { name: 'vault' } } }, /must be left out with secrets.provider "kubectl"/],
  [{ provider: 'vault' }, /^secrets.provider: must be .*got "vault"/],
  [{ ...provider, externalSecrets: { store: { name: 'Vault' } } }, /^secrets.externalSecrets.store.name: /],
  [
    { ...provider, externalSecrets: { store: { name: 'vault' }, refreshInterval: '1 hour' } },
    /refreshInterval: must be a time like "1h"/,
  ],
  [{ ...provider, externalSecrets: { store: { name: 'vault' }, prefix: 'a b/' } }, /prefix: must hold letters/],
])('fails for %j', (secrets, message) => {
  expect(faultsOf({ secrets })).toEqual([expect.stringMatching(message)]);
});
