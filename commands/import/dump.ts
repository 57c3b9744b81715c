import { UsageError } from '../command';
import { type Facts, FactsBuilder } from './facts';

/** So much of a line is looked at; a longer one holds values. */
const HEAD = 64 * 1024;
const NEWLINE = 0x0a;
/** Enough of a line to know an INSERT. */
const BEGINNING = 16;
const NOTHING = Buffer.alloc(0);
const ZERO_DATE = "'0000-00-00";

/** First bytes of what is no dump as text. */
const OTHERS: readonly (readonly [bytes: string, what: string])[] = [
  ['fffe', 'UTF-16, as `>` of PowerShell writes it: make it with mysqldump --result-file'],
  ['feff', 'UTF-16: make it with mysqldump --result-file'],
  ['28b52ffd', 'packed by zstd: unpack it, or pipe it: zstd -dc FILE | npm run import -- ENV --file - --yes'],
  ['fd377a585a00', 'packed by xz: unpack it, or pipe it: xz -dc FILE | npm run import -- ENV --file - --yes'],
  ['425a68', 'packed by bzip2: unpack it, or pipe it: bzip2 -dc FILE | npm run import -- ENV --file - --yes'],
  ['504b0304', 'a zip archive: unpack it'],
  ['7573746172', 'a tar archive: unpack it'],
  ['53514c69746520666f726d6174', 'a database of SQLite'],
  ['5047444d50', 'a dump of PostgreSQL'],
];

/**
 * Reads a dump that mysqldump, mariadb-dump, phpMyAdmin or HeidiSQL wrote, as it passes. It looks at the beginnings of lines: a value holds no
 * line break in any of them.
 */
export class DumpReader {
  private readonly facts = new FactsBuilder();
  private carried: Buffer = NOTHING;
  private line: Buffer[] = [];
  private kept = 0;
  private statement = 0;
  private first = true;
  private inData = false;
  private table: string | undefined;
  private altered: string | undefined;
  private delimiter = ';';
  private tail = '';
  private rows = false;
  /** Whether the line that ends a dump was seen. */
  complete = false;

  /** The next bytes, unpacked. @throws UsageError for what is no SQL */
  feed(bytes: Buffer): void {
    if (this.first && bytes.length > 0) checkKind(bytes);
    if (bytes.length > 0) this.first = false;
    const chunk = this.carried.length > 0 ? Buffer.concat([this.carried, bytes]) : bytes;
    this.carried = NOTHING;
    for (let start = 0; start < chunk.length; ) {
      const found = chunk.indexOf(NEWLINE, start);
      // the beginning of a line says what it is
      if (found < 0 && this.kept === 0 && chunk.length - start < BEGINNING) {
        this.carried = Buffer.from(chunk.subarray(start));
        return;
      }
      const end = found < 0 ? chunk.length : found;
      this.part(chunk.subarray(start, end));
      if (found >= 0) this.endLine();
      start = end + 1;
    }
  }

  /** What the dump holds. @throws UsageError when it was cut */
  end(): Facts {
    if (this.carried.length > 0) this.part(this.carried);
    this.endLine();
    if (!this.complete) {
      throw new UsageError(
        'the dump does not end as dumps do (-- Dump completed): it was cut, or made with --compact; make it anew, nothing was imported',
      );
    }
    return this.facts.get();
  }

  private part(bytes: Buffer): void {
    this.statement += bytes.length;
    if (this.kept < HEAD) this.line.push(Buffer.from(bytes.subarray(0, HEAD - this.kept)));
    if (this.kept === 0) this.inData ||= /^(INSERT|REPLACE) /.test(bytes.toString('latin1', 0, 8));
    this.kept += bytes.length;
    if (!this.inData) return;
    this.rows = true;
    // a date may lie across two chunks
    const carried = this.tail + bytes.toString('latin1', 0, ZERO_DATE.length);
    if (bytes.includes(ZERO_DATE) || carried.includes(ZERO_DATE)) this.facts.zeroDates.add(this.dataOf());
    const last = bytes.toString('latin1', Math.max(0, bytes.length - ZERO_DATE.length));
    this.tail = (this.tail + last).slice(-ZERO_DATE.length);
  }

  private data = '';
  /** Tables with generated columns: an INSERT must name the others. */
  private readonly computed = new Set<string>();
  private dataOf(): string {
    const head = Buffer.concat(this.line.slice(0, 32)).toString('utf8', 0, 400);
    const [, table, values] = /^(?:INSERT|REPLACE) +(?:IGNORE +)?INTO `([^`]+)`( VALUES)?/.exec(head) ?? [];
    if (table && values && this.computed.has(table)) this.facts.generated.add(table);
    this.data = table ?? this.data;
    return this.data;
  }

  private endLine(): void {
    const text = Buffer.concat(this.line).toString('utf8').trimEnd();
    if (this.inData) this.dataOf();
    else this.read(text);
    this.statement++;
    const ends = this.tail !== '' && this.inData ? /;\s*$/.test(this.tail) : text.endsWith(this.delimiter);
    if (ends || text === '' || text.startsWith('--')) {
      this.facts.longest = Math.max(this.facts.longest, this.statement);
      this.statement = 0;
      this.inData = false;
      this.table = undefined;
      this.altered = undefined;
    }
    this.line = [];
    this.kept = 0;
    this.tail = '';
  }

  private read(line: string): void {
    const { facts } = this;
    if (LAST.test(line)) this.complete = true;
    const made = /^-- Host: .*\bDatabase: (\S+)$/.exec(line)?.[1];
    if (made) facts.databases.add(made);
    if (line.startsWith('--') || line === '') return;
    this.delimiter = /^DELIMITER (\S+)/.exec(line)?.[1] ?? this.delimiter;
    const database = /^(?:USE|CREATE DATABASE (?:\/\*!\d+ IF NOT EXISTS\*\/ )?(?:IF NOT EXISTS )?) ?`([^`]+)`/.exec(
      line,
    );
    if (database?.[1]) facts.databases.add(database[1]);
    for (const [, user, host] of line.matchAll(/DEFINER *= *[`']([^`']*)[`']@[`']([^`']*)[`']/g)) {
      facts.definers.add(`${user}@${host}`);
    }
    const event = /^(?:CREATE|\/\*!5\d+ CREATE\*\/).*?\bEVENT (?:IF NOT EXISTS )?`([^`]+)`/.exec(line)?.[1];
    if (event) facts.events.add(event);
    const modes = /^\/\*!\d+ SET sql_mode\s*= '([^']*)'/i.exec(line)?.[1];
    if (modes) for (const mode of modes.split(',')) facts.modes.add(mode);
    for (const [pattern, what] of LEFT_OUT) if (pattern.test(line)) facts.leftOut.add(what);
    if (/^(CREATE|ALTER|DROP) (USER|ROLE)\b|^(GRANT|REVOKE|SET PASSWORD|RENAME USER)\b/i.test(line)) facts.accounts++;
    if (/^CREATE (OR REPLACE )?(SEQUENCE|PACKAGE)\b/i.test(line)) facts.unknown.add(line.slice(0, 60).trim());
    this.readTable(line);
  }

  private readTable(line: string): void {
    const { facts } = this;
    const begun = /^CREATE (?:OR REPLACE )?TABLE (?:IF NOT EXISTS )?`([^`]+)`/.exec(line)?.[1];
    if (begun) {
      this.table = begun;
      facts.tables.set(begun, { name: begun, key: false });
      if (line.startsWith('CREATE OR REPLACE')) facts.unknown.add(`table ${begun}: CREATE OR REPLACE TABLE`);
    }
    this.altered = /^ALTER TABLE `([^`]+)`/.exec(line)?.[1] ?? this.altered;
    if (this.altered && /ADD PRIMARY KEY/.test(line)) {
      const table = facts.tables.get(this.altered);
      if (table) facts.tables.set(this.altered, { ...table, key: true });
      facts.keysAfterRows ||= this.rows;
    }
    if (!this.table) return;
    const table = facts.tables.get(this.table) ?? { name: this.table, key: false };
    // a comment may say anything
    const text = line.replaceAll(/ COMMENT[ =]'(?:[^'\\]|\\.|'')*'/g, '');
    const engine = line.startsWith(')') ? /ENGINE *= *(\w+)/i.exec(text)?.[1] : undefined;
    facts.tables.set(this.table, {
      ...table,
      key: table.key || /^\s*PRIMARY KEY|\bPRIMARY KEY\b/i.test(text),
      ...(engine ? { engine } : {}),
    });
    for (const [, name] of text.matchAll(/\bCOLLATE[ =]+(\w+)/gi)) facts.collations.add(name ?? '');
    for (const [, name] of text.matchAll(/\b(?:CHARSET|CHARACTER SET)[ =]+(\w+)/gi)) facts.charsets.add(name ?? '');
    if (/\bGENERATED ALWAYS AS \(/.test(text)) this.computed.add(this.table);
    if (/DEFAULT '0000-00-00/.test(text)) facts.zeroDates.add(this.table);
    for (const [pattern, what] of UNKNOWN) {
      if (pattern.test(text)) facts.unknown.add(`table ${this.table}: ${what} (${text.trim().slice(0, 60)})`);
    }
  }
}

/** What a dump ends with; one without comments, of phpMyAdmin or of HeidiSQL, with what it sets back. */
const LAST = /^-- Dump completed|^\/\*!40\d+ SET (COLLATION_CONNECTION|SQL_NOTES)=(IFNULL\()?@OLD_/;

/** Statements that rules.sed leaves out. */
const LEFT_OUT: readonly (readonly [RegExp, string])[] = [
  [/^LOCK TABLES /, 'LOCK TABLES'],
  [/^SET @@GLOBAL.GTID_PURGED/, 'SET @@GLOBAL.GTID_PURGED'],
  [/^SET .*SQL_LOG_BIN/, 'SET SQL_LOG_BIN'],
  [/^SET GLOBAL /, 'SET GLOBAL'],
  [/^CHANGE (MASTER|REPLICATION SOURCE) TO /, 'CHANGE REPLICATION SOURCE'],
];

/** Definitions of MariaDB that MySQL does not have. */
const UNKNOWN: readonly (readonly [RegExp, string])[] = [
  [/\bWITH(OUT)? SYSTEM VERSIONING\b/i, 'system versioning'],
  [/\bPERIOD FOR\b/i, 'a period'],
  [/^\s*`[^`]+` (uuid|inet4|inet6|xmltype)\b/i, 'a type of MariaDB'],
  [/\b(nextval|lastval|setval)\s*\(/i, 'a sequence'],
  [/\/\*M?!\d+ COMPRESSED\*\/|^\s*`[^`]+` \S+ COMPRESSED\b/i, 'a compressed column'],
  [/\) PERSISTENT\b/i, 'PERSISTENT'],
];

function checkKind(chunk: Buffer): void {
  const hex = chunk.toString('hex', 0, 16);
  const other = OTHERS.find(([bytes]) => hex.startsWith(bytes));
  const tar = chunk.toString('latin1', 257, 262) === 'ustar';
  if (other || tar)
    throw new UsageError(`the dump is ${tar ? 'a tar archive: unpack it' : other?.[1]}; nothing was imported`);
  if (chunk.subarray(0, 512).includes(0)) throw new UsageError('the dump is no SQL text; nothing was imported');
}
