import { command, seconds } from './command';

const USAGE = `usage: npm run up -- ENVIRONMENT [--timeout 10m]

Checks cluster and manifests, creates missing Secrets, applies dist/ENVIRONMENT, waits until every tier is ready.
Release steps of the app run once for each version, before its pods; where one fails, the earlier version goes on.
Running it again goes on where it stopped.

--timeout  how long to wait for the tiers, like 10m or 90s (default 10m)

exit code: 0 the site is up, 1 the cluster has trouble, 2 the input is wrong`;

const options = { timeout: { type: 'string', default: '10m' } } as const;

await command({ text: USAGE, options }, async ([name], values) => {
  const timeout = seconds(values.timeout, '--timeout');
  const { up } = await import('./up/up');
  await up(name, timeout);
});
