import { places, REFUSED } from '../../charts/backup/places';
import { BackupRoom } from '../support/backup-room';
import { withProgram } from '../support/programs';

const ID = '20260131t235959z';

/** Everything below a folder: paths, modes, targets of links, sums of contents. */
const contents = (room: BackupRoom, name: string): string =>
  room.bash(`cd volumes/${name} && find . -path ./${places.kept} -prune -o -print0 | sort -z | while IFS= read -r -d '' path; do
    printf '%q %s %s\\n' "$path" "$(stat -c '%a %F %s' "$path" | sed 's/ directory .*/ directory/')" "$(if [[ -L $path ]]; then readlink "$path"; elif [[ -f $path ]]; then sha256sum <"$path"; fi)"
  done`);

/** Names and kinds that break what is careless. */
const fill = (room: BackupRoom, name: string): string =>
  room.bash(`set -e; cd volumes/${name}
    mkdir -p 2026/01 'a folder' .hidden ./-rf locked
    printf one >2026/01/photo.jpg
    : >empty
    printf two >$'new\\nline'
    printf three >'quote'"'"'s "and" \`more\` $(x) *'
    printf four >$'ünïcödé \\xff'
    printf five >.dotfile
    printf six >'a folder/ leading'
    printf seven >..odd
    ln -s 2026/01/photo.jpg link
    ln -s /nowhere/at-all dangling
    ln 2026/01/photo.jpg hard
    mkfifo pipe
    printf eight >locked/file
    chmod 0640 2026/01/photo.jpg; chmod 0555 locked; chmod 0444 hard
    head -c 3000000 /dev/urandom >big`);

/** Restores the newest backup from before a time, as `npm run restore` does. */
function restoreTo(room: BackupRoom, at: string, id = ID) {
  const fetched = room.run('volumes-fetch.sh', { RESTORE_AT: at, RESTORE_ID: id });
  return fetched.code === 0 ? room.run('volumes-swap.sh', { RESTORE_STEP: 'take', RESTORE_ID: id }) : fetched;
}
const stored = (room: BackupRoom) => expect(room.run('volumes-store.sh')).toMatchObject({ code: 0 });

/** Restores whole and killed. @param make the folder with the volumes `uploads` and `media` */
function swaps(make: () => BackupRoom): void {
  let room: BackupRoom;
  beforeEach(() => {
    room = make();
  });
  afterEach(() => room.remove());

  test('files of every kind and name come back, and what was there is kept', () => {
    expect(fill(room, 'uploads')).toBe('');
    room.bash('printf x >volumes/media/x');
    const before = contents(room, 'uploads');
    expect(before.split('\n').length).toBeGreaterThan(18);
    stored(room);
    room.bash(
      'cd volumes/uploads; chmod -R u+w .; rm -rf 2026 .hidden locked empty big; printf changed >.dotfile; printf late >later; rm ../media/x',
    );
    const after = contents(room, 'uploads');
    expect(restoreTo(room, 'latest')).toMatchObject({ code: 0 });
    expect(contents(room, 'uploads')).toBe(before);
    expect(room.bash('cat volumes/media/x')).toBe('x');

    const undo = { RESTORE_STEP: 'back', RESTORE_ID: `${ID}-undo`, RESTORE_OF: ID };
    expect(room.run('volumes-swap.sh', undo)).toMatchObject({ code: 0 });
    expect(contents(room, 'uploads')).toBe(after);
    expect(room.run('volumes-swap.sh', { RESTORE_STEP: 'drop' })).toMatchObject({ code: 0 });
    expect(room.bash(`ls -A volumes/uploads | grep -c '^${places.kept}$'`).trim()).toBe('0');
    expect(contents(room, 'uploads')).toBe(after);
  }, 300_000);

  test('a restore that is killed before any of its renames goes on to the same end', () => {
    room.bash('cd volumes/uploads; mkdir d; printf 1 >d/one; printf 2 >two; printf x >../media/x');
    const wanted = contents(room, 'uploads');
    stored(room);
    room.bash('cd volumes/uploads; printf changed >two; rm -r d; printf 3 >three; rm ../media/x');
    const present = contents(room, 'uploads');
    const fetch = { RESTORE_AT: 'latest', RESTORE_ID: ID };
    expect(room.run('volumes-fetch.sh', fetch)).toMatchObject({ code: 0 });
    room.bash('cp -a volumes fetched');
    for (const [step, end] of [
      ['take', wanted],
      ['back', present],
    ] as const) {
      const swap = { RESTORE_STEP: step, RESTORE_ID: step === 'take' ? ID : `${ID}-undo`, RESTORE_OF: ID };
      let killed = 0;
      for (;;) {
        room.bash('rm -rf volumes; cp -a fetched volumes; echo 0 >moves');
        // the scripts change what is there by mv alone
        room.program(
          'mv',
          `#!/bin/sh
n=$(($(cat '${room.path}/moves') + 1)); echo $n >'${room.path}/moves'
if [ $n = ${killed + 1} ]; then kill -KILL $PPID; exit 1; fi
PATH=\${PATH#*:} exec mv "$@"
`,
        );
        const { code } = room.run('volumes-swap.sh', swap);
        room.bash('rm bin/mv');
        if (code === 0) break;
        killed++;
        // the site goes on: it makes what it misses, and something new
        room.bash('mkdir -p volumes/uploads/d; printf meanwhile >volumes/uploads/new');
        expect([killed, room.run('volumes-swap.sh', swap)]).toMatchObject([killed, { code: 0 }]);
        room.bash('rm volumes/uploads/new');
        const found = contents(room, 'uploads');
        // a folder that the site made anew stays where the restore has none
        expect([killed, found.replace(/^\.\/d 755 directory \n/m, '')]).toEqual([
          killed,
          end.replace(/^\.\/d 755 directory \n/m, ''),
        ]);
        expect(room.run('volumes-swap.sh', swap)).toMatchObject({ code: 0 });
      }
      expect(killed).toBeGreaterThan(6);
      // the next step begins with the end of this one
      room.bash('rm -rf fetched; cp -a volumes fetched');
    }
  }, 300_000);
}

const create = (): BackupRoom => BackupRoom.create('uploads', 'media');
withProgram(['bash', 'restic'], () => swaps(create));
// restic's published image has busybox
withProgram(['bash', 'busybox', 'restic'], () =>
  swaps(() => {
    const room = create();
    room.useBusybox();
    return room;
  }),
);

withProgram(['bash', 'restic'], () => {
  let room: BackupRoom;
  beforeEach(() => {
    room = create();
  });
  afterEach(() => room.remove());

  test('a restore that is killed while files come goes on, and another one first ends a swap that was left half done', () => {
    room.bash(
      'cd volumes/uploads; head -c 2000000 /dev/urandom >big; mkdir locked; printf 1 >locked/one; chmod 555 locked',
    );
    const wanted = contents(room, 'uploads');
    stored(room);
    room.bash(`cd volumes/uploads; chmod 755 locked; rm -r locked big
      mkdir -p -m 700 ${places.kept}/restored/locked; printf half >${places.kept}/restored/big; printf 0 >${places.kept}/restored/other
      chmod 0 ${places.kept}/restored/big ${places.kept}/restored/locked`);
    expect(restoreTo(room, 'latest')).toMatchObject({ code: 0 });
    expect(contents(room, 'uploads')).toBe(wanted);
    // half of another one, whose Job was given up: one thing is aside, one is in
    room.bash('printf late >volumes/uploads/late; rm volumes/uploads/big');
    const present = contents(room, 'uploads');
    expect(room.run('volumes-fetch.sh', { RESTORE_AT: 'latest', RESTORE_ID: 'half' })).toMatchObject({ code: 0 });
    room.bash(`cd volumes/uploads/${places.kept}; mkdir before-half; mv ../late before-half; echo 'half in' >swap`);
    expect(room.run('volumes-swap.sh', { RESTORE_STEP: 'drop' })).toMatchObject({
      code: REFUSED,
      text: expect.stringContaining('the restore half was left half done'),
    });
    expect(room.run('volumes-fetch.sh', { RESTORE_AT: 'latest', RESTORE_ID: 'next' })).toMatchObject({
      code: 0,
      text: expect.stringContaining('ends the swap of restore half'),
    });
    expect(contents(room, 'uploads')).toBe(wanted);
    const undo = { RESTORE_STEP: 'back', RESTORE_ID: 'half-undo', RESTORE_OF: 'half' };
    expect(room.run('volumes-swap.sh', undo)).toMatchObject({ code: 0 });
    expect(contents(room, 'uploads')).toBe(present);
  }, 300_000);

  test('two pods at once, because one was deleted by force and runs on, do what one does', () => {
    room.bash('for n in $(seq 100); do echo new >volumes/uploads/$n; done');
    const wanted = contents(room, 'uploads');
    stored(room);
    room.bash('for n in $(seq 100); do echo old >volumes/uploads/$n; done');
    const fetch = { RESTORE_AT: 'latest', RESTORE_ID: ID };
    expect(room.run('volumes-fetch.sh', fetch)).toMatchObject({ code: 0 });
    const swap = `RESTORE_STEP=take RESTORE_ID=${ID} sh conf/volumes-swap.sh`;
    expect(room.bash(`${swap} 2>said.1 & ${swap} 2>said.2 || echo failed; wait $! || echo failed`)).toBe('');
    expect(contents(room, 'uploads')).toBe(wanted);
    expect(room.bash(`cat volumes/uploads/${places.kept}/before-${ID}/* | sort | uniq -c`).trim()).toBe('100 old');
  }, 300_000);

  test('what cannot be restored is refused in one line, and nothing is changed', () => {
    room.bash('printf 1 >volumes/uploads/one');
    const before = contents(room, 'uploads');
    expect(restoreTo(room, 'latest')).toMatchObject({
      code: REFUSED,
      text: expect.stringContaining('there is no backup yet'),
    });
    stored(room);
    expect(restoreTo(room, '2020-01-01T00:00:00Z')).toMatchObject({
      code: REFUSED,
      text: expect.stringContaining('holds no backup of volumes from before 2020-01-01 00:00:00: its first one is of'),
    });
    expect(room.run('volumes-swap.sh', { RESTORE_STEP: 'back', RESTORE_ID: 'x', RESTORE_OF: 'gone' })).toMatchObject({
      code: REFUSED,
      text: expect.stringContaining('keep nothing of a restore "gone", but of: none'),
    });
    room.write('secret/password', 'two');
    expect(restoreTo(room, 'latest')).toMatchObject({
      code: REFUSED,
      text: expect.stringContaining('made with another one'),
    });
    expect(contents(room, 'uploads')).toBe(before);
    expect(room.bash(`ls -A volumes/uploads`).trim()).toBe('one');
  }, 300_000);

  test('the age that is reported is that of the newest backup that lacks nothing', () => {
    room.bash('printf 1 >volumes/uploads/one');
    stored(room);
    const first = room.bash("sed -n 's/^backup_volumes_last_success_timestamp_seconds //p' work/metrics").trim();
    expect(Number(first)).toBeGreaterThan(1_700_000_000);
    // as when a file cannot be read; root, as which tests may run, reads all
    room.program(
      'restic',
      `#!/bin/sh
PATH=\${PATH#*:}
case " $* " in *' --tag volumes '*) restic "$@"; echo 'error: open /volumes/uploads/one: permission denied' >&2; exit 3 ;; *) exec restic "$@" ;; esac
`,
    );
    room.bash('sleep 1.1');
    expect(room.run('volumes-store.sh')).toMatchObject({
      code: 1,
      text: expect.stringContaining('cannot read 1 files, all others are stored: open /volumes/uploads/one'),
    });
    room.bash('rm bin/restic');
    const seen = room
      .bash(`cd conf && sh -c '. ./repository.sh; repository data; newest_whole' ./x | cut -d ' ' -f 1,2`)
      .trim();
    expect(Date.parse(`${seen.replace(' ', 'T')}Z`) / 1000).toBe(Number(first));
  }, 300_000);

  test('two users of one group store to a folder', () => {
    stored(room);
    expect(room.bash("stat -c %a store/data/config store/data/snapshots store/data/keys/* | tr '\\n' ' '").trim()).toBe(
      '440 770 440',
    );
    stored(room);
    expect(room.bash('find store ! -perm -g+r')).toBe('');
  }, 300_000);
});
