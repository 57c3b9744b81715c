import * as z from 'zod';
import { cidr } from './fields';
import { annotations, className } from './kubernetes-names';

const nodePort = z.number().int().min(1).max(65535);

/** The Service for visitors. */
export const service = z
  .strictObject({
    type: z
      .enum(['LoadBalancer', 'NodePort', 'ClusterIP'])
      .default('LoadBalancer')
      .describe(
        '`NodePort` and `ClusterIP` stand behind a load balancer or an ingress of your own, which must pass TLS through',
      ),
    annotations: annotations.describe("annotations that the cloud's controller reads, values in quotes"),
    class: className
      .optional()
      .describe('LoadBalancer: loadBalancerClass, who makes it; fixed when the Service is made'),
    sourceRanges: z
      .array(cidr)
      .default([])
      .describe('LoadBalancer: addresses that may come in (loadBalancerSourceRanges); all when empty'),
    address: z
      .ipv4()
      .optional()
      .describe('LoadBalancer: an address of yours that it gets, where the cloud lets one choose'),
    nodePorts: z
      .strictObject({ https: nodePort, http: nodePort })
      .optional()
      .describe('LoadBalancer, NodePort: ports of the nodes; the cluster chooses when left out'),
    externalTrafficPolicy: z
      .enum(['Local', 'Cluster'])
      .optional()
      .describe(
        "LoadBalancer, NodePort: `Local` (when left out) keeps the visitor's address; `Cluster` lets every node take visitors and hides their addresses, unless loadBalancer.proxyProtocol brings them",
      ),
  })
  .prefault({})
  .describe('the Service that visitors come in by');

/** The load balancer in front, which sends the visitor's address in a PROXY protocol header. */
export const proxyProtocol = z
  .strictObject({
    from: z
      .array(cidr)
      .min(1)
      .describe('addresses of that load balancer as pods see them: each of its connections must begin with a header'),
  })
  .optional()
  .describe(
    'PROXY protocol (v1 or v2) of a load balancer in front; a connection from any other address is its own visitor, and its header is refused',
  );

/** A content delivery network in front. */
export const cdn = z
  .strictObject({
    ranges: z.array(cidr).min(1).describe('addresses from which it asks'),
    header: z
      .string()
      .regex(/^[A-Za-z][-A-Za-z0-9]*$/, 'must be the name of a header, like "CF-Connecting-IP"')
      .default('X-Forwarded-For')
      .describe("header in which it tells the visitor's address; of several addresses the last one counts"),
  })
  .optional()
  .describe(
    'a content delivery network in front, which opens TLS: limits.connections… do not apply to it, and the visitor is who its header says; the header of any other client is never believed',
  );
