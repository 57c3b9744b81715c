import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RUN_PATH, SCHEMA } from '../../charts/database/layout';
import { ClusterError } from '../cluster/kubectl';
import { brokenViews, codeNames, codeOf, eventStatus, inSchema, namesOf, quoted, triggersIn } from './code';
import { copyTables, type Ends, lines, present, restoredSide, type Side } from './ends';
import { dropSchemas, eventScript, type Swap, swapScript, undoScript } from './script';

const tablesOf = async ({ ask }: Side, schema: string): Promise<string[]> =>
  lines(
    await ask(
      `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${schema}' AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1;`,
    ),
  );

/** A new schema with the site's collation. */
const create = (schema: string): string =>
  `SELECT DEFAULT_COLLATION_NAME INTO @collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '${SCHEMA}';
SET @create = CONCAT('CREATE DATABASE ${quoted(schema)} COLLATE ', @collation);
PREPARE make FROM @create; EXECUTE make; DEALLOCATE PREPARE make;\n`;

/**
 * Makes everything ready beside the site's schema, where a fault costs nothing: the restored tables with their triggers and
 * routines in `restored`, the routines and events of today in `kept`.
 * @throws ClusterError when it cannot; nothing is left then
 */
export async function prepare(ends: Ends, restored: string, kept: string): Promise<Swap> {
  const [site, scratch] = [present(ends), restoredSide(ends)];
  try {
    const fresh = { tables: await tablesOf(scratch, SCHEMA), code: await codeOf(scratch) };
    await site.ask(create(restored));
    if (fresh.tables.length > 0) await copyTables(ends, restored);
    const got = await tablesOf(site, restored);
    if (got.join() !== fresh.tables.join()) throw new ClusterError(`the copy in ${restored} is not complete`);
    await site.ask(triggersIn(restored, fresh.code) + inSchema(restored, fresh.code.routines));
    // read last: to copy takes long, and meanwhile the site goes on
    const today = { tables: await tablesOf(site, SCHEMA), code: await codeOf(site) };
    // where there are no tables yet, an event that starts before it is disabled finds nothing to change
    await site.ask(create(kept) + inSchema(kept, today.code.routines) + inSchema(kept, today.code.events));
    const events = await site.ask(
      `SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${kept}' AND STATUS <> 'DISABLED';`,
    );
    await site.ask(
      lines(events)
        .map((name) => `ALTER EVENT ${quoted(kept)}.${quoted(name)} DISABLE;\n`)
        .join(''),
    );
    return { restored, kept, present: today, fresh };
  } catch (error) {
    const left = await site.ask(dropSchemas(restored, kept)).catch(() => `; drop the schemas ${restored} and ${kept}`);
    throw new ClusterError(`${(error as Error).message}; nothing of the site was changed${left}`);
  }
}

/**
 * Puts the restored tables and code in the place of the present ones, which are kept.
 * @returns what people must know: views that could not be made anew
 * @throws ClusterError that says what was done and how to go on
 */
export async function swap(ends: Ends, change: Swap): Promise<string[]> {
  const [site, scratch] = [present(ends), restoredSide(ends)];
  const { restored, kept, fresh } = change;
  const broken = [
    ...(await brokenViews(site, change.present.code)).map((text) => `not in ${kept}, it could not be read: ${text}`),
    ...(await brokenViews(scratch, fresh.code)).map((text) => `not restored, it could not be read then: ${text}`),
  ];
  const [dumped, before] = [await eventStatus(scratch), await eventStatus(site)];
  const { moves, rest } = swapScript(change);
  try {
    await site.ask(moves + rest);
  } catch (error) {
    const left = rest + eventScript(dumped, before, dumped);
    throw new ClusterError(await afterFault(ends, change, left, (error as Error).message));
  }
  const missing = await lacking(site, change);
  if (missing.length > 0) {
    throw new ClusterError(
      `the tables are restored, but ${missing.join(', ')} is missing; what was is in ${kept}\n${leave(ends, rest)}`,
    );
  }
  const events = eventScript(dumped, before, await eventStatus(site));
  await site.ask(events).catch((error) => {
    throw new ClusterError(`all is restored, but events do not run: ${error.message}\n${leave(ends, events)}`);
  });
  await site.ask(dropSchemas(restored));
  return broken;
}

/** Code that should be there and is not; events may have been due once. */
async function lacking(site: Side, { fresh }: Swap): Promise<string[]> {
  const there = new Set((await codeNames(site)).map(([kind, name]) => `${kind} ${name}`));
  return fresh.code.names
    .filter(([kind]) => kind !== 'EVENT' && kind !== 'BROKEN VIEW')
    .map(([kind, name]) => `${kind} ${name}`)
    .filter((name) => !there.has(name));
}

/** The rename moves all tables or none: so where one of them is says how far the swap came. */
async function afterFault(ends: Ends, change: Swap, rest: string, fault: string): Promise<string> {
  const site = present(ends);
  const { kept, restored, present: was, fresh } = change;
  const moved = await (was.tables.length > 0 ? tablesOf(site, kept) : tablesOf(site, SCHEMA)).catch(() => undefined);
  if (moved === undefined) {
    return `${fault}; the primary does not answer, so it is not known how far the swap came. If ${kept} has tables, then make its code with the first command, else take it back with the second:\n${leave(ends, rest)}\n${leave(ends, undoScript(change))}`;
  }
  if (moved.length > 0 || was.tables.length + fresh.tables.length === 0) {
    return `the tables are restored and what was is in ${kept}, but views, triggers, routines and events are not all there: ${fault}\n${leave(ends, rest)}`;
  }
  const there = (await codeNames(site)).filter(([kind]) => kind === 'TRIGGER' || kind === 'VIEW').join();
  const untouched = there === was.code.names.filter(([kind]) => kind === 'TRIGGER' || kind === 'VIEW').join();
  const undo = untouched ? dropSchemas(restored, kept) : undoScript(change);
  return site.ask(undo).then(
    () => `${fault}; nothing of the site was changed`,
    (error) =>
      `${fault}; no table was changed, but not all could be taken back: ${error.message}\n${leave(ends, undo)}`,
  );
}

/** Keeps a script that may be run at any time. @returns how */
function leave({ namespace, primaryPod }: Ends, script: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'threewall-restore-')), 'go-on.sql');
  writeFileSync(file, script, { mode: 0o600 });
  return `when the cause is removed: kubectl exec -i ${primaryPod} -c database -n ${namespace} -- mysql --defaults-file=${RUN_PATH}/root.cnf --binary-mode < ${file}`;
}

/** Rows of each table of a schema, for people. */
export async function rowsOf(ends: Ends, schema: string): Promise<Map<string, number>> {
  const { ask } = present(ends);
  const counts = new Map<string, number>();
  for (const table of await tablesOf(present(ends), schema)) {
    counts.set(table, Number(await ask(`SELECT COUNT(*) FROM ${quoted(schema)}.${quoted(table)};`)));
  }
  return counts;
}

/** What a swap took along beside tables, for people. */
export const codeIn = ({ fresh: { code } }: Swap): string => {
  const count = (what: string, n: number) => (n > 0 ? [`${n} ${what}${n > 1 ? 's' : ''}`] : []);
  return [
    ...count('view', namesOf(code, 'VIEW').length),
    ...count('trigger', namesOf(code, 'TRIGGER').length),
    ...count('routine', namesOf(code, 'FUNCTION', 'PROCEDURE').length),
    ...count('event', namesOf(code, 'EVENT').length),
  ].join(', ');
};
