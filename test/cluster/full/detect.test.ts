import { spawnSync } from 'node:child_process';
import { load } from 'js-yaml';
import { contains } from '../../../config/fields';
import { eventually } from '../support/eventually';
import { config, kubectl } from '../support/kubectl';

/** Namespaces of a trial of the network. */
const trials = async (): Promise<string[]> =>
  (await kubectl(['get', 'namespaces', '-o', 'name'])).split('\n').filter((name) => name.includes('threewall-trial-'));

test('`detect --trial` prints a section for this cluster, finds its firewalls enforced, and leaves nothing behind', async () => {
  const before = await trials();
  const { status, stdout, stderr } = spawnSync('npm', ['run', '-s', 'detect', '--', '--trial'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^# NetworkPolicies are enforced: tried$/m);
  const { cluster } = load(stdout) as { cluster: Partial<typeof config.cluster> };
  const { podCidrs, serviceCidrs, apiServerPort, networkPolicies, dns } = config.cluster;
  expect(cluster).toMatchObject({ apiServerPort, networkPolicies, dns: { namespace: dns.namespace, port: dns.port } });
  for (const [found, ranges] of [
    [cluster.podCidrs, podCidrs],
    [cluster.serviceCidrs, serviceCidrs],
  ]) {
    expect(found).not.toHaveLength(0);
    for (const range of found ?? []) expect(ranges?.some((one) => contains(one, range))).toBe(true);
  }
  await eventually('its namespace is gone', 90, async () => (await trials()).every((name) => before.includes(name)));
}, 300_000);
