import { command } from './command';

const USAGE = `usage: npm run status -- ENVIRONMENT [--json]

Shows the tiers with their ready pods, what the site does, and which alerts fire. Metrics come from the Prometheus in the
cluster, where it is a monitoring service of the environment.

--json  prints all of it for programs

exit code: 0 all is well, 1 a tier is not ready, an alert fires, a firewall policy is in no manifest or the cluster has
trouble, 2 the input is wrong`;

const options = { json: { type: 'boolean', default: false } } as const;

await command({ text: USAGE, options }, async ([name], { json }) => {
  const { showStatus } = await import('./status/status');
  return showStatus(name, json);
});
