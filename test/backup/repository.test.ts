import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { REFUSED } from '../../charts/backup/places';
import { selfSigned } from '../../commands/secrets/certificates';
import { BackupRoom } from '../support/backup-room';
import { withProgram } from '../support/programs';

withProgram(['bash', 'restic'], () => {
  let room: BackupRoom;
  // restic derives a key for a second at each start: the repository is made once, and copied
  let made: BackupRoom;
  beforeAll(() => {
    made = room = BackupRoom.create();
    expect(restic('data', 'init')).toContain('created restic repository');
    expect(restic('data', 'backup --host foobar --tag other secret')).toContain('saved');
  });
  afterAll(() => made.remove());
  beforeEach(() => {
    room = BackupRoom.create();
    cpSync(join(made.path, 'store'), join(room.path, 'store'), { recursive: true });
  });
  afterEach(() => room.remove());

  const restic = (repository: string, command: string): string =>
    room.bash(`restic --repo store/${repository} --password-file secret/password ${command}`);
  const fetch = (env: Readonly<Record<string, string>> = {}) => room.run('fetch.sh', { RESTORE_WAIT: '0', ...env });
  /** The last line, without its time. */
  const said = (text: string): string =>
    text
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^.*\[threewall\] /, '') ?? '';

  test.each([
    ['is not there', 'rm -rf store/data', 'there is no backup yet'],
    ['is an empty folder', 'rm -rf store/data; mkdir store/data', 'there is no backup yet'],
    [
      'is a folder of something else',
      'rm -rf store/data; mkdir store/data; echo 1 >store/data/one',
      'there is no backup yet',
    ],
    ['has lost its keys', 'rm -rf store/data/keys', 'holds no key, its folder `keys` is empty or missing'],
    ['has an empty folder of keys', 'rm -f store/data/keys/*', 'holds no key, its folder `keys` is empty or missing'],
    ['has lost its configuration', 'rm -f store/data/config', 'its file `config` is missing'],
    ['has another password', 'echo two >secret/password', 'does not open it, it was made with another one'],
    ['has no backup of databases', ':', 'holds no backup of `foobar`'],
  ])(
    'a repository that %s is refused in one line that says so',
    (_, change, line) => {
      room.bash(change);
      const { code, text } = fetch();
      expect([code, said(text)]).toEqual([REFUSED, expect.stringContaining(line)]);
    },
    300_000,
  );

  test('one that has backups of another site alone is refused, and the other site is named', () => {
    restic('data', 'backup --host other --tag full secret');
    const { code, text } = fetch();
    expect([code, said(text)]).toEqual([
      REFUSED,
      expect.stringMatching(/holds no backup of `foobar`, but of: other *$/),
    ]);
  }, 300_000);

  test('one whose configuration is damaged is trouble, and no line of a stack', () => {
    room.bash('chmod u+w store/data/config; echo junk >store/data/config');
    const { code, text } = fetch();
    expect([code, said(text)]).toEqual([1, expect.stringMatching(/cannot be read: \S+/)]);
    expect(said(text)).not.toContain('.go:');
  }, 300_000);

  test('a time before the first backup, and one that no stored binary log reaches, are refused', () => {
    restic('data', 'tag --add full');
    restic('logs', 'init');
    const early = fetch({ RESTORE_AT: '2020-01-01T00:00:00Z' });
    expect([early.code, said(early.text)]).toEqual([
      REFUSED,
      expect.stringContaining('the store holds no backup from before 2020-01-01 00:00:00: its first one is of'),
    ]);
    const late = fetch({ RESTORE_AT: '2099-01-01T00:00:00.5Z' });
    expect([late.code, said(late.text)]).toEqual([
      REFUSED,
      'the stored binary logs reach until no time, there are none, not until 2099-01-01 00:00:00.5',
    ]);
  }, 300_000);

  test.each([
    ['whose bucket is missing', 404, 'NoSuchBucket', 'The specified bucket does not exist'],
    ['whose bucket is missing, without a word', 404, 'NoSuchBucket', ''],
    ['that does not know the key', 403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist'],
    ['with another secret key', 403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match'],
  ])(
    'a store %s is refused at once, and not asked for a quarter of an hour',
    async (_, status, code, message) => {
      const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
      await withStore(`require('http').createServer((_, a) => a.writeHead(${status}).end('${xml}'))`, (port) => {
        const { code: exit, text } = fetch({ ...ELSEWHERE, FROM_REPOSITORY: `s3:http://127.0.0.1:${port}/bucket/` });
        expect([exit, said(text)]).toEqual([REFUSED, expect.stringMatching(message || /bucket/i)]);
      });
    },
    120_000,
  );

  test('so is one that speaks no TLS, and one whose certificate no known CA has signed', async () => {
    await withStore("require('http').createServer((_, a) => a.end())", (port) => {
      const { code, text } = fetch({ ...ELSEWHERE, FROM_REPOSITORY: `s3:https://127.0.0.1:${port}/bucket/` });
      expect([code, said(text)]).toEqual([REFUSED, expect.stringContaining('gave HTTP response to HTTPS client')]);
    });
    const { certificate, key } = await selfSigned(['127.0.0.1']);
    const options = JSON.stringify({ cert: certificate, key });
    await withStore(`require('https').createServer(${options}, (_, a) => a.end())`, (port) => {
      const { code, text } = fetch({ ...ELSEWHERE, FROM_REPOSITORY: `s3:https://127.0.0.1:${port}/bucket/` });
      expect([code, said(text)]).toEqual([REFUSED, expect.stringContaining('x509: ')]);
    });
  }, 120_000);

  test.each([
    ['Host key verification failed.', REFUSED],
    ['backup@127.0.0.1: Permission denied (publickey,password).', REFUSED],
    ['connect to host 127.0.0.1 port 22: Connection refused', 1],
  ])(
    'what ssh says is said: %s',
    (line, code) => {
      room.program('ssh', `#!/bin/sh\necho '${line}' >&2; exit 255`);
      const got = fetch({ ...ELSEWHERE, FROM_REPOSITORY: 'sftp://backup@127.0.0.1:22//site/' });
      expect([got.code, said(got.text)]).toEqual([code, expect.stringContaining(line)]);
    },
    120_000,
  );

  test('one that is away is waited for, and the log says why', () => {
    room.program(
      'restic',
      `#!/bin/sh
echo 'Stat(<config/>) returned error, retrying after 1.2s: Stat: connection refused' >&2; sleep 1
echo 'Stat(<config/>) returned error, retrying after 1.2s: Stat: connection refused' >&2; sleep 1
exit 10`,
    );
    room.bash('rm -rf store/data');
    const { code, text } = fetch();
    expect(text.split('\n').filter((line) => line.includes('connection refused; tries again'))).toHaveLength(1);
    expect([code, said(text)]).toEqual([REFUSED, expect.stringContaining('there is no backup yet')]);
  }, 120_000);
});

/** Another environment's repository: variables of a Job that reads it. */
const ELSEWHERE = {
  ...{ AWS_ACCESS_KEY_ID: 'one', AWS_SECRET_ACCESS_KEY: 'two', FROM_SITE: 'other' },
  ...{ FROM_STORE_ENVIRONMENT: '', FROM_STORE_KEYS: '', FROM_STORE_FILES: '', FROM_SFTP_ARGUMENTS: '' },
} as const;

/** Runs a server beside this process, which waits for its scripts. @param server expression of Node */
async function withStore(server: string, use: (port: string) => void): Promise<void> {
  const child = spawn(process.execPath, ['-e', `const s = ${server}.listen(0, () => console.log(s.address().port))`]);
  try {
    const [port] = await once(child.stdout, 'data');
    use(String(port).trim());
  } finally {
    child.kill();
  }
}
