import { basename } from 'node:path';
import { configSchema } from '../config/schema';
import { enforcementOf } from './cluster/enforcement';
import { factsOf } from './cluster/facts';
import { FEATURES } from './cluster/features';
import { clusterName } from './cluster/kubectl';
import { sectionOf } from './cluster/section';
import { command, UsageError } from './environment';

const USAGE = `usage: npm run -s detect [-- --trial]

Prints the section \`cluster\` that fits the cluster of KUBECONFIG: paste it into config/<environment>.yaml and read it,
for what nobody can find out stands there as comments.

--trial  also tries whether the network enforces NetworkPolicies: two pods for some seconds, in a namespace of their own

exit code: 0 printed, 1 the cluster has trouble or enforces nothing, 2 the input is wrong`;

/** Asks, prints, and says what stands in the way of a site. */
async function detect(trial: boolean): Promise<void> {
  const { cluster, images, imagePullPolicy } = configSchema.parse({ domain: 'example.org' });
  const facts = await factsOf(cluster.dns);
  console.log(`# ${await clusterName()}, Kubernetes 1.${facts.minor}\n${sectionOf(facts)}`);
  for (const { name, since } of FEATURES.filter((one) => facts.minor < one.since)) {
    console.log(`# 1.${facts.minor} lacks ${name}: since 1.${since}`);
  }
  if (facts.storageClasses && !facts.storageClasses.some(({ isDefault }) => isDefault)) {
    const names = facts.storageClasses.map(({ name }) => name).join(', ') || 'there is none';
    console.log(`# no StorageClass is the default; name one in database.storage.storageClassName: ${names}`);
  }
  if (!trial) return;
  const enforcement = await enforcementOf({ images, imagePullPolicy });
  if (enforcement.result === 'enforced') console.log('# NetworkPolicies are enforced: tried');
  if (enforcement.result === 'unknown')
    console.log(`# whether NetworkPolicies are enforced is unknown: ${enforcement.why}`);
  if (enforcement.result === 'ignored') {
    console.log(
      '# NetworkPolicies are NOT enforced: all three firewalls would be paper; install a network that does, like Cilium or Calico',
    );
    process.exitCode = 1;
  }
}

if (basename(process.argv[1] ?? '') === 'detect.ts') {
  void command({ text: USAGE, options: { trial: { type: 'boolean', default: false } } }, async (name, { trial }) => {
    if (name !== undefined) throw new UsageError(`takes no environment, got "${name}"\n${USAGE}`);
    await detect(trial === true);
  });
}
