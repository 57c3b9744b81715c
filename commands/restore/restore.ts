import { hasBackup, RESTORE } from '../../charts/backup';
import { places } from '../../charts/backup/places';
import type { Config } from '../../config';
import { ClusterError, clusterName, get, kubectl, serverVersion } from '../cluster/kubectl';
import { patiently } from '../cluster/patience';
import { UsageError } from '../command';
import { confirm } from '../confirm';
import { environment } from '../environment';
import { asRoot, databasePods, primaryOf, restored, stateOf } from './databases';
import { ensureJob, follow, podOfJob, running } from './job';
import { adoptAll, cloneAll } from './take';

const log = (line: string): void => console.log(`  ${line}`);

/** Label of a restore's Job: what it restores to, so that a second one knows the first. */
const AT = 'threewall.dev/restore-at';
const labelOf = (at: string): string => at.replaceAll(/[:+]/g, '-').toLowerCase();

/** The Job of this restore: one that is under way, or a new one. @returns id of the restore */
async function jobFor(namespace: string, { at, skipShipping }: Wish): Promise<string> {
  const [found, ...more] = await running(namespace, AT);
  if (found) {
    if (found.label !== labelOf(at) || more.length > 0) {
      throw new ClusterError(
        `a restore to ${found.label} is under way: go on with it by the same --at, or end it: kubectl delete job ${found.name} -n ${namespace}`,
      );
    }
    console.log(`goes on with job ${found.name}`);
    return found.name.replace('restore-', '');
  }
  const id = new Date()
    .toISOString()
    .replaceAll(/[-:]|\.\d+/g, '')
    .toLowerCase();
  const env = { RESTORE_AT: at, ...(skipShipping ? { RESTORE_WAIT: '0' } : {}) };
  const own = `restore-${id}`;
  await ensureJob(namespace, RESTORE, own, { env, labels: { [AT]: labelOf(at) } });
  // two that began at the same time have both seen none
  const other = (await running(namespace, AT)).find(({ name }) => name !== own);
  if (other) {
    await kubectl(['delete', 'job', own, '-n', namespace, '--wait=false']);
    throw new ClusterError(
      `job ${other.name}, a restore to ${other.label}, began at the same time; nothing was changed, run the command once more`,
    );
  }
  console.log(`job restore-${id} restores into a scratch server`);
  return id;
}

async function bringBack(config: Config, wish: Wish): Promise<void> {
  const namespace = config.name;
  const pods = await databasePods(config);
  await primaryOf(namespace, pods);
  const id = await jobFor(namespace, wish);
  const job = `restore-${id}`;
  await follow(namespace, job, wish.timeout, /ready to be cloned/, log);
  const pod = await podOfJob(namespace, job);
  if (!pod) throw new ClusterError(`job ${job} has no pod any more; run the same command again`);
  const found = await patiently(() => get<{ status: { podIP?: string } }>('pod', pod, namespace));
  const address = found?.status.podIP;
  if (!address) throw new ClusterError(`pod ${pod} is gone; run the same command again`);
  const inScratch = (script: string): Promise<string> =>
    patiently(() => kubectl(['exec', pod, '-c', 'scratch', '-n', namespace, '--', 'bash', '-c', script]));
  const password = (await inScratch(`cat ${places.run}/password`)).trim();
  const size = Number((await inScratch(`du -sm ${places.work}/data`)).split('\t')[0]);
  await cloneAll(config, id, { address, password, size }, log);
  console.log('every database holds the restored data beside its own; they restart with it now');
  await adoptAll(config, id);
  await inScratch(`touch ${places.run}/taken`);
  const primary = await primaryOf(namespace, pods);
  const counts = await asRoot(namespace, primary, COUNTS);
  const [tables = '', schemas = ''] = counts.trim().split('\t');
  console.log(`the databases are as they were at ${wish.at}: ${tables} tables in ${schemas} schemas`);
  const past = (await asRoot(namespace, primary, PAST)).split('\n').filter((event) => event !== '');
  if (past.length > 0) {
    console.log(`events that do not run, because they may have run already when their time came: ${past.join(', ')}`);
  }
  await ensureJob(namespace, 'backup', `restore-backup-${id}`);
  console.log(
    `job restore-backup-${id} makes a new full backup: until it is done, no time after this restore can be restored`,
  );
  console.log(
    `what was there before is kept on the databases' volumes; take the restore back: --undo ${id}; let it go: --drop-kept`,
  );
}

const COUNTS = `SELECT COUNT(*), COUNT(DISTINCT TABLE_SCHEMA) FROM information_schema.TABLES
  WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema');`;

/** Events of a single time that has passed: charts/database/scripts/events.sh enables none of these. */
const PAST = `SELECT CONCAT('\`', REPLACE(EVENT_SCHEMA, '\`', '\`\`'), '\`.\`', REPLACE(EVENT_NAME, '\`', '\`\`'), '\`')
  FROM information_schema.EVENTS
  WHERE STATUS <> 'ENABLED' AND CONVERT_TZ(EXECUTE_AT, TIME_ZONE, '+00:00') <= UTC_TIMESTAMP() ORDER BY 1;`;

/** What is to be restored. */
export interface Wish {
  /** As `restoreTime` writes it. */
  readonly at: string;
  /** Do not ask. */
  readonly yes: boolean;
  /** Leave out the latest binary logs: where the databases were lost. */
  readonly skipShipping: boolean;
  /** How long backup and logs may take, in seconds. */
  readonly timeout: number;
}

/** Makes the databases what they were at a time. */
export async function restore(name: string | undefined, wish: Wish): Promise<void> {
  const config = await agreed(
    name,
    wish.yes,
    (where) =>
      `This replaces the data of all databases ${where} by what they were at ${wish.at}; the present data are kept beside them.`,
  );
  await bringBack(config, wish);
}

/** Takes a restore back: databases get what it kept. @throws UsageError naming what is kept */
export async function undoRestore(name: string | undefined, id: string, yes: boolean): Promise<void> {
  const config = await agreed(
    name,
    yes,
    (where) => `This replaces the data of all databases ${where} by what restore ${id} kept.`,
  );
  const pods = await databasePods(config);
  const back = `${id}-undo`;
  const left: string[] = [];
  for (const pod of pods) {
    // an undo that was killed goes on
    if (['complete', 'adopted'].includes((await stateOf(config.name, pod, back)).step)) continue;
    const kept = (await restored(config.name, pod, ['kept'])).split('\n');
    if (!kept.includes(id))
      throw new UsageError(`--undo: ${pod} keeps nothing of a restore "${id}", but of: ${kept.join(', ') || 'none'}`);
    left.push(pod);
  }
  for (const pod of left) await restored(config.name, pod, ['back', id, back]);
  await adoptAll(config, back);
  await ensureJob(config.name, 'backup', `restore-backup-${back}`);
  console.log(`the databases have what restore ${id} kept, and keep what it made; a new full backup is under way`);
}

/** Removes what restores have kept on the volumes of the databases. */
export async function dropKept(name: string | undefined, yes: boolean): Promise<void> {
  const config = await agreed(
    name,
    yes,
    (where) => `This removes what restores have kept on the volumes of all databases ${where}.`,
  );
  for (const pod of await databasePods(config)) await restored(config.name, pod, ['drop']);
  console.log('nothing is kept any more');
}

/** The settings of an environment with backups, after confirmation. */
async function agreed(name: string | undefined, yes: boolean, what: (where: string) => string): Promise<Config> {
  const chosen = environment(name);
  const { config } = chosen;
  if (!hasBackup(config))
    throw new UsageError(`config/${chosen.name}.yaml: has no section backup, so there are no backups`);
  await serverVersion();
  const question = what(`of ${config.name} in ${await clusterName()}`);
  if (yes) console.log(question);
  else await confirm(question, config.name);
  return config;
}
