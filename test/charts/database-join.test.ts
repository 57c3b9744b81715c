import { configOf } from '../support/configs';
import { type Outcome, Room } from '../support/database-room';
import { withProgram } from '../support/programs';

withProgram('bash', () => {
  /**
   * A database and its peers: transactions are letters. The file `0`, `1` or `2` holds the answer of that member,
   * `mine` the transactions of the one that joins, `state` its member state.
   */
  const SERVERS = `host=here
for argument; do if [[ $argument == --host=* ]]; then host=\${argument#--host=database-}; host=\${host%%.*}; fi; done
sql=$(cat)
subtract() { local c out=; for c in \${1//,/ }; do [[ ,$2, == *,$c,* ]] || out+=,$c; done; echo "\${out#,}"; }
if [[ $host != here ]]; then
  if [[ ! -e $host ]]; then echo 'does not answer' >&2; exit 1; fi
  cat "$host"
  exit
fi
printf '%s\\n' "$sql" >>asked
case $sql in
  'SELECT @@global.super_read_only') echo 1 ;;
  'SELECT @@global.group_replication_group_name') cat line 2>/dev/null || true ;;
  *GTID_SUBTRACT*) IFS="'" read -r _ a _ b _ <<<"$sql"; subtract "$a" "$b" ;;
  *"replication_connection_configuration"*) echo 0 ;;
  *gtid_executed*) cat mine ;;
  *"COALESCE((SELECT MEMBER_STATE"*) cat state ;;
esac`;

  interface World extends Outcome {
    readonly asked: string;
    readonly refused: string;
    readonly outdated: boolean;
  }

  async function join(room: Room, mine: string, others: Record<number, string>): Promise<World> {
    room.program('mysql', SERVERS);
    room.write('mine', `${mine}\n`);
    room.write('state', 'OFFLINE\n');
    for (const [number, answer] of Object.entries(others)) room.write(number, `${answer}\n`);
    const outcome = await room.script('join.sh');
    const world = {
      ...outcome,
      asked: room.read('asked'),
      refused: room.read('run/refused').trim(),
      outdated: room.has('volume/outdated'),
    };
    room.remove();
    return world;
  }

  const room = (settings: object, ordinal: number): Room => new Room(configOf(settings), ordinal);

  /** Member 1 of 3. `others` holds the answers of 2 and 0: state|applied|received|purged|members|name of its group. */
  const member = (mine: string, others: Record<number, string>): Promise<World> =>
    join(room({ database: { topology: 'group' } }, 1), mine, others);
  const begins = 'bootstrap_group = ON';
  const joins = 'bootstrap_group = OFF;\n    START GROUP_REPLICATION';

  describe('after all members were lost', () => {
    test.each([
      ['the one with the most begins', 'a,b,c', { 0: 'OFFLINE|a,b||', 2: 'ERROR|a||' }, true],
      ['not one that lacks what another has applied', 'a,b', { 0: 'OFFLINE|a||', 2: 'OFFLINE|a,b,c||' }, false],
      ['not one that lacks what another has only received', 'a,b', { 0: 'OFFLINE|a||', 2: 'OFFLINE|a,b|c|' }, false],
      ['of equals the lowest number, seen from a higher one', 'a,b', { 0: 'OFFLINE|a,b||', 2: 'OFFLINE|a,b||' }, false],
      ['of equals the lowest number, seen from itself', 'a,b', { 0: 'OFFLINE|a||', 2: 'OFFLINE|a,b||' }, true],
      ['an empty volume does not count', 'a,b', { 0: 'blank|x||', 2: 'OFFLINE|a||' }, true],
    ])('%s', async (_, mine, others, first) => {
      const { asked, refused, stderr } = await member(mine, others);
      expect(asked.includes(begins)).toBe(first);
      expect(stderr).toContain(first ? 'begins the group' : 'waits for the member with the most transactions');
      expect(refused).toBe('');
    });

    test('fails to begin when no set contains the others, and says with whom', async () => {
      const { asked, refused } = await member('a,b', { 0: 'OFFLINE|a,c||', 2: 'OFFLINE|a||' });
      expect(refused).toBe(
        'apart each holds transactions that the other lacks, so no member begins the group: this one and database-0',
      );
      expect(asked).not.toContain('START GROUP_REPLICATION');
    });

    test('waits for one that is silent, and for one on the smaller side of a cut', async () => {
      const { asked, stderr } = await member('a', { 2: 'MINORITY|a||' });
      expect(stderr).toContain('missing: database-0 database-2');
      expect(asked).not.toContain('START GROUP_REPLICATION');
    });

    test('does not wait for one that was given up', async () => {
      const made = room({ database: { topology: 'group' } }, 1);
      made.write('run/lost-0', '');
      expect((await join(made, 'a', { 2: 'OFFLINE|a||' })).asked).toContain(begins);
    });
  });

  describe('while others are in the group', () => {
    test('joins them, whatever the rest is busy with', async () => {
      const { asked, stderr } = await member('a', { 0: 'ONLINE|a,b|||', 2: 'RECOVERING|a|||' });
      expect(stderr).toContain('joins the group');
      expect(asked).toContain(joins);
      expect(asked).not.toContain(begins);
    });

    test('fails to join with transactions of its own, which are neither given up nor cloned over', async () => {
      const { asked, refused, outdated } = await member('a,x', { 0: 'ONLINE|a,b||a,b|', 2: 'ONLINE|a,b||a,b|' });
      expect(refused).toBe('apart holds transactions that the group lacks, so it does not join it: x');
      expect(asked).not.toMatch(/START GROUP_REPLICATION|SHUTDOWN/);
      expect(outdated).toBe(false);
    });

    test('is cloned again when the group no longer has the binary logs that it needs', async () => {
      const { asked, outdated } = await member('a', { 0: 'ONLINE|a,b||a,b|', 2: 'ONLINE|a,b||a,b|' });
      expect(asked).toContain('SHUTDOWN');
      expect(outdated).toBe(true);
    });

    test.each([
      ['inside a group', 'ONLINE|a,b||a,b||before'],
      ['with fewer transactions, in no group', 'OFFLINE|||||before'],
      ['with more transactions, in no group', 'ERROR|a,b||||before'],
    ])('fails to meet data of before a restore: a member %s', async (_, before) => {
      const made = room({ database: { topology: 'group' } }, 1);
      made.write('line', 'after\n');
      const { asked, refused, outdated } = await join(made, 'a', { 0: before, 2: 'OFFLINE|a||||after' });
      expect(refused).toContain('apart holds data of another restore than database-0, so neither joins the other');
      expect(asked).not.toMatch(/START GROUP_REPLICATION|SHUTDOWN/);
      expect(outdated).toBe(false);
    });

    test('begins with those that share its restore, whatever an empty volume is called', async () => {
      const made = room({ database: { topology: 'group' } }, 1);
      made.write('line', 'after\n');
      const { asked } = await join(made, 'a,b', { 0: 'blank|x||||before', 2: 'OFFLINE|a||||after' });
      expect(asked).toContain(begins);
    });

    test.each([
      ['database-0', false],
      ['database-1', true],
      ['database-10', false],
    ])('waits while a member still counts %s to the group: %s', async (seen, waits) => {
      const name = (pod: string) => `${pod}.database.foobar.svc.cluster.local`;
      const { asked, stderr } = await member('a', {
        0: 'ONLINE|a|||',
        2: `ONLINE|a|||${['database-2', seen].map(name).join()}`,
      });
      expect(stderr.includes('has expelled what this member was before: database-2')).toBe(waits);
      expect(asked.includes(joins)).toBe(!waits);
    });
  });

  describe('a replica', () => {
    const replica = (mine: string, primary?: string): Promise<World> =>
      join(room({}, 1), mine, primary === undefined ? {} : { 0: primary });

    test('follows the primary', async () => {
      const { asked, stderr, status } = await replica('a', '1|a,b|');
      expect(asked).toContain(`START REPLICA USER = 'replication' PASSWORD = 'password-of-replication'`);
      expect(stderr).toContain('follows the primary');
      expect(status).toBe(0);
    });

    test.each([
      ['does not answer', undefined],
      ['is not the primary yet', '0|a,b|'],
    ])('waits while database-0 %s', async (_, primary) => {
      const { asked, stderr } = await replica('a', primary);
      expect(stderr).toContain('waits for the primary');
      expect(asked).not.toContain('START REPLICA');
    });

    test('fails to follow with transactions of its own, which are neither given up nor cloned over', async () => {
      const { asked, refused, outdated } = await replica('a,x', '1|a,b|a,b');
      expect(refused).toBe('apart holds transactions that the primary lacks, so it does not follow it: x');
      expect(asked).not.toMatch(/START REPLICA|SHUTDOWN/);
      expect(outdated).toBe(false);
    });

    test('is cloned again when the primary no longer has the binary logs that it needs', async () => {
      const { asked, outdated } = await replica('a', '1|a,b|a,b');
      expect(asked).toContain('SHUTDOWN');
      expect(outdated).toBe(true);
    });
  });
});
