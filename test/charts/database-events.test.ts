import { configOf } from '../support/configs';
import { Room } from '../support/database-room';
import { withProgram } from '../support/programs';

/**
 * Servers with events: `theirs` is what the one that takes writes answers. Each statement that alters events is made from the
 * status and the condition that it was asked with.
 */
const SERVERS = `host=here
for argument; do case $argument in --host=*) host=\${argument#--host=}; host=\${host%%.*} ;; esac; done
sql=$(cat)
printf '%s: %s\\n' "$host" "$sql" >>asked
case $sql in
  'SELECT EXISTS'*) cat exists ;;
  'SELECT STATUS'*) cat theirs ;;
  'SELECT @@global.read_only'*) printf '1\\tON\\n' ;;
  'SELECT MEMBER_HOST'*) cat primaries ;;
  'SELECT MIN(MEMBER_HOST)'*) cat leads ;;
  *CHARACTER_SET_CLIENT*)
    status=\${sql##*\\'\\\`\\', \\' } status=\${status%%;*}
    where=\${sql##*WHERE (} where=\${where%%) AND (CHARACTER_SET*}
    echo "ALTER to $status: $where;" ;;
esac`;

interface Given {
  readonly role: string;
  readonly ordinal: number;
  readonly settings?: object;
  readonly files?: Readonly<Record<string, string>>;
  readonly rounds?: number;
}

/** What a server alters in so many rounds, by the statements that reach it. */
async function altered({ role, ordinal, settings = {}, files = {}, rounds = 2 }: Given) {
  const room = new Room(configOf(settings), ordinal, { rounds });
  room.program('mysql', SERVERS);
  for (const [name, text] of Object.entries({ exists: '1\n', theirs: '', primaries: '', leads: '1\n', ...files })) {
    room.write(name, text);
  }
  room.write('run/role', `0 ${role}\n`);
  await room.script('events.sh');
  const asked = room.read('asked');
  room.remove();
  const statements = asked.split(/^(?=\S+: )/m).filter((text) => /^here: (SET SESSION|ALTER to|\nALTER to)/.test(text));
  return { asked, statements };
}

const THEIRS = 'ENABLED\t73.72756E\nDISABLED\t73.6F6666\nend\tEVENT\n';

withProgram('bash', () => {
  test('a replica has disabled what its primary has disabled, outside the binary log and read-only again', async () => {
    const { statements } = await altered({ role: 'replica replica', ordinal: 1, files: { theirs: THEIRS } });
    expect(statements).toHaveLength(1);
    expect(statements[0]).toMatch(
      /^here: SET SESSION sql_log_bin = 0; SET GLOBAL event_scheduler = OFF; SET GLOBAL super_read_only = OFF; ALTER to DISABLE: .* IN \('','73\.6F6666'\) AND .* NOT IN \('','73\.72756E'\);[\s\S]*ALTER to DISABLE ON REPLICA: STATUS = 'ENABLED'[\s\S]* SET GLOBAL super_read_only = ON; SET GLOBAL event_scheduler = ON;\n$/,
    );
  });

  test.each([
    ['does not answer', ''],
    ['is of the version before, which shows no event', 'end\tUSAGE\n'],
  ])('a replica changes nothing when its primary %s', async (_, theirs) => {
    expect((await altered({ role: 'replica replica', ordinal: 1, files: { theirs } })).statements).toEqual([]);
  });

  test('what another server calls an event is no SQL', async () => {
    const theirs = `DISABLED\t73.6F'); DROP TABLE x; --\nend\tEVENT\n`;
    const { asked } = await altered({ role: 'replica replica', ordinal: 1, files: { theirs } });
    expect(asked).not.toContain('DROP TABLE');
  });

  test('a server that begins to take writes enables what is disabled as an event of another server, once all', async () => {
    const { statements } = await altered({ role: 'primary primary', ordinal: 0, rounds: 3 });
    const [first = '', second = ''] = statements;
    expect(first).toMatch(/ALTER to ENABLE: STATUS LIKE '%SIDE_DISABLED' AND TRUE AND NOT COALESCE\(/);
    expect(first).toMatch(/ALTER to DISABLE: STATUS LIKE '%SIDE_DISABLED' AND \(COALESCE\(/);
    expect(second).toMatch(/ALTER to ENABLE: STATUS LIKE '%SIDE_DISABLED' AND ORIGINATOR <> @@server_id AND NOT/);
    expect(first).not.toContain('sql_log_bin');
  });

  test.each([
    ['no other member does', '', '1\n', 1],
    ['a member before it does as well', 'database-0.database.foobar.svc.cluster.local\n', '0\n', 0],
  ])('of a group, one that takes writes while %s', async (_, primaries, leads, count) => {
    const { statements } = await altered({
      role: 'primary primary',
      ordinal: 1,
      settings: { database: { topology: 'group' } },
      files: { primaries, leads, theirs: THEIRS },
    });
    expect(statements).toHaveLength(count);
  });

  test.each(['none read-only', 'primary yielding', 'leaving stopping'])(
    'a server that is `%s` alters no event',
    async (role) => {
      expect((await altered({ role, ordinal: 0 })).statements).toEqual([]);
    },
  );

  test('without events no other server is asked', async () => {
    const { asked } = await altered({ role: 'replica replica', ordinal: 1, files: { exists: '0\n' } });
    expect(asked).not.toContain('SELECT STATUS');
  });
});
