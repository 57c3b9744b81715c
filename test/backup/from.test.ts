import { REFUSED } from '../../charts/backup/places';
import { BackupRoom } from '../support/backup-room';
import { withProgram } from '../support/programs';

withProgram(['bash', 'restic'], () => {
  let room: BackupRoom;
  beforeEach(() => {
    room = BackupRoom.create('uploads', 'media');
  });
  afterEach(() => room.remove());

  /** As another environment, which has the volumes uploads and cache. */
  const asOther = <T>(act: () => T): T => {
    room.bash(`mkdir -p other; cp conf/settings.sh conf/own; mv volumes/media own-media; mkdir volumes/cache; printf two >secret/password
      printf '%s\\n' "SITE='production' REPOSITORY='$PWD/other/' VOLUMES='uploads cache'" >>conf/settings.sh`);
    const acted = act();
    room.bash('mv conf/own conf/settings.sh; rm -r volumes/cache; mv own-media volumes/media');
    return acted;
  };
  /** What the Job of a restore from it has; the Secret with its keys takes the place of the own one. */
  const from = (site = 'production') => ({
    ...{ FROM_SITE: site, FROM_REPOSITORY: `${room.path}/other/`, FROM_STORE_ENVIRONMENT: 'A=b' },
    ...{ FROM_STORE_KEYS: '', FROM_STORE_FILES: '', FROM_SFTP_ARGUMENTS: '' },
  });
  const sums = (): string => room.bash('find other -type f -exec sha256sum {} + | sort');
  const fetchVolumes = (site?: string) =>
    room.run('volumes-fetch.sh', { ...from(site), RESTORE_AT: 'latest', RESTORE_ID: 'x' });

  test.each([
    ['backup --quiet x', REFUSED],
    ['forget --prune', REFUSED],
    ['unlock', REFUSED],
    ['--no-lock backup x', REFUSED],
    ['--no-lock snapshots', 0],
    ['--no-lock restore latest', 0],
  ])('with the repository of another environment `restic %s` ends with %d', (args, code) => {
    room.program('restic', '#!/bin/sh\n');
    room.write('conf/reads.sh', `. "\${0%/*}/repository.sh"\nrepository data\necho "$SITE $A"\nrestic ${args}\n`);
    const ended = room.run('reads.sh', from());
    expect(ended).toMatchObject({ code, text: expect.stringContaining('production b\n') });
    if (code === REFUSED) expect(ended.text).toContain(`restic ${args}: might write to the repositories of another`);
  });

  test('databases come from there, and every file there stays as it is', () => {
    const made = asOther(() =>
      room.bash(`set -e; mkdir work/data work/open; echo rows >work/data/ibdata1; date -u '+%Y-%m-%d %H:%M:%S.0' >work/open/state
        for one in data:full:data logs:open:open; do IFS=: read -r name tag folder <<<"$one"
          restic -q -p secret/password -r other/$name init
          restic -q -p secret/password -r other/$name backup --host production --tag $tag --time "$(date -u '+%F %T')" "$PWD/work/$folder"
        done; rm -r work/data work/open`),
    );
    expect(made).toBe('');
    const before = sums();
    const fetch = (site: string) => room.run('fetch.sh', { ...from(site), RESTORE_WAIT: '0' });
    expect(fetch('staging')).toMatchObject({
      code: REFUSED,
      text: expect.stringContaining('holds no backup of `staging`, but of: production'),
    });
    expect(fetch('production')).toMatchObject({ code: 0, text: expect.stringContaining('restores the backup of') });
    expect(room.bash('cat work/data/ibdata1')).toBe('rows\n');
    expect(sums()).toBe(before);
  }, 300_000);

  test('of volumes those come from there that both have, and every file there stays as it is', () => {
    room.bash('printf theirs >volumes/uploads/one');
    asOther(() => {
      room.bash('printf theirs >volumes/cache/one');
      expect(room.run('volumes-store.sh')).toMatchObject({ code: 0 });
    });
    room.bash('printf own >volumes/uploads/one; printf own >volumes/uploads/two; printf own >volumes/media/one');
    const before = sums();
    const { code, text } = fetchVolumes();
    expect([code, text]).toEqual([0, expect.stringContaining('contain no such volumes: cache\n')]);
    expect(text).toContain('volume media is not in that backup and stays as it is');
    expect(sums()).toBe(before);
    // the swap knows nothing of another environment
    expect(room.run('volumes-swap.sh', { RESTORE_STEP: 'take', RESTORE_ID: 'x' })).toMatchObject({ code: 0 });
    expect(room.bash('cd volumes; grep -r . --exclude-dir=.threewall | sort')).toBe(
      'media/one:own\nuploads/one:theirs\n',
    );
    const undo = { RESTORE_STEP: 'back', RESTORE_ID: 'x-undo', RESTORE_OF: 'x' };
    expect(room.run('volumes-swap.sh', undo)).toMatchObject({ code: 0 });
    expect(room.bash('cat volumes/uploads/*')).toBe('ownown');
  }, 300_000);

  test('volumes that do not fit are refused in one line, and nothing is changed', () => {
    room.bash('printf own >volumes/media/one');
    asOther(() => {
      room.bash('mv volumes/uploads other-uploads');
      expect(room.run('volumes-store.sh')).toMatchObject({ code: 0 });
      room.bash('mv other-uploads volumes/uploads');
    });
    expect(fetchVolumes('staging')).toMatchObject({
      code: REFUSED,
      text: expect.stringContaining('holds no backup of volumes of `staging`; `--only database` restores'),
    });
    expect(fetchVolumes()).toMatchObject({
      code: REFUSED,
      text: expect.stringContaining('contains none of: uploads media, but: cache; `--only database` restores'),
    });
    expect(room.bash('ls -A volumes/uploads volumes/media')).toBe('volumes/media:\none\n\nvolumes/uploads:\n');
  }, 300_000);
});
