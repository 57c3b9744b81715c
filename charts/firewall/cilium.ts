import type { Construct } from 'constructs';
import type { Config } from '../../config/schema';
import {
  CiliumNetworkPolicy,
  CiliumNetworkPolicySpecEgressToEntities as Entity,
  CiliumNetworkPolicySpecEgressToPortsPortsProtocol as PortProtocol,
} from '../../imports/cilium.io';
import { metadataOf } from '../pod';
import { type Flow, flows, isTier, namespaceOf, type OutsideName, selectorOf } from '../topology';
import { isCiliumOnly } from './policies';

/** What Cilium calls the hosts that no ipBlock of a NetworkPolicy matches. */
const ENTITIES: Partial<Record<OutsideName, readonly Entity[]>> = {
  'kubernetes-api': [Entity.KUBE_HYPHEN_APISERVER],
  kubelet: [Entity.HOST, Entity.REMOTE_HYPHEN_NODE],
};

/**
 * The ways to API server and kubelets on clusters that Cilium runs: it gives hosts an identity of their own, so the
 * ipBlocks of a NetworkPolicy do not reach them.
 * @see https://docs.cilium.io/en/stable/security/policy/language/#entities-based
 */
export function ciliumPolicyForHosts(scope: Construct, config: Config): void {
  const hosts = flows(config).filter((flow) => isCiliumOnly(flow, config));
  for (const tier of new Set(hosts.map((flow) => flow.from).filter(isTier))) {
    const name = `internal-firewall-${tier}-hosts`;
    const own = hosts.filter((flow) => flow.from === tier);
    new CiliumNetworkPolicy(scope, name, {
      metadata: {
        ...metadataOf(tier, config, name),
        namespace: namespaceOf(tier, config),
        annotations: { 'threewall.dev/flows': own.map((f) => `${f.from} to ${f.to}: ${f.reason}`).join('; ') },
      },
      spec: { endpointSelector: { matchLabels: selectorOf(tier, config) }, egress: own.map(ruleOf) },
    });
  }
}

const ruleOf = ({ to, ports }: Flow) => ({
  toEntities: [...(ENTITIES[to as OutsideName] ?? [])],
  toPorts: [{ ports: ports.map(({ port, protocol }) => ({ port: String(port), protocol: PortProtocol[protocol] })) }],
});
