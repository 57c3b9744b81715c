import { command, seconds, UsageError } from './command';

const USAGE = `usage: npm run restore -- ENVIRONMENT --at TIME [--from OTHER] [--only PART] [--yes] [--skip-shipping]
               [--timeout 6h]
       npm run restore -- ENVIRONMENT --undo ID | --drop-kept [--only PART] [--yes]

Makes databases and volumes of the app what they were at TIME. Databases, with all schemas and accounts: the newest backup
before it, and binary logs up to it, go into a scratch server in the cluster and are checked; every database clones that
server beside its data while the site goes on; then all take the clone by a restart. Volumes: the newest backup before it is
laid beside what is there, then the two change places. What was there is kept. Started again, the same command goes on where
it was.

--at             RFC 3339 with zone and up to six decimals, like 2026-01-31T23:59:59.5Z, or latest
--from           the environment whose backups it is (default: the same one): its repository is only read
--only           database or volumes (default: both, where backups contain volumes)
--undo           takes back the restore of that ID: databases and volumes get what it kept
--drop-kept      removes what restores have kept
--yes            does not ask
--skip-shipping  does not wait for the latest binary logs: where the databases were lost
--timeout        how long backup and logs may take, like 90s, 20m or 1h (default 6h)

exit code: 0 done, 1 the cluster or the backups have trouble, 2 the input or a key is wrong`;

const options = {
  at: { type: 'string' },
  from: { type: 'string' },
  only: { type: 'string' },
  undo: { type: 'string' },
  'drop-kept': { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  'skip-shipping': { type: 'boolean', default: false },
  timeout: { type: 'string', default: '6h' },
} as const;

await command({ text: USAGE, options }, async ([name], values) => {
  const { at, from, undo, only, yes, 'drop-kept': drop, 'skip-shipping': skipShipping } = values;
  if ([at, undo, drop || undefined].filter((way) => way !== undefined).length > 1) {
    throw new UsageError('say one of --at, --undo and --drop-kept');
  }
  if (from !== undefined && (undo !== undefined || drop)) throw new UsageError('--from: goes with --at alone');
  const timeout = seconds(values.timeout, '--timeout');
  if (drop || undo !== undefined) {
    const { dropKept, undoRestore } = await import('./restore/kept');
    const { restoreId } = await import('./restore/time');
    return undo === undefined ? dropKept(name, { yes, only }) : undoRestore(name, restoreId(undo), { yes, only });
  }
  const { restore } = await import('./restore/restore');
  const { restoreTime } = await import('./restore/time');
  return restore(name, { at: restoreTime(at, Date.now()), from, yes, skipShipping, timeout, only });
});
