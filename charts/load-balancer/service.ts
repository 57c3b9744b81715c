import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';

/**
 * What the Service of the load balancers says beside its selector. A port of the nodes that nobody chose is left to the
 * cluster, and what does not fit its type is left out: the API server refuses it.
 */
export function serviceSpec({ loadBalancer: { service } }: Config): k8s.ServiceSpec {
  const { type, nodePorts, sourceRanges } = service;
  const isBalancer = type === 'LoadBalancer';
  return {
    type,
    loadBalancerClass: isBalancer ? service.class : undefined,
    loadBalancerIp: isBalancer ? service.address : undefined,
    loadBalancerSourceRanges: isBalancer && sourceRanges.length > 0 ? [...sourceRanges] : undefined,
    // Cluster would hide the visitor's address behind a node's
    externalTrafficPolicy: type === 'ClusterIP' ? undefined : (service.externalTrafficPolicy ?? 'Local'),
    ports: [
      { name: 'https', port: 443, targetPort: k8s.IntOrString.fromString('https'), nodePort: nodePorts?.https },
      { name: 'http', port: 80, targetPort: k8s.IntOrString.fromString('http'), nodePort: nodePorts?.http },
    ],
  };
}

/**
 * With `externalTrafficPolicy: Local` a node gets visitors only for pods of its own, and a node that the cluster's load
 * balancers leave out gets none: a pod there would be idle.
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/#node-kubernetes-io-exclude-from-external-load-balancers
 */
export const nodesWithVisitors = ({ loadBalancer: { service } }: Config): k8s.NodeAffinity | undefined => {
  if (service.type !== 'LoadBalancer' || service.externalTrafficPolicy === 'Cluster') return undefined;
  const key = 'node.kubernetes.io/exclude-from-external-load-balancers';
  const nodeSelectorTerms = [{ matchExpressions: [{ key, operator: 'DoesNotExist' }] }];
  return { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
};
