import { readFileSync } from 'node:fs';
import { STATES } from '../../charts/database/states';
import { configOf } from '../support/configs';
import { filesOf, Room } from '../support/database-room';
import { withProgram } from '../support/programs';

withProgram('bash', () => {
  const now = (): number => Math.floor(Date.now() / 1000);

  /** The clients of a server; the first two cannot reach it. */
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
    expect(await role('primary primary')).toEqual({
      role: 'primary primary',
      metrics: ['database_read_only 0', 'database_semi_sync_required 1', 'database_primary 1'],
    });
  });

  test.each([
    ['a replica that has caught up', 'replica replica', { joined: '' }, 'replica replica'],
    [
      'a replica that has not',
      'replica replica',
      {},
      'none catching-up has not caught up with the primary since it started',
    ],
    ['a pod that is about to stop', 'primary primary', { stopping: '' }, 'leaving stopping'],
    ['a primary that gives way to a clone', 'none read-only is the primary', { yields: '' }, 'primary yielding'],
    ['a server that is kept out', 'replica replica', { joined: '', refused: 'apart holds x' }, 'none apart holds x'],
  ])('%s', async (_, says, leave, expected) => {
    expect((await role(says, leave)).role).toBe(expected);
  });

  test('a group says how many members it should have', async () => {
    const { metrics } = await role('primary primary', {}, 2, configOf({ database: { topology: 'group', members: 5 } }));
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
      expect(await ready(`${now()} ${role} ${role}\nmetrics`)).toEqual({ status: 0, reason: '' });
    });

    test('fails with the reason of a server without a role', async () => {
      expect(await ready(`${now()} none not-receiving it's "gone"\n`)).toEqual({
        status: 1,
        reason: `not-receiving: it's "gone"`,
      });
    });

    test('fails for a server that has not answered for seconds, and for one that never has', async () => {
      expect(await ready(`${now() - 10} primary primary\n`)).toEqual({
        status: 1,
        reason: 'silent: the server does not answer',
      });
      expect(await ready()).toEqual({ status: 1, reason: 'silent: the server has not answered yet' });
    });
  });
});

test('a state has one name in the scripts and in the list', () => {
  const files = ['pair', 'group'].flatMap((topology) =>
    Object.entries(filesOf(configOf({ database: { topology: topology === 'group' ? 'group' : 'primary-replica' } }))),
  );
  const found = new Map<string, Set<string>>();
  for (const [name, text] of files) {
    if (!/\.(sh|sql|lua)$/.test(name)) continue;
    const code = text.replaceAll(/^\s*(#|--).*$/gm, '');
    for (const [, role, state] of code.matchAll(/'(primary|replica|leaving|none) ([a-z-]+)[ ']/g)) {
      found.set(state as string, (found.get(state as string) ?? new Set()).add(role as string));
    }
    for (const [, state] of code.matchAll(/refuse ([a-z-]+) ["']/g)) found.set(state as string, new Set(['none']));
    if (code.includes("'none', 'silent'")) found.set('silent', new Set(['none']));
  }
  const listed = Object.entries(STATES).map(([name, { role }]) => [name, [role]]);
  expect(Object.fromEntries([...found].map(([name, roles]) => [name, [...roles]]))).toEqual(Object.fromEntries(listed));
});

test('the documentation explains every state, and no other', () => {
  const page = readFileSync('docs/decisions/database-invariants.md', 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (\S+) \|/gm)].map(([, name, role]) => [name, role]);
  expect(rows).toEqual(Object.entries(STATES).map(([name, { role }]) => [name, role]));
});
