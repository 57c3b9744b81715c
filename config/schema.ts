import { z } from 'zod';
import { cidr, cidrOrHostName, dnsLabel, domainName, imageReference, quantity, storageQuantity } from './fields';

/** Kubernetes' names of what a container is promised and may use. */
const resourceList = z.strictObject({
  cpu: quantity.describe('CPU, in cores ("0.5") or thousandths ("500m")'),
  memory: storageQuantity.describe('memory ("128Mi")'),
  'ephemeral-storage': storageQuantity.default('64Mi').describe('space for logs and emptyDirs ("64Mi")'),
});

/** `requests` are what the scheduler sets aside, `limits` what the kernel enforces. */
const resources = (cpu: string, memory: string, cpuLimit: string, memoryLimit: string) =>
  z
    .strictObject({
      requests: resourceList.prefault({ cpu, memory }),
      limits: resourceList.prefault({ cpu: cpuLimit, memory: memoryLimit, 'ephemeral-storage': '256Mi' }),
    })
    .prefault({})
    .describe('what each container of the tier is promised (requests) and may use at most (limits)');

const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(['Equal', 'Exists']).default('Equal'),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
});

const placement = z
  .strictObject({
    nodeSelector: z.record(z.string(), z.string()).default({}).describe('labels a node must bear'),
    tolerations: z.array(toleration).default([]).describe('taints of nodes that are accepted'),
  })
  .prefault({})
  .describe('which nodes the pods of the tier may run on');

const replicas = (least: number, most: number, usual: number) =>
  z.number().int().min(least).max(most).default(usual).describe(`number of pods, ${least} to ${most}`);

const autoscaling = (least: number, most: number) =>
  z
    .strictObject({
      minReplicas: replicas(least, most, 2),
      maxReplicas: replicas(least, most, 10),
      cpuPercent: z
        .number()
        .int()
        .min(10)
        .max(2000)
        .default(80)
        .describe('CPU use that is aimed at, in percent of requests.cpu; above 100 where limits.cpu leaves room'),
    })
    .refine(({ minReplicas, maxReplicas }) => minReplicas <= maxReplicas, {
      path: ['maxReplicas'],
      error: 'must be at least minReplicas',
    })
    .optional()
    .describe('lets the number of pods follow the CPU use; `replicas` is without effect then');

const code = z
  .discriminatedUnion('source', [
    z.strictObject({ source: z.literal('bundle') }).describe('the sample site of site/, bundled into a ConfigMap'),
    z
      .strictObject({
        source: z.literal('claim'),
        claimName: dnsLabel.describe('PersistentVolumeClaim in the site namespace that holds server.mjs and static/'),
      })
      .describe('an existing PersistentVolumeClaim, ReadWriteMany or ReadOnlyMany where pods run on several nodes'),
    z
      .strictObject({
        source: z.literal('image'),
        image: imageReference.describe('OCI image whose root holds server.mjs and static/'),
      })
      .describe('an OCI image, mounted as a read-only volume (Kubernetes 1.33 or newer)'),
  ])
  .prefault({ source: 'bundle' })
  .describe('where the code volume of app and web servers comes from');

const storage = (size: string) =>
  z
    .strictObject({
      size: storageQuantity.default(size).describe('size of each volume; may grow, never shrink'),
      storageClassName: dnsLabel.optional().describe("name of a StorageClass; the cluster's default when left out"),
    })
    .prefault({})
    .describe('the persistent volume of each pod');

const seconds = z.number().int().min(1);

const monitoringService = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('prometheus'),
      retention: z
        .string()
        .regex(/^\d+[hdwy]$/, 'must be a number and h, d, w or y, like "15d"')
        .default('15d')
        .describe('how long samples are kept'),
      storage: storage('10Gi'),
      resources: resources('50m', '192Mi', '1', '768Mi'),
    })
    .describe('Prometheus inside the cluster'),
  z
    .strictObject({
      type: z.literal('otlp'),
      endpoint: z.url({ protocol: /^https$/ }).describe('base address of an OTLP/HTTP receiver, https only'),
    })
    .describe('any OTLP/HTTP endpoint; an Authorization header is read from key `otlp-authorization` of the Secret')
    .transform((service) => ({ ...service, port: Number(new URL(service.endpoint).port || 443) })),
  z
    .strictObject({ type: z.literal('sumologic') })
    .describe('Sumo Logic; the address of its HTTP source is read from key `sumologic-endpoint` of the Secret')
    .transform((service) => ({ ...service, port: 443 })),
]);

const extraEgress = z.strictObject({
  from: z.enum(['load-balancer', 'web', 'app', 'database']).describe('tier that may open the connection'),
  to: cidrOrHostName.describe(
    'address range with its mask ("203.0.113.7/32"), or a host name where cluster.networkPolicies is `cilium`',
  ),
  ports: z.array(z.number().int().min(1).max(65535)).min(1).describe('TCP ports'),
  reason: z.string().min(8).describe('what for; printed in the flow table'),
});

/** One environment: everything that may differ between two deployments of the whiteboard. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('for editors'),
  name: dnsLabel
    .max(40)
    .default('foobar')
    .describe('name of the site: the namespace of its tiers; `<name>-monitoring` is that of its monitoring'),
  domain: domainName.describe('host name that visitors use'),
  imagePullPolicy: z
    .enum(['Always', 'IfNotPresent', 'Never'])
    .default('IfNotPresent')
    .describe('when images are pulled'),
  images: z
    .strictObject({
      haproxy: imageReference.default('docker.io/library/haproxy:3.2.26'),
      nginx: imageReference.default('docker.io/library/nginx:1.30.6'),
      node: imageReference.default('docker.io/library/node:24.22.2-slim'),
      mysql: imageReference.default('docker.io/library/mysql:9.7.4'),
      collector: imageReference.default('docker.io/otel/opentelemetry-collector-contrib:0.145.0'),
      prometheus: imageReference.default('docker.io/prom/prometheus:v3.5.3'),
    })
    .prefault({})
    .describe('the only table of images; a digest (name@sha256:…) is accepted'),
  loadBalancer: z
    .strictObject({
      replicas: replicas(1, 20, 2),
      resources: resources('50m', '64Mi', '1', '256Mi'),
      placement,
    })
    .prefault({}),
  web: z
    .strictObject({
      replicas: replicas(2, 50, 2),
      autoscaling: autoscaling(2, 50),
      resources: resources('50m', '48Mi', '1', '192Mi'),
      placement,
    })
    .prefault({}),
  app: z
    .strictObject({
      replicas: replicas(1, 50, 2),
      autoscaling: autoscaling(1, 50),
      resources: resources('50m', '96Mi', '1', '256Mi'),
      placement,
      code,
      databaseConnections: z
        .number()
        .int()
        .min(2)
        .max(200)
        .default(10)
        .describe('connections per pod and database Service'),
    })
    .prefault({}),
  database: z
    .strictObject({
      replicas: z.literal(1).default(1).describe('read replicas beside the one primary; this release runs exactly one'),
      resources: resources('100m', '512Mi', '2', '1Gi'),
      placement,
      storage: storage('10Gi'),
      terminationGracePeriodSeconds: seconds.min(120).max(3600).default(120).describe('time for a clean shutdown'),
    })
    .prefault({}),
  limits: z
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
        .describe(
          'new connections of one client address per second at each load balancer, over 10 s; more are refused',
        ),
      requestsPerSecondPerClient: z
        .number()
        .int()
        .min(1)
        .max(100_000)
        .default(500)
        .describe('requests of one client address per second at each web server, bursts of as many; more get 429'),
      bodySize: storageQuantity.default('1Mi').describe('largest request body; a larger one gets 413'),
    })
    .prefault({})
    .describe('protection at the edge; a client is an address, so think of offices behind one'),
  tls: z
    .strictObject({
      profile: z
        .enum(['modern', 'intermediate'])
        .default('intermediate')
        .describe('Mozilla TLS profile: modern is TLS 1.3 only, intermediate adds TLS 1.2'),
    })
    .prefault({}),
  secrets: z
    .strictObject({
      create: z
        .boolean()
        .default(true)
        .describe('whether `npm run secrets` may create what is missing; false where another tool owns the Secrets'),
      siteTls: dnsLabel.default('site-tls').describe('certificate of the site (tls.crt, tls.key)'),
      databaseTls: dnsLabel
        .default('database-tls')
        .describe('certificate of the databases and its CA (tls.crt, tls.key, ca.crt)'),
      databaseUsers: dnsLabel
        .default('database-users')
        .describe('passwords: root, app, replication, monitoring, backup'),
      databaseMonitoring: dnsLabel
        .default('database-monitoring')
        .describe('in the monitoring namespace: password of the monitoring user and ca.crt of the databases'),
      monitoringService: dnsLabel
        .default('monitoring-service')
        .describe('in the monitoring namespace: access to external monitoring services'),
    })
    .prefault({})
    .describe('names of the Secrets; their values are never part of the manifests'),
  monitoring: z
    .strictObject({
      services: z
        .array(monitoringService)
        .min(1)
        .refine((services) => new Set(services.map((s) => s.type)).size === services.length, {
          error: 'must name each type at most once',
        })
        .prefault([{ type: 'prometheus' }])
        .describe('where metrics and logs go; several at once are allowed'),
      environment: dnsLabel
        .optional()
        .describe(
          'what dashboards call this environment (`deployment.environment`), like "production"; the name of the site when left out',
        ),
      intervalSeconds: seconds.min(5).max(300).default(10).describe('time between two collections'),
      collectLogs: z
        .boolean()
        .default(true)
        .describe(
          'false: no hostPath, the monitoring namespace is `restricted` too and container logs are not shipped',
        ),
      resources: resources('50m', '128Mi', '500m', '256Mi'),
      tolerations: z
        .array(toleration)
        .prefault([{ operator: 'Exists', effect: 'NoSchedule' }])
        .describe('taints the collectors accept; by default they run on every node'),
    })
    .prefault({}),
  firewall: z
    .strictObject({
      extraEgress: z.array(extraEgress).default([]).describe('named exceptions to the flow table'),
    })
    .prefault({}),
  cluster: z
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
        .describe(
          "port of the API server's own endpoints (`kubectl get endpointslices kubernetes`), not of its Service",
        ),
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
      dns: z
        .strictObject({
          namespace: dnsLabel.default('kube-system'),
          podLabels: z.record(z.string(), z.string()).default({ 'k8s-app': 'kube-dns' }),
          nodeLocalAddress: z.ipv4().optional().describe('address of a node-local DNS cache, usually 169.254.20.10'),
        })
        .prefault({})
        .describe('the cluster DNS pods'),
    })
    .prefault({})
    .describe('facts about the cluster that its API does not tell at synth time'),
});

/** A validated environment with every default filled in. */
export type Config = Readonly<z.output<typeof configSchema>>;

/** What a container is promised and may use. */
export type Resources = Config['web']['resources'];

/** Which nodes a tier's pods may run on. */
export type Placement = Config['web']['placement'];
