import type { Config } from '../../config';
import { contains } from '../../config/fields';
import { type Facts, isV4 } from '../cluster/facts';
import { missingFeatures } from '../cluster/features';
import { covering } from '../cluster/section';
import { volumesOf } from '../cluster/volumes';

/**
 * One line for each setting that contradicts the cluster, with the line to write. A wrong one blocks connections
 * silently, or gives all visitors the same address.
 */
export function factFaults(config: Config, facts: Facts): string[] {
  return [
    ...missingFeatures(config, facts.minor),
    ...networkFaults(config, facts),
    ...rangeFaults(config, facts),
    ...dnsFaults(config, facts),
    ...classFaults(config, facts),
  ];
}

function networkFaults({ cluster, tls }: Config, facts: Facts): string[] {
  const ports = [...new Set(facts.apiServer.map(({ port }) => port))];
  return [
    ...(cluster.networkPolicies === 'cilium' && !facts.cilium
      ? [
          'cluster.networkPolicies: is "cilium", but the cluster has no CiliumNetworkPolicy, so the monitoring client would not reach API server and kubelets; set it to "kubernetes"',
        ]
      : []),
    ...(cluster.networkPolicies === 'kubernetes' && facts.cilium
      ? [
          'cluster.networkPolicies: is "kubernetes", but the cluster runs Cilium, whose ipBlocks never match API server and kubelets, so the monitoring client would not reach them; set it to "cilium"',
        ]
      : []),
    ...(tls.certificate.source === 'cert-manager' && !facts.certManager
      ? [
          'tls.certificate.source: is "cert-manager", but the cluster does not have it; install it (https://cert-manager.io/docs/installation/) and make the issuer, or set it to "secret"',
        ]
      : []),
    ...(ports.length > 0 && !ports.includes(cluster.apiServerPort)
      ? [`cluster.apiServerPort: is ${cluster.apiServerPort}, but the API server listens on ${ports.join(', ')}`]
      : []),
  ];
}

const isIn = (ranges: readonly string[], range: string): boolean =>
  ranges.some((outer) => contains(outer, range.includes('/') ? range : `${range}/32`));

function rangeFaults({ cluster }: Config, facts: Facts): string[] {
  const api = facts.apiServer.map(({ address }) => address).filter((address) => !isIn(cluster.nodeCidrs, address));
  const nodes = (facts.nodeAddresses ?? []).filter((address) => !isIn(cluster.nodeCidrs, address));
  // a pod's address counts more than its node's range: some networks assign other addresses
  const pods = facts.podAddresses?.length ? facts.podAddresses : (facts.nodePodCidrs ?? []);
  const strange = pods.filter((range) => !isIn(cluster.podCidrs, range));
  const services = (facts.serviceCidrs ?? []).filter((range) => !isIn(cluster.serviceCidrs, range));
  const outside = (setting: 'podCidrs' | 'serviceCidrs' | 'nodeCidrs', what: string, ranges: readonly string[]) => {
    if (ranges.length === 0) return [];
    const [first, ...more] = ranges;
    const write = covering(ranges.map((range) => (range.includes('/') ? range : `${range}/32`)));
    return [
      `cluster.${setting}: holds no range with ${first}${more.length > 0 ? ` and ${more.length} more` : ''}, ${what}; write ${setting}: [${write.join(', ')}]`,
    ];
  };
  return [
    ...outside('podCidrs', 'addresses of pods, so every visitor would be the load balancer', strange),
    ...outside('serviceCidrs', 'addresses of Services', services),
    ...(services.length === 0 && isV4(facts.serviceAddress) && !isIn(cluster.serviceCidrs, facts.serviceAddress)
      ? [`cluster.serviceCidrs: holds no range with ${facts.serviceAddress}, the address of the Service kubernetes`]
      : []),
    ...(cluster.networkPolicies === 'kubernetes'
      ? [
          ...outside('nodeCidrs', "addresses of the API server's endpoints", api),
          ...outside('nodeCidrs', 'addresses of nodes', nodes),
        ]
      : []),
  ];
}

function dnsFaults(
  { cluster: { dns, networkPolicies } }: Config,
  { dns: service, dnsPods, nodeLocalDns }: Facts,
): string[] {
  const labels = JSON.stringify(service?.podLabels ?? {});
  const write = !service
    ? 'see /etc/resolv.conf of a pod'
    : service.podPort === undefined
      ? `write dns: { pods: false, addresses: [${service.address}] }`
      : `write dns: { namespace: ${service.namespace}, podLabels: ${labels}, port: ${service.podPort} }`;
  if (!dns.pods) return [];
  if (dnsPods === 0) {
    return [
      `cluster.dns: no pod in ${dns.namespace} bears ${JSON.stringify(dns.podLabels)}, so no pod would find a name; ${write}`,
    ];
  }
  return [
    ...(service?.namespace === dns.namespace && service.podPort !== undefined && service.podPort !== dns.port
      ? [
          `cluster.dns.port: is ${dns.port}, but the pods of ${service.namespace}/${service.name} listen on ${service.podPort}, which is what policies see; write port: ${service.podPort}`,
        ]
      : []),
    ...(nodeLocalDns && networkPolicies === 'kubernetes' && dns.addresses.length === 0
      ? [
          `cluster.dns.addresses: is empty, but a NodeLocal cache answers on every node, at the Service's address too; write addresses: [169.254.20.10${service ? `, ${service.address}` : ''}]`,
        ]
      : []),
  ];
}

/** Configured classes, and the default StorageClass if relied on. */
function classFaults(config: Config, { storageClasses, priorityClasses }: Facts): string[] {
  const known = storageClasses?.map(({ name }) => name).join(', ') || 'none';
  const tiers: [path: string, name: string | undefined][] = (['loadBalancer', 'web', 'app', 'database'] as const).map(
    (tier) => [`${tier}.pods.priorityClassName`, config[tier].pods.priorityClassName],
  );
  return [
    ...volumesOf(config).flatMap(({ path, storageClassName: name }) => {
      if (!storageClasses) return [];
      if (name === undefined) {
        return storageClasses.some(({ isDefault }) => isDefault)
          ? []
          : [`${path}.storageClassName: is left out, but no StorageClass is the default; name one of: ${known}`];
      }
      return storageClasses.some((one) => one.name === name)
        ? []
        : [`${path}.storageClassName: is "${name}", but the cluster has: ${known}`];
    }),
    ...tiers.flatMap(([path, name]) =>
      name && priorityClasses && !priorityClasses.includes(name)
        ? [`${path}: is "${name}", but the cluster has: ${priorityClasses.join(', ')}`]
        : [],
    ),
  ];
}
