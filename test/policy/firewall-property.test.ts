import fc from 'fast-check';
import { type Config, ConfigError } from '../../config';
import { differences, METADATA, podsOfTopology } from '../../proof/differences';
import { clusterOf } from '../../reachability/cluster';
import { connection, type Outside } from '../../reachability/engine';
import { PortSet } from '../../reachability/ports';
import { configOf } from '../support/configs';
import { synthesizeFirewalls } from '../support/firewalls';

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,4})?$/);

const range = (least: number, most: number) =>
  fc.tuple(fc.nat(2 ** 32 - 1), fc.integer({ min: least, max: most })).map(([address, mask]) => {
    const first = Math.floor(address / 2 ** (32 - mask)) * 2 ** (32 - mask);
    return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${mask}`;
  });
const ranges = fc.oneof(
  fc.array(range(4, 24), { minLength: 1, maxLength: 2 }),
  fc.subarray(['10.0.0.0/8', '10.0.0.0/16', '10.0.128.0/17', '100.64.0.0/10', '192.168.0.0/16'], { minLength: 1 }),
);
const port = fc.integer({ min: 1, max: 65535 });

const services = fc
  .tuple(fc.option(fc.uniqueArray(label, { maxLength: 2 })), fc.boolean(), fc.option(port))
  .map(([readers, sumologic, otlp]) => [
    ...(readers ? [{ type: 'prometheus', readers }] : []),
    ...(sumologic ? [{ type: 'sumologic' }] : []),
    ...(otlp ? [{ type: 'otlp', endpoint: `https://otlp.example.org:${otlp}` }] : []),
  ])
  .filter((list) => list.length > 0);

const otherPods = fc.record(
  { namespace: label, podLabels: fc.dictionary(label, label, { maxKeys: 2 }) },
  { requiredKeys: ['namespace'] },
);

const extraEgress = fc.record({
  from: fc.constantFrom('load-balancer', 'web', 'app', 'database'),
  to: fc.oneof(range(8, 32), otherPods, fc.constant('internet')),
  ports: fc.array(port, { minLength: 1, maxLength: 3 }),
  reason: fc.constant('a partner of ours'),
});

const extraIngress = fc.record({
  from: otherPods,
  to: fc.constantFrom('load-balancer', 'web', 'app'),
  reason: fc.constant('another application'),
});

const environment = fc.record({
  name: label,
  monitoring: fc.record({ services }),
  firewall: fc.record({
    extraEgress: fc.array(extraEgress, { maxLength: 3 }),
    extraIngress: fc.array(extraIngress, { maxLength: 2 }),
  }),
  cluster: fc.record(
    {
      podCidrs: ranges,
      serviceCidrs: ranges,
      nodeCidrs: ranges,
      apiServerPort: port,
      networkPolicies: fc.constantFrom('kubernetes', 'cilium'),
      dns: fc.record(
        {
          namespace: label,
          podLabels: fc.dictionary(label, label, { minKeys: 1, maxKeys: 2 }),
          port,
          pods: fc.boolean(),
          addresses: fc.array(fc.oneof(fc.constantFrom('169.254.20.10', METADATA), fc.ipV4()), { maxLength: 3 }),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  ),
});

const DNS = [PortSet.of('UDP', 53), PortSet.of('TCP', 53)];
const metadata: Outside = { kind: 'outside', name: 'metadata', address: METADATA };

/** The configuration, undefined if its rules refuse it: a refused one cannot be deployed. */
function accepted(input: object): Config | undefined {
  try {
    return configOf(input);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

test('whatever the configuration, the firewalls permit exactly what its flow table declares', () => {
  fc.assert(
    fc.property(environment, (input) => {
      const config = accepted(input);
      fc.pre(config !== undefined);
      const cluster = clusterOf(synthesizeFirewalls(config));
      const pods = podsOfTopology(config);
      expect([...differences(cluster, pods, config)]).toEqual([]);
      // where it is the DNS as well, as on GKE, its port 53 alone
      const names = config.cluster.dns.addresses.includes(METADATA) ? PortSet.union(DNS) : PortSet.none;
      expect(pods.filter((pod) => !connection(pod, metadata, cluster).minus(names).isEmpty)).toEqual([]);
    }),
    { numRuns: 25 },
  );
});
