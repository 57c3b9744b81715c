import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configOf } from '../support/configs';
import { filesOf } from '../support/database-room';
import { withProgram } from '../support/programs';

const topologies = [
  ['a primary and its replica', configOf({})],
  ['a group', configOf({ database: { topology: 'group' } })],
] as const;

/** Variables that no script assigns: of a pod, and of bash's coprocess. */
const FROM_OUTSIDE = /^(POD_IP|ASK_PID) is referenced/;

describe.each(topologies)('%s', (_, config) => {
  const rendered = filesOf(config);
  const scripts = Object.keys(rendered).filter((name) => name.endsWith('.sh'));
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'scripts-'));
    for (const [name, text] of Object.entries(rendered)) {
      // followed here, because it is beside the scripts
      writeFileSync(join(folder, name), text.replaceAll(/^# shellcheck source=\/dev\/null\n/gm, ''));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  withProgram('shellcheck', () => {
    test('what it executes is clean, and every setting that a script asks for is there', () => {
      const programs = scripts.filter((name) => name !== 'settings.sh' && name !== 'topology.sh');
      const options = ['--format=json', '--external-sources', '--check-sourced', '--enable=check-unassigned-uppercase'];
      const { stdout } = spawnSync('shellcheck', [...options, ...programs], { cwd: folder, encoding: 'utf8' });
      const faults = (JSON.parse(stdout) as { file: string; line: number; code: number; message: string }[])
        .filter(({ code, message }) => code !== 2154 || !FROM_OUTSIDE.test(message))
        .map(({ file, line, code, message }) => `${file}:${line} SC${code} ${message}`);
      expect(faults).toEqual([]);
    }, 60_000);
  });

  test('its scripts use what every image of MySQL has: bash, coreutils, the MySQL programs', () => {
    for (const name of scripts) {
      const code = (rendered[name] as string).replaceAll(/^\s*#.*$/gm, '');
      expect(
        `${name}: ${code.match(/(^|[|(;&]|\bthen|\bdo)\s*(grep|sed|awk|flock|curl|openssl|find|pkill|ps)\b/m)?.[0]}`,
      ).toBe(`${name}: undefined`);
    }
  });
});

withProgram('shellcheck', () => {
  test('the files are clean, as they are checked by hand', () => {
    const { stdout, status } = spawnSync(
      'bash',
      ['-O', 'globstar', '-c', 'shellcheck -x charts/database/scripts/**/*.sh'],
      {
        encoding: 'utf8',
      },
    );
    expect(stdout).toBe('');
    expect(status).toBe(0);
  }, 60_000);
});

withProgram('luacheck', () => {
  test('the Lua is clean', () => {
    const { stdout, status } = spawnSync('luacheck', ['--no-color', 'charts/database/scripts'], { encoding: 'utf8' });
    expect(stdout).toContain('Total: 0 warnings / 0 errors in 1 file');
    expect(status).toBe(0);
  });
});
