import type { Construct } from 'constructs';
import type { Config } from '../../config/schema';
import {
  CiliumNetworkPolicy,
  type CiliumNetworkPolicySpecEgress,
  CiliumNetworkPolicySpecEgressToEntities as Entity,
  CiliumNetworkPolicySpecEgressToPortsPortsProtocol as PortProtocol,
} from '../../imports/cilium.io';
import { type Flow, flows } from '../flows';
import { FLOWS_ANNOTATION, namespaceOf, selectorOf } from '../names';
import { hostNameOf, type OutsideName } from '../places';
import { metadataOf } from '../pod';
import { isTier } from '../topology';
import { isCiliumOnly } from './policies';

/** Cilium's entities for hosts that no ipBlock of a NetworkPolicy matches. */
const ENTITIES: Partial<Record<OutsideName, readonly Entity[]>> = {
  'kubernetes-api': [Entity.KUBE_HYPHEN_APISERVER],
  kubelet: [Entity.HOST, Entity.REMOTE_HYPHEN_NODE],
};

/**
 * Egress that only Cilium can express, one policy per tier: to the API server and kubelets, because Cilium gives hosts
 * an identity that ipBlocks do not match, and to host names.
 * @see https://docs.cilium.io/en/stable/security/policy/language/
 */
export function ciliumPolicies(scope: Construct, config: Config): void {
  const own = flows(config).filter((flow) => isCiliumOnly(flow, config));
  for (const tier of new Set(own.map((flow) => flow.from).filter(isTier))) {
    const name = `internal-firewall-${tier}-cilium`;
    const out = own.filter((flow) => flow.from === tier);
    new CiliumNetworkPolicy(scope, name, {
      metadata: {
        ...metadataOf(tier, config, name),
        namespace: namespaceOf(tier, config),
        annotations: { [FLOWS_ANNOTATION]: out.map((f) => `${f.from} to ${f.to}: ${f.reason}`).join('; ') },
      },
      spec: {
        endpointSelector: { matchLabels: selectorOf(tier, config) },
        egress: out.map((flow) => ruleOf(flow, config)),
      },
    });
  }
}

function ruleOf({ to, ports }: Flow, { cluster: { dns } }: Config): CiliumNetworkPolicySpecEgress {
  const toPorts = ports.map(({ port, protocol }) => ({ port: String(port), protocol: PortProtocol[protocol] }));
  if (to === 'cluster-dns') {
    return {
      toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': dns.namespace, ...dns.podLabels } }],
      toPorts: [{ ports: toPorts, rules: { dns: [{ matchPattern: '*' }] } }],
    };
  }
  const matchName = hostNameOf(to);
  return {
    ...(matchName ? { toFqdNs: [{ matchName }] } : { toEntities: [...(ENTITIES[to as OutsideName] ?? [])] }),
    toPorts: [{ ports: toPorts }],
  };
}
