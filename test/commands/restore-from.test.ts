import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { hasBackup } from '../../charts/backup';
import type { WithBackup } from '../../charts/backup/pods';
import { UsageError } from '../../commands/command';
import { type BackedUp, type Share, shareOf, sourceOf } from '../../commands/restore/source';
import { configOf } from '../support/configs';

const s3 = (prefix: string) => ({ type: 's3', endpoint: 'https://s3.example.org', bucket: 'backups', prefix });
const SFTP = { type: 'sftp', host: 'backups.example.org', user: 'shop', path: '/srv/backups' };
const volumes = (...names: readonly string[]) => ({
  volumes: Object.fromEntries(names.map((name) => [name, { path: `/srv/${name}`, accessMode: 'ReadWriteMany' }])),
});

function withBackup(settings: object): WithBackup {
  const config = configOf(settings);
  if (!hasBackup(config)) throw new Error('no backup');
  return config;
}
const STAGING = withBackup({ name: 'staging', backup: { store: s3('staging/') } });
const staging = (...names: readonly string[]): BackedUp => ({
  name: 'staging',
  config: withBackup({ name: 'staging', backup: { store: s3('staging/') }, app: volumes(...names) }),
});

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'from-'));
  const write = (name: string, settings: object): void => {
    mkdirSync(join(root, 'config'), { recursive: true });
    mkdirSync(join(root, 'dist', name), { recursive: true });
    writeFileSync(join(root, 'config', `${name}.yaml`), dump({ name, domain: `${name}.example.org`, ...settings }));
  };
  write('staging', { backup: { store: s3('staging/') } });
  write('production', { backup: { store: s3('production/') } });
  write('claim', { backup: { store: { type: 'claim' } } });
  write('none', {});
  write('same', { backup: { store: { ...s3('staging/'), endpoint: 'https://s3.example.org/' } } });
  write('group', { backup: { store: s3('group/') }, database: { topology: 'group' } });
  write('named', { backup: { store: s3('named/') }, database: { name: 'shop' } });
  write('uploads', { backup: { store: s3('uploads/') }, app: volumes('uploads', 'cache') });
  write('faulty', { backup: { store: s3('no-slash') } });
});
afterAll(() => rmSync(root, { recursive: true }));

const source = (name: string): BackedUp => sourceOf(name, { name: 'staging', config: STAGING }, root);
const share = (name: string, only?: string, target = staging()): Share => shareOf(source(name), target, only);

/** What refuses, in one line. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    const { message } = error as Error;
    expect(message).not.toContain('\n');
    return message;
  }
  return 'nothing was refused';
}

test.each([
  ['unknown', '--from: unknown environment "unknown", there are: '],
  ['', '--from: unknown environment "", there are: '],
  ['../config/production', '--from: unknown environment "../config/production"'],
  ['staging', '--from: is staging itself'],
  ['none', '--from: config/none.yaml has no section backup'],
  ['claim', 'a claim of the namespace claim, which no pod of another namespace or cluster can mount'],
  ['same', 'config/staging.yaml: backup.store is the repository of same, into which the backups of staging must not'],
  ['group', 'config/staging.yaml: database.topology: must be "group", as in config/group.yaml, got "primary-replica"'],
  ['named', 'config/staging.yaml: database.name: must be "shop", as in config/named.yaml, got "site"'],
])('the backups of "%s" are refused in one line', (name, message) => {
  expect(refusal(() => share(name))).toContain(message);
});

test('a faulty configuration of the source is reported as such', () => {
  expect(() => source('faulty')).toThrow('config/faulty.yaml');
});

describe('volumes', () => {
  test('of the same names come with the databases, or one of the two', () => {
    const target = staging('uploads', 'media');
    expect(share('uploads', undefined, target)).toEqual({ parts: ['database', 'volumes'], notes: [] });
    expect(share('uploads', 'volumes', target)).toEqual({ parts: ['volumes'], notes: [] });
    expect(share('uploads', 'database', staging('media'))).toEqual({ parts: ['database'], notes: [] });
  });

  test('that the other environment does not back up stay as they are, and those that this one lacks are left out', () => {
    expect(share('production', undefined, staging('media'))).toEqual({
      parts: ['database'],
      notes: ['volume media stays as it is: no app.volumes of production are in its backups'],
    });
    expect(share('uploads')).toEqual({
      parts: ['database'],
      notes: ['uploads', 'cache'].map(
        (name) => `volume ${name} of uploads is left out: no app.volumes of staging are in its backups`,
      ),
    });
  });

  test.each([
    ['uploads', undefined, ['media'], 'no volume of staging (media) has the name of one of uploads (uploads, cache);'],
    ['uploads', 'volumes', ['media'], '`--only database` restores the databases alone'],
    ['uploads', 'volumes', [], '--only: must be "database", got "volumes": no app.volumes are in the backups'],
    ['production', 'volumes', ['media'], '"volumes": no app.volumes of production are in its backups'],
    ['uploads', 'everything', ['media'], '--only: must be "database" or "volumes", got "everything"'],
  ])('of %s, --only %s, into those of an environment with %j are refused', (name, only, names, message) => {
    expect(refusal(() => share(name, only, staging(...names)))).toContain(message);
  });

  test('alone come from databases of any kind', () => {
    const target = {
      ...staging('uploads'),
      config: withBackup({ backup: { store: s3('x/') }, app: volumes('uploads') }),
    };
    const other = {
      name: 'group',
      config: withBackup({ backup: { store: SFTP }, app: volumes('uploads'), database: { topology: 'group' } }),
    };
    expect(shareOf(other, target, 'volumes').parts).toEqual(['volumes']);
  });
});
