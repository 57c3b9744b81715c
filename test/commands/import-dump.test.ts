import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { type Target, troublesOf } from '../../commands/import/trouble';
import { readDump } from '../../commands/import/upload';

const END = '-- Dump completed on 2026-01-31 12:00:00\n';
/** Bytes in pieces of a size. */
const pieces = (bytes: Buffer, size: number): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size)),
  );
const factsOf = async (text: string, size = 2 ** 16) => (await readDump(pieces(Buffer.from(text + END), size))).facts;

const target: Target = {
  database: 'site',
  group: false,
  packet: 2 ** 26,
  collations: new Set(['utf8mb4_0900_ai_ci', 'latin1_swedish_ci', 'utf8mb4_bin']),
  charsets: new Set(['utf8mb4', 'latin1']),
};
const listed = async (text: string, more: Partial<Target> = {}) =>
  troublesOf(await factsOf(text), { ...target, ...more });

const table = (name: string, columns: string, options = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4'): string =>
  `DROP TABLE IF EXISTS \`${name}\`;\nCREATE TABLE \`${name}\` (\n  ${columns}\n) ${options};\n`;
const GOOD = table('t', '`id` int NOT NULL,\n  PRIMARY KEY (`id`)');

test('a plain dump of one database has nothing to say', async () => {
  expect(await listed(GOOD)).toEqual({ stops: [], notes: [] });
});

test.each([
  [
    'a definer',
    `${GOOD}/*!50003 CREATE*/ /*!50017 DEFINER=\`gone\`@\`10.%\`*/ /*!50003 TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1 */;;\n`,
    /^definers become the app's account: gone@10.%$/,
  ],
  [
    'another name',
    `CREATE DATABASE /*!32312 IF NOT EXISTS*/ \`shop\` /*!40100 DEFAULT CHARACTER SET latin1 */;\n\nUSE \`shop\`;\n${GOOD}`,
    /^database shop becomes site$/,
  ],
  [
    'an event',
    `${GOOD}DELIMITER ;;\n/*!50106 CREATE*/ /*!50117 DEFINER=\`a\`@\`b\`*/ /*!50106 EVENT \`nightly\` ON SCHEDULE EVERY 1 DAY DO SELECT 1 */ ;;\nDELIMITER ;\n`,
    /^events run on the primary.*: nightly$/,
  ],
  [
    'no primary key',
    table('loose', "`a` int, `b` varchar(9) COMMENT 'no PRIMARY KEY'"),
    /^tables without a primary key, whose.*: loose$/,
  ],
  ['MyISAM', table('t', '`id` int,\n  PRIMARY KEY (`id`)', 'ENGINE=MyISAM'), /^tables become InnoDB: t \(MyISAM\)$/],
  [
    'a zero default',
    table('t', "`id` int,\n  `d` date DEFAULT '0000-00-00',\n  PRIMARY KEY (`id`)"),
    /^dates of zeros.*: t$/,
  ],
  ['a zero value', `${GOOD}INSERT INTO \`t\` VALUES (1,'0000-00-00 00:00:00');\n`, /^dates of zeros.*: t$/],
  [
    'a zero value of MariaDB',
    `${GOOD}INSERT INTO \`u\` VALUES\n(1,'2020-01-01'),\n(2,'0000-00-00');\n`,
    /^dates of zeros.*: u$/,
  ],
  [
    'an old SQL mode',
    `${GOOD}/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER' */ ;\n`,
    /^SQL modes of earlier versions are left out: NO_AUTO_CREATE_USER$/,
  ],
  [
    'a collation of MariaDB',
    table(
      't',
      '`id` int,\n  PRIMARY KEY (`id`)',
      'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci',
    ),
    /^collations of MariaDB become.*: utf8mb4_uca1400_ai_ci$/,
  ],
  [
    'locks',
    `${GOOD}LOCK TABLES \`t\` WRITE;\nSET @@SESSION.SQL_LOG_BIN= 0;\nSET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a:1-5,\nb:1';\n`,
    /^statements are left out: LOCK TABLES, SET SQL_LOG_BIN, SET @@GLOBAL.GTID_PURGED$/,
  ],
])('%s is a note', async (_, text, note) => {
  const { stops, notes } = await listed(text);
  expect(stops).toEqual([]);
  expect(notes).toEqual(expect.arrayContaining([expect.stringMatching(note)]));
});

test.each([
  ['two databases', `USE \`shop\`;\n${GOOD}USE \`blog\`;\n`, /^holds 2 databases \(shop, blog\)/],
  ['no table', '', /^holds no table$/],
  [
    'an unknown collation',
    table('t', '`id` int,\n  PRIMARY KEY (`id`)', 'COLLATE=utf8mb4_uca1400_polish_ai_ci'),
    /^collations .*: utf8mb4_uca1400_polish_ai_ci$/,
  ],
  [
    'an unknown character set',
    table('t', '`id` int,\n  PRIMARY KEY (`id`)', 'CHARSET=klingon'),
    /^character sets .*: klingon$/,
  ],
  ['an unknown engine', table('t', '`id` int,\n  PRIMARY KEY (`id`)', 'ENGINE=SPIDER'), /^engines .*: t \(SPIDER\)$/],
  ['a sequence', `CREATE SEQUENCE \`s\` start with 1;\n${GOOD}`, /^MySQL 9.7 has no: CREATE SEQUENCE `s`/],
  [
    'versions of rows',
    table('t', '`id` int,\n  PRIMARY KEY (`id`)', 'ENGINE=InnoDB WITH SYSTEM VERSIONING'),
    /table t: system versioning/,
  ],
  ['a type of MariaDB', table('t', '`id` uuid NOT NULL,\n  PRIMARY KEY (`id`)'), /table t: a type of MariaDB/],
  [
    'a value for a generated column, as mariadb-dump writes it,',
    `${table('t', '`id` int,\n  `x` int GENERATED ALWAYS AS (`id` * 2) STORED,\n  PRIMARY KEY (`id`)')}INSERT INTO \`t\` VALUES\n(1,2);\n`,
    /^holds values of generated columns, .*: t$/,
  ],
  ['PL/SQL', `${GOOD}/*!50003 SET sql_mode = 'ORACLE,PIPES_AS_CONCAT' */ ;\n`, /^routines in the SQL mode ORACLE/],
  [
    'accounts',
    `${GOOD}CREATE USER 'x'@'%' IDENTIFIED BY 'y';\nGRANT ALL ON *.* TO 'x'@'%';\n`,
    /^2 statements about accounts/,
  ],
])('%s stops an import', async (_, text, stop) => {
  expect((await listed(text)).stops).toEqual(expect.arrayContaining([expect.stringMatching(stop)]));
});

test('a statement that is longer than a packet stops it, however many lines it has', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `(${i},'${'x'.repeat(100)}')`).join(',\n');
  const { stops } = await listed(`${GOOD}INSERT INTO \`t\` VALUES\n${rows};\n`, { packet: 4096 });
  expect(stops).toEqual([
    expect.stringMatching(/^a statement of 1 MiB, more than database.settings.max_allowed_packet/),
  ]);
  expect((await listed(`${GOOD}INSERT INTO \`t\` VALUES (1);\n`.repeat(99), { packet: 4096 })).stops).toEqual([]);
});

test('a group gives keys to tables without one, and takes none that comes after the rows', async () => {
  const later = `${table('t', '`id` int')}INSERT INTO \`t\` VALUES (1);\nALTER TABLE \`t\`\n  ADD PRIMARY KEY (\`id\`);\n`;
  expect((await listed(later, { group: true })).stops).toEqual([expect.stringMatching('after the rows')]);
  expect(await listed(later)).toEqual({ stops: [], notes: [] });
  const { notes } = await listed(table('t', '`id` int'), { group: true });
  expect(notes).toEqual([expect.stringMatching(/get an invisible one, my_row_id: t$/)]);
});

test('values are values, whatever they look like', async () => {
  const rude = ['DEFINER=`a`@`b`', 'CREATE TABLE `x` (', 'USE `mysql`;', '-- Dump completed', 'GRANT ALL'].join('\\n');
  expect(await listed(`${GOOD}INSERT INTO \`t\` VALUES (1,'${rude}'),\n(2,'CREATE USER;');\n`)).toEqual({
    stops: [],
    notes: [],
  });
});

test('the facts do not depend on where pieces end', async () => {
  const text = `${table('loose', '`a` int')}INSERT INTO \`loose\` VALUES (1,'0000-00-00'),(2,'x');\n${GOOD}INSERT INTO \`t\` VALUES\n(1,'0000-00-00');\n/*!50013 DEFINER=\`a\`@\`b\` SQL SECURITY DEFINER */\n`;
  const whole = await factsOf(text);
  expect(whole.zeroDates).toEqual(['loose', 't']);
  for (let size = 1; size < 40; size++) expect(await factsOf(text, size)).toEqual(whole);
});

test('a dump without comments, and one of phpMyAdmin, end with what they set back', async () => {
  const last = '/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;\n';
  expect((await readDump(pieces(Buffer.from(GOOD + last), 100))).facts.tables).toHaveLength(1);
});

test('what names the columns that are not generated is good, and so are defaults and collations that have one like them here', async () => {
  const columns =
    "`id` int,\n  `x` int GENERATED ALWAYS AS (`id` * 2) VIRTUAL,\n  `y` text DEFAULT 'a',\n  `z` char(36) DEFAULT uuid(),\n  PRIMARY KEY (`id`)";
  const options = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_nopad_ci';
  const { stops } = await listed(`${table('t', columns, options)}INSERT INTO \`t\` (\`id\`) VALUES (1);\n`);
  expect(stops).toEqual([]);
});

test('a dump of HeidiSQL ends with what it sets back', async () => {
  const last = '/*!40111 SET SQL_NOTES=IFNULL(@OLD_SQL_NOTES, 1) */;\r\n';
  const dump = Buffer.from(`\ufeff${GOOD}${last}`.replaceAll(/\r?\n/g, '\r\n'));
  expect((await readDump(pieces(dump, 100))).facts.tables).toEqual([{ name: 't', key: true, engine: 'InnoDB' }]);
});

test('packed by gzip it is the same', async () => {
  const dump = await readDump(pieces(gzipSync(GOOD + END), 50));
  expect(dump.facts).toEqual(await factsOf(GOOD));
});

test.each([
  ['a dump that was cut', Buffer.from(GOOD), /does not end as dumps do \(-- Dump completed\): it was cut/],
  ['nothing', Buffer.alloc(0), /does not end as dumps do/],
  ['a packed dump that was cut', gzipSync(GOOD + END).subarray(0, 60), /cut or damaged: gzip says/],
  ['UTF-16', Buffer.from(`\ufeff${GOOD}${END}`, 'utf16le'), /UTF-16, as `>` of PowerShell/],
  ['zstd', Buffer.from('28b52ffd0000', 'hex'), /packed by zstd/],
  ['a picture', Buffer.from('89504e470d0a1a0a0000000d', 'hex'), /no SQL text/],
  ['SQLite', Buffer.from('SQLite format 3\0'), /a database of SQLite/],
])('%s is refused in a line', async (_, bytes, fault) => {
  await expect(readDump(pieces(bytes, 16))).rejects.toThrow(fault);
  await expect(readDump(pieces(bytes, 1000))).rejects.toMatchObject({ name: 'UsageError' });
});
