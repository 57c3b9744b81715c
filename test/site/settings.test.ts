import { join } from 'node:path';
import { readSettings, SettingsError } from '../../site/settings';

const file = join(process.cwd(), 'package.json');
const least = { DATABASE_PASSWORD_FILE: file, DATABASE_CA_FILE: file };

const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readSettings(env);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
};

test('two files are all that must be named, everything else has a default', () => {
  expect(readSettings({ ...least, POD_NAME: 'app-0' })).toEqual({
    port: 8080,
    metricsPort: 9464,
    primaryHost: 'database-primary',
    replicaHost: 'database-replica',
    primaryPort: 3306,
    replicaPort: 3306,
    databaseName: 'site',
    databaseUser: 'app',
    passwordFile: file,
    caFile: file,
    connections: 10,
    podName: 'app-0',
    siteName: 'Threewall',
    drainSeconds: 5,
    staticDir: undefined,
    tlsDir: undefined,
    tlsClientName: undefined,
  });
});

test('an empty variable counts as unset, and the replica has the port of the primary unless it is set', () => {
  expect(readSettings({ ...least, PORT: '', DATABASE_PORT: '3307' })).toMatchObject({ port: 8080, replicaPort: 3307 });
});

test('fails with all faults at once, each with the variable, what is allowed and what was given', () => {
  const faults = faultsOf({ PORT: '70000', DATABASE_CONNECTIONS: '1', DATABASE_PRIMARY_HOST: 'a b', STATIC_DIR: file });
  expect(faults).toHaveLength(6);
  expect(faults).toContain('PORT: must be a whole number from 0 to 65535, got "70000"');
  expect(faults).toContain('DATABASE_PRIMARY_HOST: must be a DNS name, got "a b"');
  expect(faults).toContain('DATABASE_CONNECTIONS: must be a whole number from 2 to 200, got "1"');
  expect(faults).toContain(`STATIC_DIR: must name a readable folder, got ${file}`);
});

test('fails when a file cannot be read', () => {
  expect(faultsOf({ ...least, DATABASE_CA_FILE: '/nowhere/ca.crt' })).toEqual([
    expect.stringMatching(/^DATABASE_CA_FILE: must name a readable file .* got \/nowhere\/ca\.crt$/),
  ]);
});

test('fails when both servers would listen on one port', () => {
  expect(faultsOf({ ...least, PORT: '9464' })).toEqual(['METRICS_PORT: must differ from PORT, got 9464 for both']);
});

test('TLS needs both its folder and the name of its clients', () => {
  const both = { TLS_DIR: process.cwd(), TLS_CLIENT_NAME: 'web.shop.svc' };
  expect(readSettings({ ...least, ...both })).toMatchObject({ tlsDir: process.cwd(), tlsClientName: 'web.shop.svc' });
  expect(faultsOf({ ...least, TLS_DIR: process.cwd() })).toEqual([
    'TLS_CLIENT_NAME: must be set with TLS_DIR, but is not set',
  ]);
  expect(faultsOf({ ...least, TLS_CLIENT_NAME: 'web' })).toEqual([
    'TLS_DIR: must be set with TLS_CLIENT_NAME, but is not set',
  ]);
});
