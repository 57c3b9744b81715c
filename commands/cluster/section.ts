import { dump } from 'js-yaml';
import { contains, parseCidr } from '../../config/fields';
import { type Facts, isV4 } from './facts';

/**
 * The section `cluster` of a configuration for a cluster, as YAML; unknown facts are comments.
 * Settings equal to their defaults are included: it is read beside the cluster's documentation.
 */
export function sectionOf(facts: Facts): string {
  const section = {
    cluster: {
      ...podCidrs(facts),
      ...serviceCidrs(facts),
      ...nodeCidrs(facts),
      ...(facts.apiServer[0] ? { apiServerPort: facts.apiServer[0].port } : {}),
      networkPolicies: facts.cilium ? 'cilium' : 'kubernetes',
      ...dns(facts),
    },
  };
  const unknown = [
    ...(section.cluster.podCidrs
      ? []
      : ['podCidrs: neither pods nor nodes show them; ask the administrator of the network']),
    ...(section.cluster.serviceCidrs ? [] : ['serviceCidrs: this cluster does not tell']),
    ...(facts.dns ? [] : ['dns: no Service of a known name answers at port 53; see /etc/resolv.conf of a pod']),
    'domain: `cluster.local` unless your cluster has another; the last word of `search` in /etc/resolv.conf of a pod',
    'kubeletCertificates: `self-signed` for kubeadm and kind without serverTLSBootstrap, else `cluster-ca`',
  ];
  return `${dump(section, { flowLevel: 2, lineWidth: 200 })}${unknown.map((line) => `  # ${line}\n`).join('')}`;
}

const podCidrs = ({ podAddresses = [], nodePodCidrs = [] }: Facts): { readonly podCidrs?: string[] } => {
  const reported = nodePodCidrs.filter(isV4);
  const fits = podAddresses.every((address) => reported.some((range) => contains(range, `${address}/32`)));
  const ranges = covering(reported.length > 0 && fits ? reported : podAddresses.map((address) => `${address}/32`));
  return ranges.length > 0 ? { podCidrs: ranges } : {};
};

const serviceCidrs = ({ serviceCidrs: reported = [], serviceAddress }: Facts): { readonly serviceCidrs?: string[] } => {
  if (reported.length > 0) return { serviceCidrs: [...reported] };
  return isV4(serviceAddress) ? { serviceCidrs: covering([`${serviceAddress}/32`]) } : {};
};

const nodeCidrs = ({ nodeAddresses = [], apiServer }: Facts): { readonly nodeCidrs?: string[] } => {
  const addresses = [...nodeAddresses, ...apiServer.map(({ address }) => address)].filter(isV4);
  return addresses.length > 0 ? { nodeCidrs: covering(addresses.map((address) => `${address}/32`)) } : {};
};

function dns({ dns: service, nodeLocalDns, cilium }: Facts): { readonly dns?: object } {
  if (!service) return {};
  const { namespace, podLabels, podPort, address } = service;
  // a NodeLocal cache answers at the Service's address as well, before any pod is reached
  const addresses = nodeLocalDns && !cilium ? ['169.254.20.10', address] : [];
  if (podPort === undefined) return { dns: { pods: false, addresses: [...addresses, address] } };
  return { dns: { namespace, podLabels, port: podPort, ...(addresses.length > 0 ? { addresses } : {}) } };
}

/** Ranges of /16 that contain all given ones; one wider range if there are many. */
export function covering(ranges: readonly string[]): string[] {
  const firsts = ranges.flatMap((range) => parseCidr(range)?.first ?? []);
  const blocks = [...new Set(firsts.map((first) => Math.floor(first / 2 ** 16)))].sort((a, b) => a - b);
  const text = (block: number, mask: number) => `${Math.floor(block / 256)}.${block % 256}.0.0/${mask}`;
  const wide = ranges.filter((range) => Number(range.split('/')[1]) < 16);
  if (wide.length > 0) return [...new Set(wide)];
  const [low, high] = [blocks[0], blocks.at(-1)];
  if (low === undefined || high === undefined || blocks.length <= 4) return blocks.map((block) => text(block, 16));
  for (let mask = 15; mask >= 8; mask--) {
    const size = 2 ** (16 - mask);
    if (Math.floor(low / size) === Math.floor(high / size)) return [text(Math.floor(low / size) * size, mask)];
  }
  return blocks.map((block) => text(block, 16));
}
