import { command, seconds, UsageError } from './command';

const USAGE = `usage: npm run import -- ENVIRONMENT --file FILE|- [--check] [--replace] [--yes] [--room 10Gi] [--timeout 24h]
       npm run import -- ENVIRONMENT --from SECRET [--follow] [--check] [--replace] [--yes] [--timeout 24h]
       npm run import -- ENVIRONMENT --switch [--unchecked] | --give-up

Brings a database into the site's own: from a dump of mysqldump or mariadb-dump, plain or packed by gzip, or from a running MySQL 5.7
to 9 or MariaDB, which a Job in the cluster copies. First it prints one list of what will trouble: lines that begin with STOPS end it.
An import that fails leaves the database empty. Started again, the same command goes on where it was.

--file     the dump, - for standard input
--from     Secret in the site's namespace: host, user, password; port (3306), database (the site's name for it) and ca.crt on request
--follow   then applies what that server goes on writing, so that its site stands still for the switch only; again: says how far it is
--switch   of the one that follows, once the old site is stopped: applies the rest, compares all tables and ends it
--unchecked  does not compare, which reads all rows on both sides
--give-up  ends the one that follows; the database is empty again
--check    prints the list and ends
--replace  removes what the database holds; a backup keeps it first
--yes      does not ask
--room     space for a dump of standard input (default 10Gi)
--timeout  how long all may take, like 90s, 20m or 1h (default 24h, with --follow 168h)

exit code: 0 done, 1 the cluster has trouble, 2 the input is wrong, the list has a line STOPS, or the old site still writes`;

const options = {
  file: { type: 'string' },
  from: { type: 'string' },
  follow: { type: 'boolean', default: false },
  switch: { type: 'boolean', default: false },
  unchecked: { type: 'boolean', default: false },
  'give-up': { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
  replace: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  room: { type: 'string', default: '10Gi' },
  timeout: { type: 'string' },
} as const;

await command({ text: USAGE, options }, async ([name], values) => {
  const { file, from, follow, check, replace, yes, room } = values;
  const ways = [file !== undefined, from !== undefined, values.switch, values['give-up']];
  if (ways.filter(Boolean).length !== 1) throw new UsageError('say one of --file, --from, --switch and --give-up');
  if (follow && from === undefined) throw new UsageError('--follow: goes with --from, a dump writes nothing more');
  if (values.unchecked && !values.switch) throw new UsageError('--unchecked: goes with --switch');
  if (file === '-' && !yes && !check) throw new UsageError('--file -: add --yes, standard input is no person');
  const timeout = seconds(values.timeout ?? (follow ? '168h' : '24h'), '--timeout');
  const ended = values['give-up'] ? 'give-up' : undefined;
  const ask = values.switch ? (values.unchecked ? 'switch-unchecked' : 'switch') : ended;
  const { importData } = await import('./import/import');
  return importData(name, { file, from, follow, ask, check, replace, yes, room, timeout });
});
