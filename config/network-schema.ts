import * as z from 'zod';
import { bytes, cidr, destination, domainName, storageQuantity } from './fields';
import { labels, namespaceName, otherPods } from './kubernetes-names';

const extraEgress = z.strictObject({
  from: z.enum(['load-balancer', 'web', 'app', 'worker', 'database']).describe('tier that may open the connection'),
  to: z
    .union([destination, otherPods])
    .describe(
      'address range with its mask ("203.0.113.7/32"), `internet` (every public address), pods in the cluster ({namespace, podLabels}), or a host name where cluster.networkPolicies is `cilium`',
    ),
  ports: z
    .array(z.number().int().min(1).max(65535))
    .min(1)
    .describe('TCP ports; of pods their own, not those of their Service'),
  reason: z.string().min(8).describe('what for; printed in the flow table'),
});

const extraIngress = z.strictObject({
  from: otherPods.describe('pods of another namespace that open the connection'),
  to: z
    .enum(['load-balancer', 'web', 'app'])
    .describe(
      'tier that they ask, at its own ports: app 8080, web 8443 (with a PROXY header), load-balancer 8443, 8080',
    ),
  reason: z.string().min(8).describe('what for; printed in the flow table'),
});

/** Exceptions to the flow table. */
export const firewall = z
  .strictObject({
    extraEgress: z.array(extraEgress).default([]).describe('named exceptions to the flow table'),
    extraIngress: z
      .array(extraIngress)
      .default([])
      .describe("ways in for pods of other namespaces, like an ingress controller's"),
  })
  .prefault({});

/** Protection at the edge. */
export const limits = z
  .strictObject({
    connectionsPerClient: z
      .number()
      .int()
      .min(10)
      .max(100_000)
      .default(500)
      .describe('open connections of one client address at each load balancer; more are refused'),
    connectionsPerSecondPerClient: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .default(200)
      .describe('new connections of one client address per second at each load balancer, over 10 s; more are refused'),
    requestsPerSecondPerClient: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .default(500)
      .describe('requests of one client address per second at each web server, bursts of as many; more get 429'),
    requestsAtOncePerClient: z
      .number()
      .int()
      .min(10)
      .max(65_535)
      .default(250)
      .describe(
        'requests of one client address, open WebSockets among them, that may run at the same time at each web server; more get 429',
      ),
    bodySize: storageQuantity
      .default('1Mi')
      .describe('largest request body, of any size ("2Gi"); a larger one gets 413'),
    uploadWindow: storageQuantity
      .default('64Ki')
      .refine((size) => bytes(size) >= 65_536 && bytes(size) <= 4_194_304, 'must be 64Ki to 4Mi')
      .describe(
        'bytes of one upload that are on their way at a time over HTTP/2: 64Ki are 1.3 MB/s for a visitor 50 ms away, 512Ki 10 MB/s; each of the requests that run at once may take as much memory of its web server, so fewer run at once: raise web.resources.limits.memory with it',
      ),
    headerSize: storageQuantity
      .default('8Ki')
      .refine((size) => bytes(size) <= 262_144, 'must be 1Ki to 256Ki')
      .describe('longest line of a request header, and a quarter of the longest header; a longer one gets 414 or 431'),
    answerHeaderSize: storageQuantity
      .default('16Ki')
      .refine((size) => bytes(size) >= 4096 && bytes(size) <= 262_144, 'must be 4Ki to 256Ki')
      .describe('longest header of an answer, cookies included; the visitor of a longer one gets 503'),
    headerSeconds: z
      .number()
      .int()
      .min(1)
      .max(60)
      .default(15)
      .describe('seconds in which the whole header of a request must arrive; a slower connection is closed'),
    bodySeconds: z
      .number()
      .int()
      .min(1)
      .max(300)
      .default(20)
      .describe('longest pause, in seconds, while a body arrives or an answer is taken; a slower connection is closed'),
  })
  .prefault({})
  .describe('protection at the edge; a client is an address, so think of offices behind one');

/** Facts about the cluster. */
export const cluster = z
  .strictObject({
    domain: domainName.default('cluster.local').describe('DNS suffix of Services'),
    podCidrs: z.array(cidr).min(1).default(['10.244.0.0/16']).describe('addresses of pods'),
    serviceCidrs: z.array(cidr).min(1).default(['10.96.0.0/16']).describe('addresses of Services'),
    nodeCidrs: z
      .array(cidr)
      .min(1)
      .default(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'])
      .describe('addresses of nodes and API server; pods and Services are taken out of them'),
    apiServerPort: z
      .number()
      .int()
      .min(1)
      .max(65535)
      .default(6443)
      .describe("port of the API server's own endpoints (`kubectl get endpointslices kubernetes`), not of its Service"),
    kubeletCertificates: z
      .enum(['cluster-ca', 'self-signed'])
      .default('cluster-ca')
      .describe(
        "who signed the kubelets' serving certificates: `self-signed` (kubeadm and kind without serverTLSBootstrap) turns their verification off",
      ),
    networkPolicies: z
      .enum(['kubernetes', 'cilium'])
      .default('kubernetes')
      .describe(
        'who enforces: `cilium` adds a CiliumNetworkPolicy for API server and kubelets, which its ipBlocks never match',
      ),
    admissionPolicies: z
      .boolean()
      .default(false)
      .describe(
        "whether the API server refuses foreign pods in the site's namespaces: privileged ones, images that are not in the configuration, pods without a tier's labels",
      ),
    dns: z
      .strictObject({
        namespace: namespaceName.default('kube-system'),
        podLabels: labels.default({ 'k8s-app': 'kube-dns' }).describe('labels of the DNS pods'),
        port: z
          .number()
          .int()
          .min(1)
          .max(65535)
          .default(53)
          .describe("port of the DNS pods themselves, which policies see (OpenShift: 5353), not of the DNS' Service"),
        pods: z.boolean().default(true).describe('whether DNS runs in pods; false where addresses are all there is'),
        addresses: z
          .array(z.ipv4())
          .default([])
          .describe(
            'where DNS answers that is no pod, at port 53: NodeLocal caches (usually 169.254.20.10), Cloud DNS of GKE (169.254.169.254), the DNS Service of EKS Auto Mode',
          ),
      })
      .prefault({})
      .describe('where names are looked up'),
  })
  .prefault({})
  .describe('facts about the cluster that its API does not tell at synth time');
