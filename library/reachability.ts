/**
 * Says from manifests alone which connections NetworkPolicies and CiliumNetworkPolicies permit. Knows nothing of a site.
 * @packageDocumentation
 */
export { type Change, changesBetween } from '../reachability/changes';
export { addressClasses, type Cluster, clusterOf, outsiders, strangers } from '../reachability/cluster';
export {
  connection,
  type Direction,
  type Endpoint,
  type Outside,
  type Pod,
  permitted,
  type Rules,
} from '../reachability/engine';
export type { Manifest } from '../reachability/manifest';
export type { Policy } from '../reachability/policy';
export { PortSet } from '../reachability/ports';
