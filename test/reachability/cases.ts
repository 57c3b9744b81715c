import { clusterOf } from '../../reachability/cluster';
import { connection, type Endpoint, type Outside, type Pod } from '../../reachability/engine';
import type { Manifest } from '../../reachability/manifest';

/** A pod of the label `app`, with a named TCP and a named UDP port. */
export const pod = (namespace: string, app: string, more: Partial<Pod> = {}): Pod => ({
  kind: 'pod',
  name: `${namespace}/${app}`,
  namespace,
  labels: { app },
  ports: [
    { name: 'http', containerPort: 8080 },
    { name: 'dns', containerPort: 53, protocol: 'UDP' },
  ],
  ...more,
});
/** An address that is no pod's. */
export const host = (address: string, more: Partial<Outside> = {}): Outside => ({
  kind: 'outside',
  name: address,
  address,
  ...more,
});

/** A pod of namespace `shop`. */
export const web = pod('shop', 'web');
/** Another pod of namespace `shop`. */
export const api = pod('shop', 'api');
/** A pod of another namespace with the same label as `web`. */
export const stranger = pod('elsewhere', 'web');
/** An address of the internet. */
export const internet = host('203.0.113.9');

/** A NetworkPolicy. */
export const policy = (spec: unknown, namespace = 'shop'): Manifest => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'p', namespace },
  spec,
});
/** A CiliumNetworkPolicy. */
export const cilium = (spec: unknown): Manifest => ({ ...policy(spec), kind: 'CiliumNetworkPolicy' });
/** A Namespace. */
export const namespace = (name: string, labels: Record<string, string>): Manifest => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});

/** Ports of a connection, as text. */
export const ports = (from: Endpoint, to: Endpoint, ...manifests: Manifest[]) =>
  String(connection(from, to, clusterOf(manifests)));
/** What `web` of the shop permits in from each peer, under a policy for it. */
export const ingress = (spec: object, from: Endpoint) =>
  ports(from, web, policy({ podSelector: { matchLabels: { app: 'web' } }, ...spec }));
/** What `web` of the shop permits out to each peer, under a policy for it. */
export const egress = (spec: object, to: Endpoint) =>
  ports(web, to, policy({ podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'], ...spec }));
