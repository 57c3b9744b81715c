import { command, seconds } from './command';

const USAGE = `usage: npm run down -- ENVIRONMENT [--delete-data [--yes]] [--timeout 5m]

Deletes what \`up\` applied. Volumes, Secrets and the two namespaces that hold them stay.

--delete-data  deletes them as well: every row, certificate and password is gone
--yes          does not ask before it deletes data
--timeout      how long to wait for each deletion, like 5m or 90s (default 5m)

exit code: 0 done, 1 the cluster has trouble, 2 the input is wrong`;

const options = {
  'delete-data': { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  timeout: { type: 'string', default: '5m' },
} as const;

await command({ text: USAGE, options }, async ([name], { 'delete-data': deleteData, yes, ...values }) => {
  const timeout = seconds(values.timeout, '--timeout');
  const { down } = await import('./down/down');
  await down(name, { deleteData, yes, timeout });
});
