import { Room } from '../support/database-room';
import { configOf } from '../support/firewalls';

const now = (): number => Math.floor(Date.now() / 1000);

/** The clients of a server; the first two find it away. */
const MYSQL = `echo . >>tries
if (($(wc -l <tries) < 3)); then exit 1; fi
asked=0
while read -r line; do
  case $line in
    "SELECT 'end of answer';") echo 'end of answer' ;;
    *database_read_only*) echo 'database_read_only 0' ;;
    'SELECT REPLACE('*)
      # not before what was answered first is written
      if ((++asked == 3)); then exit; fi
      cat says ;;
  esac
done`;

/** Lets role.sh run until the server was asked for its role. */
async function role(says: string, leave: Record<string, string> = {}, ordinal = 0, config = configOf({})) {
  const room = new Room(config, ordinal, { rounds: 4 });
  try {
    room.program('mysql', MYSQL);
    room.write('says', `${says}\n`);
    for (const [name, text] of Object.entries(leave)) room.write(`run/${name}`, text);
    await room.script('role.sh');
    const [first, ...metrics] = room.read('run/role').trim().split('\n');
    expect(Math.abs(Number(first?.split(' ')[0]) - now())).toBeLessThan(60);
    return { role: first?.replace(/^\d+ /, ''), metrics };
  } finally {
    room.remove();
  }
}

test('role.sh outlives clients that end, and writes the role as soon as one is answered', async () => {
  expect(await role('primary')).toEqual({
    role: 'primary',
    metrics: [
      'database_read_only 0',
      'database_semi_sync_required 1',
      'database_primary 1',
      'database_errant_transactions 0',
    ],
  });
});

test.each([
  ['a replica that has caught up', 'replica', { joined: '' }, 'replica'],
  ['a replica that has not', 'replica', {}, 'none has not caught up with the primary since it started'],
  ['a pod that is about to stop', 'primary', { stopping: '' }, 'leaving stops'],
  ['a primary that gives way to a clone', 'none read-only, but this is the primary', { yields: '' }, 'primary'],
  ['a server that is kept out', 'replica', { joined: '', refused: 'holds more' }, 'none holds more'],
])('%s', async (_, says, leave, expected) => {
  expect((await role(says, leave)).role).toBe(expected);
});

test('a group says how many members it should have', async () => {
  const { metrics } = await role('primary', {}, 2, configOf({ database: { topology: 'group', members: 5 } }));
  expect(metrics).toContain('database_group_size 5');
});

describe('readiness', () => {
  const ready = async (text?: string) => {
    const room = new Room(configOf({}), 1);
    if (text !== undefined) room.write('run/role', text);
    const { status, stdout } = await room.script('ready.sh');
    room.remove();
    return { status, reason: stdout.trim() };
  };

  test.each(['primary', 'replica'])('a %s is ready', async (role) => {
    expect(await ready(`${now()} ${role}\nfigures`)).toEqual({ status: 0, reason: '' });
  });

  test('fails with the reason of a server without a role', async () => {
    expect(await ready(`${now()} none receives nothing: it's "gone"\n`)).toEqual({
      status: 1,
      reason: `receives nothing: it's "gone"`,
    });
  });

  test('fails for a server that has not answered for seconds, and for one that never has', async () => {
    expect(await ready(`${now() - 10} primary\n`)).toEqual({ status: 1, reason: 'the server does not answer' });
    expect(await ready()).toEqual({ status: 1, reason: 'the server has not answered yet' });
  });
});
