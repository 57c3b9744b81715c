import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';

/**
 * Spec of the load balancers' Service without its selector. Unset node ports are chosen by the
 * cluster; fields that do not fit the type are omitted, because the API server refuses them.
 */
export function serviceSpec({ loadBalancer: { service } }: Config): k8s.ServiceSpec {
  const { type, nodePorts, sourceRanges } = service;
  const isBalancer = type === 'LoadBalancer';
  return {
    type,
    loadBalancerClass: isBalancer ? service.class : undefined,
    loadBalancerIp: isBalancer ? service.address : undefined,
    loadBalancerSourceRanges: isBalancer && sourceRanges.length > 0 ? [...sourceRanges] : undefined,
    // with `Cluster`, a node's address would replace the visitor's
    externalTrafficPolicy: type === 'ClusterIP' ? undefined : (service.externalTrafficPolicy ?? 'Local'),
    ports: [
      { name: 'https', port: 443, targetPort: k8s.IntOrString.fromString('https'), nodePort: nodePorts?.https },
      { name: 'http', port: 80, targetPort: k8s.IntOrString.fromString('http'), nodePort: nodePorts?.http },
    ],
  };
}

/**
 * With `externalTrafficPolicy: Local` a node gets visitors only for its own pods, and a node that the cluster's load
 * balancers exclude gets none: a pod there would be idle.
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/#node-kubernetes-io-exclude-from-external-load-balancers
 */
export const nodesWithVisitors = ({ loadBalancer: { service } }: Config): k8s.NodeAffinity | undefined => {
  if (service.type !== 'LoadBalancer' || service.externalTrafficPolicy === 'Cluster') return undefined;
  const key = 'node.kubernetes.io/exclude-from-external-load-balancers';
  const nodeSelectorTerms = [{ matchExpressions: [{ key, operator: 'DoesNotExist' }] }];
  return { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
};
