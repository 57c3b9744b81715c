import { SCHEMA } from '../../charts/database/layout';
import { lines, type Side } from './ends';

/** What a schema can have beside tables. A view that names what is no more cannot be made anew: `BROKEN VIEW`. */
export type Kind = 'TRIGGER' | 'VIEW' | 'BROKEN VIEW' | 'FUNCTION' | 'PROCEDURE' | 'EVENT';

/** The code of the site's schema: names, and scripts of mysqldump, which name no schema and so can be run in any. */
export interface Code {
  readonly names: readonly (readonly [Kind, string])[];
  readonly triggers: string;
  readonly routines: string;
  readonly views: string;
  readonly events: string;
}

/** Name in backquotes. */
export const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** Names of one kind. */
export const namesOf = ({ names }: Pick<Code, 'names'>, ...kinds: readonly Kind[]): string[] =>
  names.flatMap(([kind, name]) => (kinds.includes(kind) ? [name] : []));

const NAMES = `SELECT 'TRIGGER', TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '${SCHEMA}'
  UNION ALL SELECT IF(TABLE_COMMENT = 'VIEW', 'VIEW', 'BROKEN VIEW'), TABLE_NAME FROM information_schema.TABLES
    WHERE TABLE_SCHEMA = '${SCHEMA}' AND TABLE_TYPE = 'VIEW'
  UNION ALL SELECT ROUTINE_TYPE, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '${SCHEMA}'
  UNION ALL SELECT 'EVENT', EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${SCHEMA}' ORDER BY 1, 2;`;

/** Names of all code in the site's schema. */
export const codeNames = async ({ ask }: Side): Promise<(readonly [Kind, string])[]> =>
  lines(await ask(NAMES)).map((line) => line.split('\t') as [Kind, string]);

/** All code in the site's schema. */
export async function codeOf(side: Side): Promise<Code> {
  const names = await codeNames(side);
  const has = (...kinds: Kind[]): boolean => namesOf({ names }, ...kinds).length > 0;
  const alone = ['--no-data', '--no-create-info', '--ignore-views'];
  const without = [...alone, '--skip-triggers'];
  // mysqldump prints a stand-in for each view first: so it matters not which view reads from which
  const views = ['--no-data', '--skip-triggers', SCHEMA, ...namesOf({ names }, 'VIEW')];
  return {
    names,
    triggers: has('TRIGGER') ? await side.dump(...alone, SCHEMA) : '',
    routines: has('FUNCTION', 'PROCEDURE') ? await side.dump(...without, '--routines', SCHEMA) : '',
    views: has('VIEW') ? await side.dump(...views) : '',
    events: has('EVENT') ? await side.dump(...without, '--events', SCHEMA) : '',
  };
}

/** A script of mysqldump for a schema. Around code older than the schema's collation it sets that one, for a moment. */
export const inSchema = (schema: string, script: string): string =>
  `USE ${quoted(schema)};\n${script.replace(/^ALTER DATABASE `[^`]+` /gm, `ALTER DATABASE ${quoted(schema)} `)}\n`;

/** Makes the triggers of a schema's tables, and takes no harm from those that are there already. */
export const triggersIn = (schema: string, code: Code): string => {
  const drops = namesOf(code, 'TRIGGER').map((name) => `DROP TRIGGER IF EXISTS ${quoted(schema)}.${quoted(name)};\n`);
  // under LOCK TABLES no schema may be altered, not even for a moment
  return drops.join('') + inSchema(schema, code.triggers).replace(/^ALTER DATABASE .*\n/gm, '');
};

/** Definitions of views that cannot be made anew, for people. */
export async function brokenViews({ ask }: Side, code: Code): Promise<string[]> {
  const texts = namesOf(code, 'BROKEN VIEW').map((name) => ask(`USE ${SCHEMA}; SHOW CREATE VIEW ${quoted(name)};`));
  return (await Promise.all(texts)).map((text) => text.split('\t')[1] ?? text);
}

/** Whether each event runs: of the schema's events by name. */
export async function eventStatus({ ask }: Side): Promise<Map<string, string>> {
  const sql = `SELECT EVENT_NAME, STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${SCHEMA}';`;
  return new Map(lines(await ask(sql)).map((line) => line.split('\t') as [string, string]));
}
