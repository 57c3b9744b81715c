import { command, UsageError } from './command';

const USAGE = `usage: npm run secrets -- ENVIRONMENT [--rotate SECRET[/KEY,...] | --stream [--all]]

Creates the Secrets that the environment lacks, in the cluster that KUBECONFIG names. What is there stays as it is.
With secrets.create: false nothing is created; what is missing is listed.

  --rotate SECRET       gives one Secret new values, while the site serves: database-users, app-tls, web-client-tls or
                        site-tls, by their names in the configuration
  --rotate SECRET/KEY   only these keys, separated by commas; of app-random each key must be named
  --stream              prints the missing Secrets for kubeseal or sops, into a pipe alone; with secrets.provider
                        sealed-secrets or sops
  --all                 prints also those that the cluster has

exit code: 0 all are there, 1 the cluster has trouble, 2 you have to supply or correct something`;

const options = { rotate: { type: 'string' }, stream: { type: 'boolean' }, all: { type: 'boolean' } } as const;

await command({ text: USAGE, options }, async ([name], { rotate: what, stream: printed = false, all = false }) => {
  if ((what !== undefined && printed) || (all && !printed)) {
    throw new UsageError('--rotate or --stream, not both; --all belongs to --stream');
  }
  if (printed) {
    const { stream } = await import('./secrets/stream');
    return stream(name, all);
  }
  if (what !== undefined) {
    const { rotate } = await import('./secrets/rotate');
    return rotate(name, what);
  }
  const { secrets } = await import('./secrets/ensure');
  return secrets(name);
});
