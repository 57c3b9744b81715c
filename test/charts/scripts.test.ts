import { spawnSync } from 'node:child_process';
import { scriptFiles, settingsSh } from '../../charts/scripts';
import { withProgram } from '../support/programs';

const ROUGH = `it's $HOME \`id\` "x" \\ \n second line`;

test('settings arrive as they are, in any shell', () => {
  const script = `${settingsSh({ ROUGH, NUMBER: 7 })}printf '%s|%s' "$ROUGH" "$NUMBER"`;
  expect(spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout).toBe(`${ROUGH}|7`);
});

withProgram('bash', () => {
  test('a list is an array of bash', () => {
    const script = `${settingsSh({ HOSTS: ['one', ROUGH, ''] })}printf '<%s>' "\${HOSTS[@]}"`;
    expect(spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout).toBe(`<one><${ROUGH}><>`);
  });
});

test.each(['a-b', '1A', '', 'A B', 'A=1', '$(id)'])('fails for the name "%s"', (name) => {
  expect(() => settingsSh({ [name]: 'x' })).toThrow(`"${name}": must be a name of the shell`);
});

test('the files of a folder come by name', () => {
  expect(Object.keys(scriptFiles('charts/web/scripts'))).toEqual(['start.sh']);
});
