import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withProgram } from '../support/programs';

let room: string;
beforeAll(() => {
  room = mkdtempSync(join(tmpdir(), 'threewall-follow-'));
});
afterAll(() => rmSync(room, { recursive: true }));

/** What follow.awk makes of the output of mysqlbinlog. */
function filtered(text: string, place = 'binlog.000002 198') {
  const foot = join(room, 'foot');
  const { stdout, stderr, status } = spawnSync(
    'awk',
    [
      ...['-v', `place=${place}`, '-v', 'from=shop', '-v', `foot=${foot}`],
      ...['-f', 'commands/import/scripts/follow.awk'],
    ],
    { input: text, encoding: 'latin1', maxBuffer: 2 ** 26, env: { ...process.env, LC_ALL: 'C' } },
  );
  const lines = stdout.split('\n').slice(3, -1);
  const statements = lines.filter((line) => !/^(SET |\/\*!|use |[A-Za-z0-9+/=]{8,}$|'\/\*!\*\/;$)/.test(line));
  return { lines, statements, said: stderr.trim(), status, foot: readFileSync(foot, 'utf8') };
}

// as mysqlbinlog 9.7.4 printed it of a MySQL 9.7.4
const HEAD = `# The proper term is pseudo_replica_mode, but we use this compatibility alias
# to make the statement usable on server versions 8.0.24 and older.
/*!50530 SET @@SESSION.PSEUDO_SLAVE_MODE=1*/;
/*!50003 SET @OLD_COMPLETION_TYPE=@@COMPLETION_TYPE,COMPLETION_TYPE=0*/;
DELIMITER /*!*/;
# at 198
#261130 19:20:36 server id 1  end_log_pos 0 CRC32 0x1ce68023 	Start: binlog v 4, server v 9.7.4-2 created 261130 19:20:36
BINLOG '
hMwNaw8BAAAAewAAAAAAAAAAAAQAOS43LjQtMgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
AAAAAAAAAAAAAAAAAAAAAAAAEwANAAgAAAAABAAEAAAAYwAEGggAAAAAAAACAAAACgoKKioAEjQA
CigAAAEjgOYc
'/*!*/;
/*!50616 SET @@SESSION.GTID_NEXT='AUTOMATIC'*//*!*/;
`;
const TAIL = `DELIMITER ;
# End of log file
/*!50003 SET COMPLETION_TYPE=@OLD_COMPLETION_TYPE*/;
/*!50530 SET @@SESSION.PSEUDO_SLAVE_MODE=0*/;
`;
const query = (at: number, end: number, text: string): string => `# at ${at}
#261130  9:20:36 server id 1  end_log_pos ${end} CRC32 0xc6f70a8f 	Query	thread_id=11	exec_time=0	error_code=0
use \`site\`/*!*/;
SET TIMESTAMP=1796066436/*!*/;
SET @@session.pseudo_thread_id=11/*!*/;
SET @@session.sql_mode=1168113696/*!*/;
/*!\\C utf8mb4 *//*!*/;
/*!80013 SET @@session.sql_require_primary_key=0*//*!*/;
${text}
/*!*/;
`;
const MAP = 'hMwNaxMBAAAAPgAAAJ4BAAAAAHAAAAAAAAEABHNpdGUAAXQABQMP/AT1BcgAAgQEHgEBAAME/P8A\nP19zEig=\n';
const WRITE = 'hMwNax4BAAAAQwAAAOEBAAAAAHAAAAAAABEAAgAF/wABAAAAAXgCAAD/AACASw0AAAAAAQAMAAsA\nAQAFAQBhvi0VOg==\n';
const rows = (at: number, events = MAP + WRITE): string => `# at ${at}
#261130 19:20:36 server id 1  end_log_pos ${at + 62} CRC32 0x2812735f 	Table_map: \`site\`.\`t\` mapped to number 112
# at ${at + 62}
#261130 19:20:36 server id 1  end_log_pos ${at + 129} CRC32 0x3a152dbe 	Write_rows: table id 112 flags: STMT_END_F USE_SQL_FOREIGN_KEY_F

BINLOG '
${events}'/*!*/;
`;
const commit = (at: number, end: number): string => `# at ${at}
#261130 19:20:36 server id 1  end_log_pos ${end} CRC32 0x65ef2e8d 	Xid = 29
COMMIT/*!*/;
`;
/** A transaction of one row, 400 bytes long. */
const transaction = (at: number): string => query(at, at + 100, 'BEGIN') + rows(at + 100) + commit(at + 369, at + 400);
const all = (...events: string[]): string => HEAD + events.join('') + TAIL;
const position = (end: number, doubt = ''): string =>
  `UPDATE threewall_import SET value = 'binlog.000002 ${end} 261130T19:20:36${doubt}' WHERE name = 'position'/*!*/;`;
const [BEGIN, COMMIT, SAVE, BINLOG] = ['BEGIN/*!*/;', 'COMMIT/*!*/;', 'SAVEPOINT threewall/*!*/;', "BINLOG '"];

withProgram('awk', () => {
  test('a commit says how far it came, and transactions are joined', () => {
    const { statements, lines, status, foot } = filtered(all(transaction(200), transaction(600)));
    expect(statements).toEqual([BINLOG, BEGIN, BINLOG, SAVE, BINLOG, SAVE, position(1000), COMMIT]);
    expect(lines.join('\n')).toMatch(`BINLOG '\n${MAP}${WRITE}'/*!*/;`);
    expect({ status, foot }).toEqual({ status: 0, foot: 'seen 2\n' });
  });

  test('variables that take an administrator are left out, those of the rows are not', () => {
    const text = filtered(all(transaction(200))).lines.join('\n');
    expect(text).not.toMatch(/pseudo_thread_id|sql_require_primary_key|\\C/);
    expect(text).toMatch('SET @@session.sql_mode=1168113696/*!*/;');
  });

  test('two hundred transactions are one commit', () => {
    const many = Array.from({ length: 401 }, (_, n) => transaction(200 + 400 * n));
    const { statements } = filtered(all(...many));
    expect(statements.filter((line) => line === COMMIT)).toHaveLength(3);
    expect(statements.at(-2)).toBe(position(200 + 400 * 401));
  });

  test('a statement runs by itself, in doubt until it is done', () => {
    const { statements, lines, foot } = filtered(all(transaction(200), query(600, 700, 'alter table t add z int')));
    expect(statements.slice(3)).toEqual([
      ...[SAVE, position(600), COMMIT, position(600, ' doubt')],
      ...['alter table t add z int', position(700)],
    ]);
    expect(lines).toContain('SET TIMESTAMP=1796066436/*!*/;');
    expect(foot).toBe('seen 2\n');
  });

  test('CREATE TABLE … SELECT is a statement and its rows', () => {
    const made = query(300, 400, 'CREATE TABLE `c` (\n  `a` int\n) START TRANSACTION');
    const { statements } = filtered(all(query(200, 300, 'BEGIN'), made, rows(400), commit(529, 560)));
    expect(statements.slice(1)).toEqual([
      ...[position(198, ' doubt'), 'CREATE TABLE `c` (', '  `a` int', ')', BEGIN, BINLOG],
      ...[SAVE, position(560), COMMIT],
    ]);
  });

  test('its own database has another name here, in other places the name stays', () => {
    const { statements } = filtered(all(query(200, 300, "ALTER TABLE `shop`.`t` ADD a INT COMMENT 'of shop'")));
    expect(statements).toContain("ALTER TABLE `t` ADD a INT COMMENT 'of shop'");
  });

  test.each([
    'CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW `v` AS select 1',
    'create or replace view v as select 1',
    'CREATE DEFINER=`root`@`localhost` TRIGGER tr AFTER INSERT ON t FOR EACH ROW BEGIN\n  SET @a = 1;\nEND',
    'CREATE DEFINER=`root`@`localhost` FUNCTION f(a INT) RETURNS int RETURN a',
    'DROP PROCEDURE IF EXISTS `p`',
    'ALTER DEFINER=`a`@`b` EVENT e DISABLE',
    "GRANT SELECT ON shop.* TO 'a'@'%'",
    "CREATE USER 'a'@'%' IDENTIFIED WITH 'caching_sha2_password' AS 'x'",
    'OPTIMIZE TABLE t',
    'DROP /*!40005 TEMPORARY */ TABLE IF EXISTS `tt`',
    'FLUSH TABLES',
  ])('%s is copied at the switch, or changes nothing', (text) => {
    const { statements, status, said } = filtered(all(query(200, 300, text), transaction(300)));
    expect({ status, said }).toEqual({ status: 0, said: '' });
    expect(statements.slice(1)).toEqual([BEGIN, BINLOG, SAVE, position(700), COMMIT]);
  });

  test.each([
    'TRUNCATE t',
    'truncate table `t`',
    'RENAME TABLE a TO b, b TO a',
    'CREATE UNIQUE INDEX i ON t (a)',
    'DROP INDEX `i` ON `t`',
    '/* ApplicationName=x */ ALTER TABLE t ADD a INT',
    '-- of the old site\nALTER TABLE t ADD a INT',
    '/*!40000 ALTER TABLE `t` DISABLE KEYS */',
    'DROP TABLE IF EXISTS `t` /* generated by server */',
  ])('%s is run', (text) => {
    const { statements, status } = filtered(all(query(200, 300, text)));
    expect(status).toBe(0);
    expect(statements.slice(1)).toEqual([
      position(198, ' doubt'),
      ...text.split('\n').filter((line) => !line.startsWith('/*!')),
      position(300),
    ]);
  });

  test.each([
    ["XA START X'61',X'',1", /^binlog.000002 198: cannot be followed: XA START/],
    ['INSERT INTO t VALUES (1)', /cannot be followed: INSERT INTO t VALUES \(1\)$/],
    ['ALTER DATABASE `shop` CHARSET latin1', /cannot be followed/],
    ['DROP DATABASE shop', /cannot be followed/],
    ["LOAD DATA LOCAL INFILE 'x'\nINTO TABLE t", /cannot be followed: LOAD DATA LOCAL INFILE 'x' INTO TABLE t$/],
    ['ALTER TABLE t ADD a INT\n/*!*/;\nRELOAD DATABASE; # of an incident', /cannot be followed: RELOAD DATABASE/],
  ])('%s ends it, never silently', (text, why) => {
    const { status, said, statements } = filtered(all(query(200, 300, text)));
    expect(status).toBe(3);
    expect(said).toMatch(why);
    expect(statements).not.toContain(COMMIT);
  });

  test('what is cut comes again, what was complete does not', () => {
    const second = transaction(600);
    const whole = HEAD + transaction(200) + second;
    for (let cut = 2; cut < second.length; cut += 7) {
      const { statements, status } = filtered(whole.slice(0, whole.length - cut));
      expect(status).toBe(0);
      const written = statements.filter((line) => line.startsWith('UPDATE'));
      // inside of its rows the client knows no end of a statement: nothing is committed, and both come again
      if (written.length === 0) expect(statements).not.toContain(COMMIT);
      else expect(statements.slice(-2)).toEqual([position(600), COMMIT]);
      if (statements.filter((line) => line === BINLOG).length > 2 && written.length > 0)
        expect(statements.at(-3)).toBe('ROLLBACK TO SAVEPOINT threewall/*!*/;');
    }
  });

  test('changes of other databases move the place', () => {
    const other = `${query(200, 300, 'BEGIN')}# at 300\n# at 360\n${commit(400, 431)}`;
    expect(filtered(all(other)).statements.slice(1)).toEqual([position(431)]);
    // one without a transaction is not shown, but where it is, once something follows
    const { foot, status } = filtered(all(other, '# at 431\n# at 508\n', transaction(600)));
    expect({ foot, status }).toEqual({ foot: 'passed 431\nseen 1\n', status: 0 });
    expect(filtered(all(`${other}# at 431\n# at 508\nCOMMIT /* added by mysqlbinlog *//*!*/;\n`)).status).toBe(0);
  });

  test('a server that has started again goes on, another log of the same name does not', () => {
    expect(filtered(HEAD + transaction(200).replace('# at', 'ROLLBACK/*!*/;\n# at') + TAIL).status).toBe(0);
    expect(filtered(all(), 'binlog.000002 198 261130T19:20:36').status).toBe(0);
    const { status, said } = filtered(all(), 'binlog.000002 198 260101T00:00:00');
    expect({ status, said }).toEqual({ status: 3, said: expect.stringMatching('another one than before') });
  });

  test('rows that are more than a packet come in several statements, each with its tables', () => {
    // an event of 1 MiB: 4 bytes of time, type 30, server, length
    const event = Buffer.alloc(2 ** 20);
    event[4] = 30;
    event.writeUInt32LE(event.length, 9);
    const text = `${event.toString('base64').replaceAll(/.{1,76}/g, '$&\n')}`;
    const events = MAP + text.repeat(20);
    const { lines, statements } = filtered(
      all(query(200, 300, 'BEGIN'), rows(300, events), commit(600, 700), transaction(700)),
    );
    const parts = lines.join('\n').split("BINLOG '\n").slice(2, -1);
    // 8 MiB of text, and the event that exceeds it
    expect(parts.length).toBe(4);
    expect(parts.every((part) => part.startsWith(MAP))).toBe(true);
    expect(parts.join('').split(text).length).toBe(21);
    // too much for another transaction to join it
    expect(statements.filter((line) => line === COMMIT)).toHaveLength(2);
  });
});
