import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { documentsOf } from '../../commands/whiteboard/documents';
import { configOf, configs } from '../support/configs';
import { readManifests } from '../support/manifests';

describe('the documentation', () => {
  const [production] = configs().filter(({ name }) => name === 'production');
  const source = { name: 'production', config: configOf(), ...production, manifests: readManifests('dist/production') };

  test.each(Object.entries(documentsOf(source)))(
    '%s is current; if not, run `npm run whiteboard -- production` and commit',
    (path, text) => {
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );

  test('the same manifests give the same bytes', () => {
    expect(documentsOf(source)).toEqual(documentsOf({ ...source, manifests: readManifests('dist/production') }));
  });
});

test('an unknown environment is refused with exit code 2 and the names that exist', () => {
  const args = ['bundle/run.mjs', 'commands/whiteboard.ts', 'staging'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toMatch(/unknown environment "staging", there are: development, production/);
});
