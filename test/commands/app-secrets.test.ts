import { ensureSecrets } from '../../commands/secrets/ensure';
import type { Config } from '../../config';
import { configOf } from '../support/configs';

interface Stored {
  readonly metadata: { readonly name: string; readonly namespace: string; resourceVersion: string };
  data: Record<string, string>;
}

/** A cluster that keeps Secrets in memory, and refuses a change of another version as an API server does. */
const cluster = new Map<string, Stored>();
let meanwhile: (() => void) | undefined;

const encode = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));

jest.mock('../../commands/cluster/kubectl', () => ({
  ...jest.requireActual('../../commands/cluster/kubectl'),
  serverVersion: async () => 'v1.36.0',
  get: async (kind: string, name: string, namespace?: string) =>
    kind === 'namespace' ? { metadata: {} } : structuredClone(cluster.get(`${namespace}/${name}`)),
  kubectl: async ([verb]: string[], { input = '' } = {}) => {
    const { metadata, stringData } = JSON.parse(input);
    if (verb === 'create') {
      const id = `${metadata.namespace}/${metadata.name}`;
      if (cluster.has(id)) throw new Error(`${id} already exists`);
      cluster.set(id, { metadata: { ...metadata, resourceVersion: '1' }, data: encode(stringData) });
      return '';
    }
    meanwhile?.();
    const found = [...cluster.values()].find((one) => one.metadata.name === metadata.name);
    if (!found || found.metadata.resourceVersion !== metadata.resourceVersion) throw new Error('Conflict');
    found.data = { ...found.data, ...encode(stringData) };
    found.metadata.resourceVersion = String(Number(found.metadata.resourceVersion) + 1);
    return '';
  },
}));

const ensure = (config: Config) => ensureSecrets({ name: 'test', config, manifests: 'none' });
const withKeys = (...names: string[]) =>
  configOf({
    name: 'shop',
    app: {
      image: 'registry.example/shop:1.4.2',
      env: Object.fromEntries(names.map((name) => [name, { secret: 'random' }])),
    },
  });
const random = () => cluster.get('shop/app-random')?.data ?? {};

beforeEach(() => {
  cluster.clear();
  meanwhile = undefined;
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => jest.restoreAllMocks());

test('a random key that the app names later is added, and every value that was there stays', async () => {
  await ensure(withKeys('SECRET_KEY'));
  const before = random();
  expect(Object.keys(before)).toEqual(['SECRET_KEY']);

  await ensure(withKeys('SECRET_KEY', 'COOKIE_KEY'));
  const after = random();
  expect(Object.keys(after)).toEqual(['SECRET_KEY', 'COOKIE_KEY']);
  expect(after.SECRET_KEY).toBe(before.SECRET_KEY);
  expect(after.COOKIE_KEY).not.toBe(before.SECRET_KEY);
  expect(console.log).toHaveBeenCalledWith('added COOKIE_KEY to Secret shop/app-random');

  await ensure(withKeys('SECRET_KEY', 'COOKIE_KEY'));
  expect(random()).toEqual(after);
});

test('a key that the app names no longer stays, and is the same when it comes back', async () => {
  await ensure(withKeys('SECRET_KEY', 'COOKIE_KEY'));
  const before = random();
  await ensure(withKeys('SECRET_KEY'));
  expect(random()).toEqual(before);
  await ensure(withKeys('SECRET_KEY', 'COOKIE_KEY'));
  expect(random()).toEqual(before);
});

test('a Secret that another client changes meanwhile is an error, and stays as that client made it', async () => {
  await ensure(withKeys('SECRET_KEY'));
  meanwhile = () => {
    const found = cluster.get('shop/app-random') as Stored;
    found.metadata.resourceVersion = '7';
    found.data = encode({ SECRET_KEY: 'theirs' });
  };
  await expect(ensure(withKeys('SECRET_KEY', 'COOKIE_KEY'))).rejects.toThrow('Conflict');
  expect(random()).toEqual(encode({ SECRET_KEY: 'theirs' }));
});
