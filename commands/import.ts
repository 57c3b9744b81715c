import { command, seconds, UsageError } from './command';

const USAGE = `usage: npm run import -- ENVIRONMENT --file FILE|- [--check] [--replace] [--yes] [--room 10Gi] [--timeout 24h]
       npm run import -- ENVIRONMENT --from SECRET [--check] [--replace] [--yes] [--timeout 24h]

Brings a database into the site's own: from a dump of mysqldump or mariadb-dump, plain or packed by gzip, or from a running MySQL 5.7
to 9 or MariaDB, which a Job in the cluster copies. First it prints one list of what will trouble: lines that begin with STOPS end it.
An import that fails leaves the database empty. Started again, the same command goes on where it was.

--file     the dump, - for standard input
--from     Secret in the site's namespace: host, user, password; port (3306), database (the site's name for it) and ca.crt on request
--check    prints the list and ends
--replace  removes what the database holds; a backup keeps it first
--yes      does not ask
--room     space for a dump of standard input (default 10Gi)
--timeout  how long all may take, like 90s, 20m or 1h (default 24h)

exit code: 0 done, 1 the cluster has trouble, 2 the input is wrong or the list has a line STOPS`;

const options = {
  file: { type: 'string' },
  from: { type: 'string' },
  check: { type: 'boolean', default: false },
  replace: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  room: { type: 'string', default: '10Gi' },
  timeout: { type: 'string', default: '24h' },
} as const;

await command({ text: USAGE, options }, async ([name], values) => {
  const { file, from, check, replace, yes, room } = values;
  if ((file === undefined) === (from === undefined)) throw new UsageError('say one of --file and --from');
  if (file === '-' && !yes && !check) throw new UsageError('--file -: add --yes, standard input is no person');
  const timeout = seconds(values.timeout, '--timeout');
  const { importData } = await import('./import/import');
  return importData(name, { file, from, check, replace, yes, room, timeout });
});
