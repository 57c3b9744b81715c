import { createHash } from 'node:crypto';
import { sql } from '../backups';

const OURS = "('mysql', 'sys', 'information_schema', 'performance_schema')";

const name = (text: string): string => `\`${text.replaceAll('`', '``')}\``;
const text = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** Rows of an answer whose values are in hexadecimal, which no name can break. */
const rows = async (pod: string, statement: string): Promise<string[][]> =>
  (await sql(pod, statement)).map((line) =>
    line.split('\t').map((value) => Buffer.from(value, 'hex').toString('utf8')),
  );

/** What reads each value of a column as it is stored: a FLOAT as text has fewer digits than the value. */
function exact(column: string, type: string): string {
  const quoted = name(column);
  if (/^(float|double)$/.test(type)) return `CAST(${quoted} + 0e0 AS CHAR)`;
  if (/blob|text|json/.test(type)) return `SHA2(${quoted}, 256)`;
  if (/^(binary|varbinary|vector|geometry|point|linestring|polygon|multi\w+|geomcollection)$/.test(type))
    return `HEX(${quoted})`;
  return `HEX(CAST(${quoted} AS CHAR CHARACTER SET utf8mb4))`;
}

/**
 * Everything that a database holds beside the server's own schemas, by name: a digest of the rows of each table, made of their values
 * and not of pages, and the words in which the server describes each object.
 */
export async function fingerprint(pod: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const columns = await rows(
    pod,
    `SELECT HEX(TABLE_SCHEMA), HEX(TABLE_NAME), HEX(COLUMN_NAME), HEX(DATA_TYPE) FROM information_schema.COLUMNS JOIN information_schema.TABLES
      USING (TABLE_SCHEMA, TABLE_NAME) WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA NOT IN ${OURS} ORDER BY 1, 2, ORDINAL_POSITION;`,
  );
  const tables = new Map<string, string[][]>();
  for (const column of columns) {
    const [schema = '', table = ''] = column;
    const key = `${name(schema)}.${name(table)}`;
    tables.set(key, [...(tables.get(key) ?? []), column]);
  }
  const marked = [...tables].map(([table, its], i) => {
    const values = its
      .map(([, , column = '', type = '']) => `COALESCE(${exact(column, type)}, 'NULL')`)
      .join(", '|', ");
    return `SELECT '#${i}'; SELECT CONCAT(${values}) FROM ${table};`;
  });
  for (const [i, lines] of sections(await sql(pod, marked.join('\n')))) {
    const digest = createHash('sha256').update(lines.sort().join('\n')).digest('hex');
    found.set(`rows of ${[...tables.keys()][i]}`, `${lines.length} rows ${digest}`);
  }
  const objects = await rows(pod, OBJECTS);
  const shows = objects.map(([kind = '', schema = '', object = '', host = ''], i) => {
    const which = kind === 'USER' ? `${text(object)}@${text(host)}` : `${name(schema)}${object && `.${name(object)}`}`;
    const grants = kind === 'USER' ? `SHOW GRANTS FOR ${which};` : '';
    return `SELECT '#${i}'; SHOW CREATE ${kind} ${which}; ${grants}`;
  });
  const described = await sql(pod, `SET print_identified_with_as_hex = ON;\n${shows.join('\n')}`);
  for (const [i, lines] of sections(described)) found.set(objects[i]?.join(' ') ?? '', lines.join('\n'));
  return found;
}

const OBJECTS = `SELECT HEX('DATABASE'), HEX(SCHEMA_NAME), '', '' FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ${OURS}
  UNION ALL SELECT HEX(IF(TABLE_TYPE = 'VIEW', 'VIEW', 'TABLE')), HEX(TABLE_SCHEMA), HEX(TABLE_NAME), '' FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN ${OURS}
  UNION ALL SELECT HEX('TRIGGER'), HEX(TRIGGER_SCHEMA), HEX(TRIGGER_NAME), '' FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA NOT IN ${OURS}
  UNION ALL SELECT HEX(ROUTINE_TYPE), HEX(ROUTINE_SCHEMA), HEX(ROUTINE_NAME), '' FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA NOT IN ${OURS}
  UNION ALL SELECT HEX('EVENT'), HEX(EVENT_SCHEMA), HEX(EVENT_NAME), '' FROM information_schema.EVENTS WHERE EVENT_SCHEMA NOT IN ${OURS}
  UNION ALL SELECT HEX('USER'), '', HEX(user), HEX(host) FROM mysql.user WHERE user LIKE 'shapes%';`;

/** The lines of each answer: `#NUMBER` is before it. */
function sections(lines: readonly string[]): Map<number, string[]> {
  const found = new Map<number, string[]>();
  let now: string[] = [];
  for (const line of lines) {
    const [, number] = /^#(\d+)$/.exec(line) ?? [];
    if (number === undefined) {
      now.push(line);
      continue;
    }
    now = [];
    found.set(Number(number), now);
  }
  return found;
}
