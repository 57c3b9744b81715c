import { configSchema } from '../../config/schema';
import { enforcementOf } from '../cluster/enforcement';
import { factsOf } from '../cluster/facts';
import { FEATURES } from '../cluster/features';
import { clusterName } from '../cluster/kubectl';
import { sectionOf } from '../cluster/section';

/**
 * Reads the cluster, prints its section, and reports obstacles for a site.
 * @returns the exit code: 1 if the network does not enforce NetworkPolicies
 */
export async function detect(trial: boolean): Promise<number> {
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
  if (!trial) return 0;
  const enforcement = await enforcementOf({ images, imagePullPolicy });
  if (enforcement.result === 'enforced') console.log('# NetworkPolicies are enforced: tried');
  if (enforcement.result === 'unknown')
    console.log(`# whether NetworkPolicies are enforced is unknown: ${enforcement.why}`);
  if (enforcement.result === 'ignored') {
    console.log(
      '# NetworkPolicies are NOT enforced: all three firewalls would be paper; install a network that does, like Cilium or Calico',
    );
    return 1;
  }
  return 0;
}
