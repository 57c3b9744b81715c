import { sourceOf } from '../../commands/gitops/source';
import { configOf } from '../support/configs';

const config = configOf({ name: 'shop' });
const repo = 'https://git.example.org/team/shop.git';
const source = sourceOf(config, 'production', { repo });

describe('the source', () => {
  test.each([
    'https://git.example.org/a.git',
    'git@git.example.org:team/a.git',
    'ssh://git@example.org/a',
    'file:///srv/a.git',
  ])('may be %s', (address) => expect(sourceOf(config, 'production', { repo: address }).repo).toBe(address));

  test('is dist/ of the environment on main unless it is said otherwise', () => {
    expect(source).toMatchObject({ path: 'dist/production', branch: 'main' });
    expect(sourceOf(config, 'production', { repo, path: './sites//shop/', branch: 'live' })).toMatchObject({
      path: 'sites/shop',
      branch: 'live',
    });
  });

  test.each([
    [{}, /^--repo: is missing; give the address of the git repository that holds dist\/production, like https:/],
    [{ repo: 'my repo' }, /--repo: must be/],
    [{ repo: 'https://me:secret@git.example.org/a.git' }, /--repo: holds a user or a password/],
    [{ repo: 'https://ghp_token@git.example.org/a.git' }, /--repo: holds a user or a password/],
    [{ repo: 'https://me@dev.azure.com/me/a/_git/b' }, /; write https:\/\/dev\.azure\.com\/me\/a\/_git\/b, and give/],
    [{ repo: 'ssh://git:secret@git.example.org/a.git' }, /; write ssh:\/\/git@git\.example\.org\/a\.git, and give/],
    [{ repo: 'https://git.example.org/a?token=x' }, /--repo: must have no "\?"/],
    ...[
      'https:///a',
      'https://git.example.org',
      'https://git.example.org/',
      'ssh://h',
      'https://h:99999/a',
      'git://h/a',
    ].map((odd): [object, RegExp] => [{ repo: odd }, /--repo: must be the repository's address/]),
    [{ repo, path: '/srv' }, /--path: must be a folder in the repository/],
    [{ repo, path: 'dist/../../etc' }, /--path/],
    [{ repo, path: '' }, /--path/],
    [{ repo, branch: '--force' }, /--branch/],
    [{ repo, branch: '' }, /--branch/],
    [{ repo: '', branch: 'a b' }, /--repo[\s\S]*--branch/],
  ])('fails for %j', (values, message) => {
    expect(() => sourceOf(config, 'production', values)).toThrow(message);
  });

  test.each(['Production', 'prod_eu', 'a b', 'ü'])("%s is no part of an Application's name", (environment) => {
    expect(() => sourceOf(config, environment, { repo })).toThrow(
      `the Application would be called "shop-${environment}"`,
    );
  });

  test('a password is not repeated in the message', () => {
    expect(() => sourceOf(config, 'production', { repo: 'https://me:secret@git.example.org/a' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret@') }),
    );
  });
});
