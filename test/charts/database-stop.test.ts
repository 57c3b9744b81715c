import { configOf } from '../support/configs';
import { Room } from '../support/database-room';
import { withProgram } from '../support/programs';

/** Servers with one session of the app each, until it is ended; `sleep` is recorded too, for the order. */
const SERVERS = `host=here
for argument; do
  case $argument in --host=*) host=\${argument#--host=}; host=\${host%%.*} ;; --defaults-file=*) by=\${argument##*/} ;; esac
done
sql=$(cat)
printf '%s as %s: %s\\n' "$host" "\${by%.cnf}" "$sql" >>asked
case $sql in
  *'KILL @idle'*) : >"ended-$host" ;;
  'SELECT COUNT(*) FROM performance_schema.processlist'*) if [[ -e ended-$host ]]; then echo 0; else echo 1; fi ;;
  *'SELECT COUNT(*)'*) echo 0 ;;
esac`;

async function stop(ordinal: number, settings: object = {}) {
  const room = new Room(configOf(settings), ordinal, { rounds: 1000 });
  room.program('mysql', SERVERS);
  const { status } = await room.script('stop.sh');
  const outcome = {
    status,
    asked: room.read('asked'),
    marks: ['stopping', 'draining'].filter((mark) => room.has(`run/${mark}`)),
    password: room.has('run/app.cnf'),
  };
  room.remove();
  return outcome;
}

withProgram('bash', () => {
  test.each([
    ['a replica', 1, { database: { replicas: 2 } }, ['here as root', 'database-0 as app', 'database-2 as app']],
    ['a member', 0, { database: { topology: 'group' } }, ['here as root', 'database-1 as app', 'database-2 as app']],
  ])('%s ends the sessions with it and those that its router leads elsewhere', async (_, ordinal, settings, ended) => {
    const { status, asked, marks, password } = await stop(ordinal, settings);
    const kills = [...asked.matchAll(/^(.* as .*): SET @idle = .*KILL @idle;$/gm)].map(([, who]) => who);
    expect(kills.sort()).toEqual(ended.sort());
    expect(marks).toEqual(['stopping', 'draining']);
    expect({ status, password }).toEqual({ status: 0, password: false });
  });

  test('elsewhere it ends no sessions but those that come from this pod', async () => {
    const { asked } = await stop(1);
    expect(asked).toMatch(/^database-0 as app: .*HOST LIKE CONCAT\(SUBSTRING_INDEX\(USER\(\), '@', -1\), ':%'\)/m);
  });

  test('the primary goes on taking writes while clients of its router leave', async () => {
    const { status, asked, marks } = await stop(0);
    expect(marks).toEqual(['draining']);
    expect(asked.indexOf('KILL @idle')).toBeGreaterThan(-1);
    expect(asked.indexOf('KILL @idle')).toBeLessThan(asked.indexOf('super_read_only = ON'));
    expect(asked).not.toMatch(/^here as root: SET @idle/m);
    expect(status).toBe(0);
  });
});
