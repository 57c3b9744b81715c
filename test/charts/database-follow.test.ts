import { configOf } from '../support/configs';
import { Room } from '../support/database-room';
import { withProgram } from '../support/programs';

withProgram('bash', () => {
  describe('what the scripts share', () => {
    const room = new Room(configOf({ name: 'shop', cluster: { domain: 'example.internal' } }), 1);
    afterAll(() => room.remove());

    test('databases call each other by a name that a wildcard certificate covers', () => {
      expect(room.with(`echo $ORDINAL $SERVERS; printf '%s\\n' "\${HOSTS[@]}"`).stdout.trim().split('\n')).toEqual([
        '1 2',
        'database-0.database.shop.svc.example.internal',
        'database-1.database.shop.svc.example.internal',
      ]);
    });

    test.each([
      ['plain-_9', "'", 'plain-_9'],
      ["it's", "'", "it\\'s"],
      ['back\\slash', "'", 'back\\\\slash'],
      ['both\\\' "&#$x`y`', "'", 'both\\\\\\\' "&#$x`y`'],
      ['say "hi"', '"', 'say \\"hi\\"'],
      ['end of line\n', "'", 'end of line'],
    ])('password %j between %s', (password, quote, expected) => {
      room.write('users/app', password);
      expect(room.with('password app "$1"', quote)).toMatchObject({ status: 0, stdout: expected });
    });

    test.each(['', 'two\nlines'])('fails on %j as a password and names the account alone', (password) => {
      room.write('users/app', password);
      const { status, stdout, stderr } = room.with('password app "$1"', "'");
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/the password of app is empty or has more than one line\n$/);
    });

    test('every account gets its password', () => {
      room.write('users/app', "it's");
      const sql = room.with('accounts').stdout;
      expect(sql).toContain(`ALTER USER 'app'@'%' IDENTIFIED BY 'it\\'s' `);
      expect(sql).toContain(`ALTER USER 'root'@'localhost' IDENTIFIED BY 'password-of-root' `);
      expect(sql).not.toContain('{{');
    });
  });

  /** Records every statement; SHOW BINARY LOGS is answered from a file. */
  const SERVER = `sql=$(cat)
printf '%s\\n' "$sql" >>asked
case $sql in
  'SHOW BINARY LOGS') cat logs ;;
  'SELECT @@global.read_only, @@global.event_scheduler') printf '%s\\tOFF\\n' "$(<read_only)" ;;
esac`;

  async function follow(ordinal: number, prepare: (room: Room) => void = () => {}): Promise<string> {
    const room = new Room(configOf({ database: { storage: { size: '1Gi' } } }), ordinal);
    room.program('mysql', SERVER);
    room.write('logs', '');
    room.write('read_only', ordinal === 0 ? '0\n' : '1\n');
    room.write('run/state', room.with('state').stdout);
    prepare(room);
    await room.script('follow.sh');
    const asked = room.read('asked');
    room.remove();
    return asked;
  }

  test.each([
    [[60, 60, 60, 60, 60, 60], "PURGE BINARY LOGS TO 'log.2'"],
    [[60, 60, 60], undefined],
    [[900, 900], undefined],
  ])('binary logs of %j MiB on a volume of 1 GiB: %s', async (sizes, statement) => {
    const logs = sizes.map((mib, i) => `log.${i} ${mib * 2 ** 20} No\n`).join('');
    const asked = await follow(0, (room) => room.write('logs', logs));
    expect(asked).toContain('SHOW BINARY LOGS');
    expect(asked.match(/PURGE.*/)?.[0]).toBe(statement);
  });

  test('a new password of the app keeps the old one open, stays out of the binary log, and closes a replica again', async () => {
    const change = (room: Room) => room.write('users/app', 'fresh');
    const replica = await follow(1, change);
    expect(replica).toMatch(
      /SET SESSION sql_log_bin = 0; SET GLOBAL super_read_only = OFF; [\s\S]*ALTER USER 'app'@'%' IDENTIFIED BY 'fresh' RETAIN CURRENT PASSWORD REQUIRE SSL [\s\S]*; SET GLOBAL super_read_only = ON;\n/,
    );
    expect(replica).toContain('ALTER INSTANCE RELOAD TLS');
    expect(await follow(0, change)).not.toContain('super_read_only = ON');
  });

  test('a new certificate changes no password of the app', async () => {
    const asked = await follow(0, (room) => room.write('tls/ca.crt', 'another'));
    expect(asked).toContain('ALTER INSTANCE RELOAD TLS');
    expect(asked).not.toContain("'app'@'%'");
  });

  const zones = async (there?: string): Promise<{ asked: string; there: string }> => {
    const room = new Room(configOf({}), 1);
    room.program('mysql', SERVER);
    room.write('read_only', '1\n');
    room.write('volume/tmp/keep', '');
    room.write('volume/data/keep', '');
    room.program(
      'mysql_tzinfo_to_sql',
      "printf '%s\\n' 'TRUNCATE TABLE time_zone;' 'START TRANSACTION;' \"INSERT INTO time_zone_name (Name) VALUES ('Europe/Berlin');\" 'COMMIT;'",
    );
    if (there !== undefined) room.write('volume/data/zones', there);
    await room.script('zones.sh');
    const outcome = { asked: room.read('asked'), there: room.read('volume/data/zones') };
    room.remove();
    return outcome;
  };

  test('time zones are loaded in one transaction outside the binary log, and a replica is closed again', async () => {
    const { asked } = await zones();
    expect(asked).toMatch(
      /SET SESSION sql_log_bin = 0; SET GLOBAL super_read_only = OFF; USE mysql; START TRANSACTION;\nDELETE FROM time_zone;\nINSERT INTO time_zone_name [^;]*;\nCOMMIT; SET GLOBAL super_read_only = ON;\n/,
    );
    expect(asked).not.toContain('TRUNCATE');
  });

  test('time zones are loaded once, and again when those of the image are others', async () => {
    const { there } = await zones();
    expect(there).toMatch(/^[0-9a-f]{64}\n$/);
    expect((await zones(there)).asked).not.toContain('INSERT');
    expect((await zones('others\n')).asked).toContain('INSERT');
  });

  test('nothing is changed while the Secrets are as they were', async () => {
    expect(await follow(0)).not.toMatch(/ALTER|SET/);
  });
});
