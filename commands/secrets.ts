import { command } from './command';

const USAGE = `usage: npm run secrets -- ENVIRONMENT

Creates the Secrets that the environment lacks, in the cluster that KUBECONFIG names. What is there stays as it is.
With secrets.create: false nothing is created; what is missing is listed.

exit code: 0 all are there, 1 the cluster has trouble, 2 you have to supply or correct something`;

await command({ text: USAGE }, async ([name]) => {
  const { secrets } = await import('./secrets/ensure');
  await secrets(name);
});
