import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { readDumpFile, release, sendFile, sendStream } from '../../commands/import/upload';
import { withProgram } from '../support/programs';

// a test's own PATH is not that of its children
jest.mock('node:child_process', () => {
  const real = jest.requireActual('node:child_process');
  const at = (file: string): string => (file === 'kubectl' ? `${process.env.ROOM}/kubectl` : file);
  const withRoom = (options: object) => ({ ...options, env: { ...process.env } });
  return {
    ...real,
    spawn: (file: string, args: string[]) => real.spawn(at(file), args, withRoom({})),
    execFile: (file: string, args: string[], options: object, done: () => void) =>
      real.execFile(at(file), args, withRoom(options), done),
  };
});

const DUMP = `CREATE TABLE \`t\` (\n  \`id\` int\n) ENGINE=InnoDB;\n${'INSERT INTO `t` VALUES (1);\n'.repeat(9000)}-- Dump completed\n`;
/** In place of kubectl: runs what is to run in the pod here, and cuts a stream after so many bytes as often as a file says. */
const KUBECTL = `#!/bin/bash
while [[ $1 != -- ]]; do shift; done
script=\${4//\\/work/$ROOM/work}
if [[ $script == 'cat >>'* && -s $ROOM/cuts ]]; then
  head -c 50000 >>"$ROOM/work/part"
  sed -i 1d "$ROOM/cuts"
  echo 'connection reset by peer' >&2
  exit 1
fi
exec sh -c "$script"
`;

let room: string;
const receiver = { namespace: 'shop', pod: 'import-1' };
const lines: string[] = [];
const file = (): string => join(room, 'dump.sql');
const arrived = (): string => readFileSync(join(room, 'work/dump'), 'utf8');

beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'threewall-upload-'));
  mkdirSync(join(room, 'work'));
  writeFileSync(file(), DUMP);
  writeFileSync(join(room, 'kubectl'), KUBECTL);
  chmodSync(join(room, 'kubectl'), 0o755);
  process.env.ROOM = room;
  lines.length = 0;
});
afterEach(() => rmSync(room, { recursive: true }));

const send = async (): Promise<void> => {
  const dump = await readDumpFile(file());
  await sendFile(receiver, file(), dump, (line) => lines.push(line));
  await release(receiver, dump);
};

withProgram(['bash', 'cat', 'sed'], () => {
  test('a file arrives as it is', async () => {
    await send();
    expect(arrived()).toBe(DUMP);
  });

  test('it goes on where the connection was cut, any number of times that bring bytes', async () => {
    writeFileSync(join(room, 'cuts'), '\n\n\n');
    await send();
    expect(arrived()).toBe(DUMP);
    expect(lines).toHaveLength(3);
  });

  test('it goes on where an earlier run ended, and begins again when that sent something else', async () => {
    writeFileSync(join(room, 'work/part'), DUMP.slice(0, 1_000));
    await send();
    expect(arrived()).toBe(DUMP);
    expect(lines).toEqual(['goes on at 0 MiB']);
    writeFileSync(join(room, 'work/part'), 'x'.repeat(1_000));
    await send();
    expect(arrived()).toBe(DUMP);
  });

  test('a connection that brings nothing is given up, with what it said', async () => {
    writeFileSync(join(room, 'kubectl'), KUBECTL.replace('50000', '0'));
    writeFileSync(join(room, 'cuts'), '\n'.repeat(50));
    await expect(send()).rejects.toThrow(/does not arrive: connection reset by peer; run the same command again/);
    expect(existsSync(join(room, 'work/dump'))).toBe(false);
  });

  test('a stream arrives as it is, and is read on its way', async () => {
    const dump = await sendStream(
      receiver,
      Readable.from([Buffer.from(DUMP.slice(0, 70_000)), Buffer.from(DUMP.slice(70_000))]),
    );
    expect(dump.facts.tables).toEqual([{ name: 't', key: false, engine: 'InnoDB' }]);
    await release(receiver, dump);
    expect(arrived()).toBe(DUMP);
  });

  test('a stream that is cut, here or there, is not loaded', async () => {
    await expect(sendStream(receiver, Readable.from([Buffer.from(DUMP.slice(0, 70_000))]))).rejects.toThrow(
      'it was cut',
    );
    writeFileSync(join(room, 'cuts'), '\n');
    await expect(sendStream(receiver, Readable.from([Buffer.from(DUMP)]))).rejects.toThrow('connection reset by peer');
    expect(existsSync(join(room, 'work/dump'))).toBe(false);
  });

  test('what did not arrive as it was sent is not loaded', async () => {
    const dump = await readDumpFile(file());
    await sendFile(receiver, file(), dump, () => undefined);
    writeFileSync(join(room, 'work/part'), `${DUMP} `);
    await expect(release(receiver, dump)).rejects.toThrow('did not arrive as it was sent');
    expect(existsSync(join(room, 'work/dump'))).toBe(false);
  });
});

test('a file that is not there, or is a folder, is refused', async () => {
  await expect(readDumpFile(join(room, 'none'))).rejects.toThrow(/--file: there is no file .*none/);
  await expect(readDumpFile(room)).rejects.toMatchObject({ name: 'UsageError' });
});
