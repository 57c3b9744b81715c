import { command } from './command';

const USAGE = `usage: npm run secrets -- ENVIRONMENT [--rotate SECRET[/KEY,...]]

Creates the Secrets that the environment lacks, in the cluster that KUBECONFIG names. What is there stays as it is.
With secrets.create: false nothing is created; what is missing is listed.

  --rotate SECRET       gives one Secret new values, while the site serves: database-users, app-tls, web-client-tls or
                        site-tls, by their names in the configuration
  --rotate SECRET/KEY   only these keys, separated by commas; of app-random each key must be named

exit code: 0 all are there, 1 the cluster has trouble, 2 you have to supply or correct something`;

await command({ text: USAGE, options: { rotate: { type: 'string' } } }, async ([name], { rotate: what }) => {
  if (what === undefined) {
    const { secrets } = await import('./secrets/ensure');
    return secrets(name);
  }
  const { rotate } = await import('./secrets/rotate');
  return rotate(name, what);
});
