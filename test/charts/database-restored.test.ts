import { configOf } from '../support/configs';
import { Room } from '../support/database-room';
import { withProgram } from '../support/programs';

withProgram('bash', () => {
  let room: Room;
  beforeEach(() => {
    room = new Room(configOf(), 0);
    room.program('mysql', 'cat >/dev/null');
    // a file system of a test machine may refuse it
    room.program('sync', ':');
  });
  afterEach(() => room.remove());

  const restored = (...args: string[]) => room.script('restored.sh', ...args);
  const data = (folder: string, text: string) => room.write(`volume/${folder}/rows`, text);
  const agreed = (id: string) => room.write('volume/adopt', `${id}\n`);
  const held = () => ({
    data: room.read('volume/data/rows'),
    kept: room.read('volume/before-r1/rows'),
    left: ['adopt', 'restored', 'outdated'].filter((name) => room.has(`volume/${name}`)),
  });

  describe('the next start after a restore', () => {
    const DONE = { data: 'new', kept: 'old', left: [] };

    test.each([
      ['has the restored data, and keeps what was there', { data: 'old', restored: 'new' }, ['adopt'], DONE],
      ['goes on after a kill with the old data aside', { 'before-r1': 'old', restored: 'new' }, ['adopt'], DONE],
      // what a restore has put in place is newer than the mark
      [
        'goes on after a kill with the new data in place',
        { 'before-r1': 'old', data: 'new' },
        ['adopt', 'outdated'],
        DONE,
      ],
      [
        'changes nothing without an agreement, even beside a complete clone',
        { data: 'old', restored: 'new' },
        ['outdated'],
        { data: 'old', kept: '', left: ['restored', 'outdated'] },
      ],
    ])('%s', async (_, folders, marks, expected) => {
      for (const [folder, rows] of Object.entries(folders)) data(folder, rows);
      for (const mark of marks) room.write(`volume/${mark}`, mark === 'adopt' ? 'r1\n' : '');
      expect((await restored('take')).status).toBe(0);
      expect(held()).toEqual(expected);
    });
  });

  test('fails to agree to a clone that is not complete, or of another restore', async () => {
    data('restored', 'half');
    expect(await restored('adopt', 'r1')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('holds no complete clone of the restore r1'),
    });
    room.write('volume/restored/threewall-id', 'r2\n');
    expect((await restored('adopt', 'r1')).status).toBe(1);
    expect(room.has('volume/adopt')).toBe(false);
    expect((await restored('adopt', 'r2')).status).toBe(0);
    expect(room.read('volume/adopt')).toBe('r2\n');
  });

  describe('while a clone is under way', () => {
    beforeEach(() => {
      data('restored', 'half');
      room.write('run/restored.pid', `${process.pid}\n`);
      room.write('run/restored.id', 'r1\n');
    });

    test.each([
      ['clone', ['r2', '10.0.0.9', '1']],
      ['drop', []],
      ['back', ['r0', 'r0-undo']],
    ])('fails to %s, and leaves the clone alone', async (what, args) => {
      const { status, stderr } = await restored(what, ...args);
      expect(status).toBe(1);
      expect(stderr).toContain('the restore r1 is being cloned: wait for its end');
      expect(room.read('volume/restored/rows')).toBe('half');
    });

    test('who asks for the same one waits for it', async () => {
      expect((await restored('clone', 'r1', '10.0.0.9', '1')).status).toBe(0);
      expect(room.read('volume/restored/rows')).toBe('half');
      expect((await restored('state', 'r1')).stdout).toMatch(/^clones /);
    });
  });

  test('a restore is taken back by the data that it kept, under an id of its own', async () => {
    data('data', 'new');
    data('before-r1', 'old');
    expect((await restored('kept')).stdout.trim()).toBe('r1');
    expect((await restored('back', 'r1', 'r1-undo')).status).toBe(0);
    expect((await restored('state', 'r1-undo')).stdout.trim()).toBe('complete');
    expect((await restored('adopt', 'r1-undo')).status).toBe(0);
    await restored('take');
    expect(room.read('volume/data/rows')).toBe('old');
    expect(room.read('volume/before-r1-undo/rows')).toBe('new');
    expect((await restored('state', 'r1-undo')).stdout.trim()).toBe('adopted');
  });

  test('fails to drop what is about to be the data', async () => {
    data('restored', 'new');
    agreed('r1');
    const { status, stderr } = await restored('drop');
    expect([status, stderr]).toEqual([1, expect.stringContaining('the restore r1 is under way')]);
    expect(room.has('volume/restored/rows')).toBe(true);
  });

  test('drops what restores kept, and no data', async () => {
    data('data', 'new');
    data('before-r1', 'old');
    data('restored', 'never taken');
    expect((await restored('drop')).status).toBe(0);
    expect(held()).toEqual({ data: 'new', kept: '', left: [] });
  });

  test('fails to clone where the volume has no space for it', async () => {
    room.program('df', "printf 'Filesystem 1048576-blocks Used Available Capacity Mounted on\\nx 100 50 50 50%% /\\n'");
    const { status, stderr } = await restored('clone', 'r1', '10.0.0.9', '100');
    expect(status).toBe(1);
    expect(stderr).toContain('the volume has 50 MiB free, the restored data takes 100 MiB beside what is there');
  });
});
