import { hasBackup } from '../../charts/backup';
import { ALL_SHIPPED } from '../../charts/backup/agent/binlogs';
import { idOf } from '../../charts/backup/agent/manifest';
import { SCHEMA } from '../../charts/database/layout';
import { selectorOf } from '../../charts/names';
import { ClusterError, clusterName, kubectl, list, serverVersion } from '../cluster/kubectl';
import { UsageError } from '../command';
import { confirm } from '../confirm';
import { type Environment, environment } from '../environment';
import { primaryOf } from './ends';
import { jobDone, logOf, podOfJob, startJob, until } from './job';
import { codeIn, prepare, rowsOf, swap } from './swap';

/** Runs that ship what there is; each takes eight files of 100 MiB or less. */
const MOST_RUNS = 100;

/** Ships what there is of binary logs. One run takes a few files, so that a node's disk is not filled: as many as it takes. */
async function shipAll(namespace: string, name: string): Promise<void> {
  for (let run = 1; run <= MOST_RUNS; run++) {
    const job = `${name}-${run}`;
    await startJob(namespace, 'backup-binlogs', job);
    await jobDone(namespace, job, 600);
    if ((await logOf(namespace, job)).includes(ALL_SHIPPED)) return;
  }
  throw new ClusterError(`${MOST_RUNS} runs did not ship all binary logs: is more written than can be shipped?`);
}

async function bringBack({ config }: Environment, { at, skipShipping, timeout }: Wish): Promise<void> {
  const namespace = config.name;
  const stamp = idOf(new Date());
  const suffix = stamp.toLowerCase();
  const pods = await list<{ metadata: { name: string } }>('pods', namespace, selectorOf('database', config));
  const primaryPod = await primaryOf(
    namespace,
    pods.map(({ metadata }) => metadata.name),
  );
  if (!skipShipping) {
    await shipAll(namespace, `restore-ship-${suffix}`);
    console.log('shipped the binary logs until now: what the restore takes back can be brought back');
  }
  const job = `restore-${suffix}`;
  await startJob(namespace, 'backup-drill', job, (container) => ({
    ...container,
    command: container.command?.map((word) => (word === 'drill' ? 'restore' : word)),
    env: [...(container.env ?? []), { name: 'BACKUP_AT', value: at }, { name: 'BACKUP_HOLD', value: '1' }],
  }));
  console.log(`job ${job} restores into a scratch server`);
  let scratchPod = '';
  await until(namespace, job, timeout, async () => {
    scratchPod ||= (await podOfJob(namespace, job)) ?? '';
    if (scratchPod === '') return false;
    const log = await kubectl(['logs', scratchPod, '-c', 'scratch', '-n', namespace, '--tail=20']).catch(() => '');
    return log.includes('ready to be taken over');
  });
  const log = await kubectl(['logs', scratchPod, '-c', 'scratch', '-n', namespace]);
  for (const line of log.match(/(as recorded|replayed).*/g) ?? []) console.log(`  ${line}`);

  const ends = { namespace, scratchPod, primaryPod };
  const [restored, kept] = [`${SCHEMA}_restored_${suffix}`, `${SCHEMA}_before_${suffix}`];
  const change = await prepare(ends, restored, kept);
  const notes = await swap(ends, change);
  await kubectl(['exec', scratchPod, '-c', 'scratch', '-n', namespace, '--', 'touch', '/work/taken']);
  const rows = [...(await rowsOf(ends, SCHEMA))].map(([table, n]) => `${table} ${n}`);
  const what = [`${rows.length} tables`, ...[codeIn(change)].filter(Boolean)].join(', ');
  console.log(`${SCHEMA} is as it was at ${at}: ${what} (rows: ${rows.join(', ') || 'none'})`);
  for (const note of notes) console.log(`  ${note}`);
  console.log(`what it was before the restore is in ${kept}; when nobody needs it any more, as root on ${primaryPod}:`);
  console.log(`  DROP DATABASE IF EXISTS \`${kept}\`;`);
  await startJob(namespace, 'backup', `restore-backup-${suffix}`);
  console.log(`job restore-backup-${suffix} makes a new full backup`);
}

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

/** Makes the site's schema what it was at a time. */
export async function restore(name: string | undefined, wish: Wish): Promise<void> {
  const chosen = environment(name);
  const { config } = chosen;
  if (!hasBackup(config))
    throw new UsageError(`config/${chosen.name}.yaml: has no section backup, so there are no backups`);
  await serverVersion();
  const cluster = await clusterName();
  const what = `This replaces the tables of schema ${SCHEMA} of ${config.name} in ${cluster} by what they were at ${wish.at}; the present ones are kept beside them.`;
  if (wish.yes) console.log(what);
  else await confirm(what, config.name);
  await bringBack(chosen, wish);
}
