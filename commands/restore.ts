import { command, seconds } from './command';

const USAGE = `usage: npm run restore -- ENVIRONMENT --at TIME [--yes] [--skip-shipping] [--timeout 1h]

Makes the site's schema what it was at TIME: the newest backup before it, and binary logs up to it, go into a scratch
server and are compared with the source's record; then tables, views, triggers, routines and events take the place of the
present ones, which are kept in a schema beside them. Until that last step nothing of the site changes.

--at             RFC 3339 with zone and up to six decimals, like 2026-01-31T23:59:59.5Z, or latest
--yes            does not ask
--skip-shipping  does not ship the latest binary logs first: where the databases were lost
--timeout        how long backup and logs may take, like 90s, 20m or 1h (default 1h)

exit code: 0 restored, 1 the cluster or the backups have trouble, 2 the input is wrong`;

const options = {
  at: { type: 'string' },
  yes: { type: 'boolean', default: false },
  'skip-shipping': { type: 'boolean', default: false },
  timeout: { type: 'string', default: '1h' },
} as const;

await command({ text: USAGE, options }, async ([name], { yes, 'skip-shipping': skipShipping, ...values }) => {
  const { restoreTime } = await import('./restore/time');
  const at = restoreTime(values.at, Date.now());
  const timeout = seconds(values.timeout, '--timeout');
  const { restore } = await import('./restore/restore');
  await restore(name, { at, yes, skipShipping, timeout });
});
