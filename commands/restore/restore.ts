import { hasBackup, RESTORE } from '../../charts/backup';
import { places } from '../../charts/backup/places';
import type { Config } from '../../config';
import { ClusterError, clusterName, get, kubectl, serverVersion } from '../cluster/kubectl';
import { patiently } from '../cluster/patience';
import { UsageError } from '../command';
import { confirm } from '../confirm';
import { environment } from '../environment';
import { idFor, labelsOf, refuseTwo } from './begin';
import type { Change, Labelled } from './change';
import { asRoot, databasePods, primaryOf } from './databases';
import { ensureJob, follow, podOfJob } from './job';
import { readingFrom } from './reading';
import { type BackedUp, type Share, shareOf, sourceOf } from './source';
import { adoptAll, cloneAll } from './take';
import { fetchVolumes, swapVolumes } from './volumes';
import { inWords, type Part, partsOf, type Wish } from './wish';

const log = (line: string): void => console.log(`  ${line}`);

/** A restored server that waits in the cluster. */
interface Scratch {
  readonly pod: string;
  /** Runs bash beside it. @returns its standard output */
  readonly run: (script: string) => Promise<string>;
}

/** Restores into a scratch server, and waits until it may be cloned. */
async function scratchServer(namespace: string, id: string, change: Labelled, seconds: number): Promise<Scratch> {
  const job = `restore-${id}`;
  await ensureJob(namespace, RESTORE, job, change);
  console.log(`job ${job} restores into a scratch server`);
  await refuseTwo(namespace, id, change.labels);
  await follow(namespace, job, seconds, /ready to be cloned/, log);
  const pod = await podOfJob(namespace, job);
  if (!pod) throw new ClusterError(`job ${job} has no pod any more; run the same command again`);
  const run = (script: string): Promise<string> =>
    patiently(() => kubectl(['exec', pod, '-c', 'scratch', '-n', namespace, '--', 'bash', '-c', script]));
  return { pod, run };
}

/** Every database takes what the scratch server has. */
async function takeDatabases(config: Config, id: string, { pod, run }: Scratch): Promise<void> {
  const found = await patiently(() => get<{ status: { podIP?: string } }>('pod', pod, config.name));
  const address = found?.status.podIP;
  if (!address) throw new ClusterError(`pod ${pod} is gone; run the same command again`);
  const password = (await run(`cat ${places.run}/password`)).trim();
  const size = Number((await run(`du -sm ${places.work}/data`)).split('\t')[0]);
  await cloneAll(config, id, { address, password, size }, log);
  console.log('every database holds the restored data beside its own; they restart with it now');
  await adoptAll(config, id);
}

/** @param reading of the Jobs that read backups */
async function bringBack(config: Config, wish: Wish, parts: readonly Part[], reading: Change): Promise<void> {
  const namespace = config.name;
  const env = { ...reading.env, RESTORE_AT: wish.at, ...(wish.skipShipping ? { RESTORE_WAIT: '0' } : {}) };
  const change = { ...reading, env, labels: labelsOf(wish) };
  if (parts.includes('database')) await primaryOf(namespace, await databasePods(config));
  const id = await idFor(namespace, wish);

  // all that may fail comes before the first change
  if (parts.includes('volumes')) await fetchVolumes(config, id, change, wish.timeout, log);
  const scratch = parts.includes('database') ? await scratchServer(namespace, id, change, wish.timeout) : undefined;
  if (scratch) await takeDatabases(config, id, scratch);
  if (parts.includes('volumes')) {
    await swapVolumes(config, id, { take: true }, change.labels);
    const which = wish.from ? 'the volumes that both have' : inWords(['volumes'], config);
    console.log(`as ${whose(wish.from)} at ${wish.at}: ${which}`);
  }
  if (scratch) {
    await showDatabases(config, wish);
    // its Job ends with this, and only then is the restore over
    await scratch.run(`touch ${places.run}/taken`);
    await ensureJob(namespace, 'backup', `restore-backup-${id}`);
    console.log(
      `job restore-backup-${id} makes a new full backup: until it is done, no time after this restore can be restored`,
    );
  }
  const only = wish.only ? ` --only ${wish.only}` : '';
  console.log(
    `what was there before is kept; take the restore back: --undo ${id}${only}; let it go: --drop-kept${only}`,
  );
}

async function showDatabases(config: Config, { at, from }: Wish): Promise<void> {
  const primary = await primaryOf(config.name, await databasePods(config));
  const counts = await asRoot(config.name, primary, COUNTS);
  const [tables = '', schemas = ''] = counts.trim().split('\t');
  console.log(`the databases are as ${whose(from)} at ${at}: ${tables} tables in ${schemas} schemas`);
  if (from) console.log(`accounts that are not the site's own have the passwords of ${from}; the others kept theirs`);
  const past = (await asRoot(config.name, primary, PAST)).split('\n').filter((event) => event !== '');
  if (past.length > 0) {
    console.log(`events that do not run, because they may have run already when their time came: ${past.join(', ')}`);
  }
}

const COUNTS = `SELECT COUNT(*), COUNT(DISTINCT TABLE_SCHEMA) FROM information_schema.TABLES
  WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema');`;

/** Events of a single time that has passed: charts/database/scripts/events.sh enables none of these. */
const PAST = `SELECT CONCAT('\`', REPLACE(EVENT_SCHEMA, '\`', '\`\`'), '\`.\`', REPLACE(EVENT_NAME, '\`', '\`\`'), '\`')
  FROM information_schema.EVENTS
  WHERE STATUS <> 'ENABLED' AND CONVERT_TZ(EXECUTE_AT, TIME_ZONE, '+00:00') <= UTC_TIMESTAMP() ORDER BY 1;`;

/** Whose databases or volumes, in words. */
const whose = (from: string | undefined): string => (from === undefined ? 'they were' : `those of ${from} were`);

/** Makes databases and volumes what they were at a time, or what those of another environment were. */
export async function restore(name: string | undefined, wish: Wish): Promise<void> {
  const target = withBackups(name);
  const { config } = target;
  const source = wish.from === undefined ? undefined : sourceOf(wish.from, target);
  const { parts, notes }: Share = source
    ? shareOf(source, target, wish.only)
    : { parts: partsOf(config, wish.only), notes: [] };
  const reading = source ? await readingFrom(source, config) : {};
  for (const note of notes) console.log(note);
  await agreed(
    config,
    wish.yes,
    (where) =>
      `This replaces the data of ${inWords(parts, config)} ${where} by what ${whose(wish.from)} at ${wish.at}; the present data are kept beside them.`,
  );
  await bringBack(config, wish, parts, reading);
}

/** An environment with backups. @throws UsageError when it has none, or ConfigError */
export function withBackups(name: string | undefined): BackedUp {
  const chosen = environment(name);
  const { config } = chosen;
  if (!hasBackup(config))
    throw new UsageError(`config/${chosen.name}.yaml: has no section backup, so there are no backups`);
  return { name: chosen.name, config };
}

/** Asks for confirmation. @param what says what will be done, given words for the site */
export async function agreed(config: Config, yes: boolean, what: (where: string) => string): Promise<void> {
  await serverVersion();
  const question = what(`of ${config.name} in ${await clusterName()}`);
  if (yes) console.log(question);
  else await confirm(question, config.name);
}
