import { command, UsageError } from './command';

const USAGE = `usage: threewall init NAME [--domain HOST] [--image IMAGE [--port 8080]] [--topology primary-replica]
                           [--monitoring prometheus] [--cluster other] [--gitops none] [--package SOURCE] [--no-lock]

Writes a repository for a site into the new folder NAME. On a terminal it asks what no option says.

NAME          name of the site, its folder and its namespace: lower-case letters, digits and "-"
--domain      host name that visitors use (default NAME.example.org)
--image       the app's image, with its version (default: the sample site)
--port        port at which the image listens (default 8080)
--topology    primary-replica, or group: members that elect their primary
--monitoring  prometheus (in the cluster), sumologic, or the https:// address of an OTLP receiver
--cluster     kind, k3s, kubeadm, eks, gke, aks, openshift or other
--gitops      argocd, flux or none
--package     where npm finds threewall: a version, a packed file or a git address (default: this version)
--no-lock     writes no package-lock.json, for which npm asks its registry

exit code: 0 written, 2 the input is wrong or the folder holds something; nothing is written then`;

const text = { type: 'string' } as const;
const options = {
  domain: text,
  image: text,
  port: text,
  topology: text,
  monitoring: text,
  cluster: text,
  gitops: text,
  package: text,
  'no-lock': { type: 'boolean', default: false },
} as const;

await command({ text: USAGE, options, words: [1, 1] }, async ([name = ''], { 'no-lock': noLock, ...given }) => {
  if (!/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) {
    throw new UsageError(`NAME: must be lower-case letters, digits and "-", at most 40, got "${name}"`);
  }
  const { init } = await import('./init/init');
  await init(name, given, { lock: !noLock });
});
